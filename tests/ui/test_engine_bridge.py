"""What other threads say arrives on the GUI thread, in order."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from app.ui.engine_bridge import EngineBridge


def test_actions_arrive_in_order_on_the_thread_of_the_window(qtbot: QtBot) -> None:
    """A thousand of them, from a thread that does not wait."""
    bridge = EngineBridge()
    seen: list[tuple[int, int]] = []

    def speak() -> None:
        for number in range(1000):
            bridge.post(lambda number=number: seen.append((number, threading.get_ident())))

    speaker = threading.Thread(target=speak)
    speaker.start()
    qtbot.waitUntil(lambda: len(seen) == 1000)
    speaker.join()
    assert [number for number, _ in seen] == list(range(1000))
    assert {thread for _, thread in seen} == {threading.get_ident()}


def test_an_action_may_post_another(qtbot: QtBot) -> None:
    """It runs later, and is not lost."""
    bridge = EngineBridge()
    seen: list[str] = []
    bridge.post(lambda: bridge.post(lambda: seen.append("second")))
    qtbot.waitUntil(lambda: seen == ["second"])


def test_a_closed_bridge_runs_nothing(qtbot: QtBot) -> None:
    """What was posted before and what comes after is dropped: the window is gone."""
    bridge, other = EngineBridge(), EngineBridge()
    seen: list[str] = []
    bridge.post(lambda: seen.append("before"))
    bridge.close()
    bridge.post(lambda: seen.append("after"))
    other.post(lambda: seen.append("done"))
    qtbot.waitUntil(lambda: "done" in seen)
    assert seen == ["done"]


def test_a_mistake_in_one_action_takes_no_other_along(qtbot: QtBot) -> None:
    """It is raised for the log, and what came with it and after it still arrives, in order."""
    bridge = EngineBridge()
    seen: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as mistakes:
        for action in (lambda: seen.append("before"), fail, lambda: seen.append("with it")):
            bridge.post(action)
        qtbot.waitUntil(lambda: "before" in seen)
        bridge.post(lambda: seen.append("after"))
        qtbot.waitUntil(lambda: "after" in seen)
    assert seen == ["before", "with it", "after"]
    assert [kind for kind, *_ in mistakes] == [ZeroDivisionError]
