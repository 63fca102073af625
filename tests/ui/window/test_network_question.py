"""The question before Paddock connects, in the window, asked by those who really stand at the gate."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.models.download.download import DownloadState
from app.network.errors import GateClosedError, NetworkError, NotAllowedError
from app.network.gate import Answer, NetworkPolicy
from app.network.purpose import Purpose, PurposeKind
from app.ui.network_question import NetworkQuestion
from tests.fakes import FakeEngine
from tests.hub_server.server import HubServer, hub_server
from tests.ui.hands import press
from tests.ui.window.downloading import Downloading, make_repository, prepare
from tests.ui.window.use import OpenWindow, Use

SEARCH = Purpose(PurposeKind.SEARCH, "german letters")
HOST = "huggingface.co"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine has a say."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """A hub that may be asked only after the user was."""
    with hub_server(make_repository(tmp_path / "on-the-hub")) as running:
        prepare(tmp_path / "home", running, NetworkPolicy.ASK)
        yield running


def stand_at_the_gate(use: Use, purpose: Purpose = SEARCH, host: str = HOST) -> Future[None]:
    """Want to pass, on a thread of one's own; the future ends as the gate decides."""
    passed: Future[None] = Future()

    def work() -> None:
        try:
            passed.set_result(use.desktop.parts.online.gate.pass_or_raise(purpose, host))
        except NetworkError as error:
            passed.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return passed


def is_asked(use: Use) -> bool:
    """Whether a question is seen."""
    return any(each.isVisible() for each in use.window.findChildren(NetworkQuestion))


def question(use: Use) -> NetworkQuestion:
    """The question that is seen now."""
    use.until(lambda: is_asked(use))
    return next(each for each in use.window.findChildren(NetworkQuestion) if each.isVisible())


def asked_in(use: Use) -> str:
    """What the question that is seen asks."""
    card = question(use).findChild(QWidget, "network_question_card")
    assert card is not None
    return card.accessibleName()


def told_in(use: Use) -> str:
    """What the question that is seen tells of what would be sent."""
    card = question(use).findChild(QWidget, "network_question_card")
    assert card is not None
    return card.accessibleDescription()


def answer_twice(use: Use, button: str) -> None:
    """For the hub, and for the host that delivers its files, which here is another one."""
    hosts: set[str] = set()
    for _ in range(2):
        use.until(lambda: is_asked(use) and asked_in(use) not in hosts)
        hosts.add(asked_in(use))
        use.press(button)


def test_nothing_is_sent_before_the_answer(start: OpenWindow, hub: HubServer, engine: FakeEngine) -> None:
    """A download stands at the gate until somebody lets it pass; the host is then allowed for this run."""
    with start(engine) as use:
        downloading = Downloading(use, hub)
        downloading.get("First")
        assert "Download of First" in asked_in(use)
        assert hub.log.requests == ()
        answer_twice(use, "answer_once_button")
        downloading.until_state("First", DownloadState.FINISHED)
        assert use.desktop.parts.online.grants.hosts(PurposeKind.DOWNLOAD) == ()


def test_the_question_says_what_goes_to_which_host(start: OpenWindow, hub: HubServer, engine: FakeEngine) -> None:
    """The access token is for the hub; a host that it leads on to gets none. What was sent before is not denied."""
    with start(engine) as use:
        downloading = Downloading(use, hub)
        downloading.get("First")
        to_hub = told_in(use)
        assert "your access token if you keep one" in to_hub
        first = asked_in(use)
        use.press("answer_once_button")
        use.until(lambda: is_asked(use) and asked_in(use) != first)
        assert "your access token is not sent there" in told_in(use)
        assert "if you keep one" not in told_in(use)
        assert "For this, nothing has been sent there yet." in told_in(use)
        use.press("answer_no_button")


def test_escape_is_a_no(start: OpenWindow, hub: HubServer, engine: FakeEngine) -> None:
    """The download stops with a sentence, nothing was sent, and trying again asks again."""
    with start(engine) as use:
        downloading = Downloading(use, hub)
        downloading.get("First")
        question(use)
        press(Qt.Key.Key_Escape)
        downloading.until_state("First", DownloadState.FAILED)
        downloading.until_row("First", lambda words: "did not allow" in words)
        assert hub.log.requests == ()
        use.press("download_act_button")
        answer_twice(use, "answer_always_button")
        downloading.until_state("First", DownloadState.FINISHED)
        assert len(use.desktop.parts.online.grants.hosts(PurposeKind.DOWNLOAD)) == 2


def test_who_is_typing_agrees_to_nothing(use: Use) -> None:
    """A space or Enter that was meant for a message answers no question, and neither does a click beside it."""
    passed = stand_at_the_gate(use)
    asked = question(use)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Y):
        press(key)
    QTest.mouseClick(asked, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert asked.isVisible()
    assert not passed.done()
    use.press("answer_no_button")
    use.until(passed.done)
    assert isinstance(passed.exception(), NotAllowedError)


def test_tab_walks_the_answers(use: Use) -> None:
    """From the card to no, always, and for now; the keyboard stays inside."""
    passed = stand_at_the_gate(use)
    question(use)
    names: list[str] = []
    for _ in range(3):
        press(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        names.append(focused.objectName() if focused is not None else "")
    assert names == ["answer_no_button", "answer_always_button", "answer_once_button"]
    press(Qt.Key.Key_Return)
    use.until(passed.done)
    assert passed.exception() is None


def test_questions_come_one_after_another(use: Use) -> None:
    """Each is answered for itself; the same is asked once, however many want to pass."""
    same = [stand_at_the_gate(use) for _ in range(3)]
    question(use)
    details = stand_at_the_gate(use, Purpose(PurposeKind.DETAILS, "owner/model"))
    use.press("answer_once_button")
    use.until(lambda: all(passed.done() for passed in same))
    use.until(lambda: is_asked(use) and "owner/model" in asked_in(use))
    use.press("answer_no_button")
    use.until(details.done)
    assert isinstance(details.exception(), NotAllowedError)


def test_closing_the_window_answers_no(start: OpenWindow, engine: FakeEngine) -> None:
    """Nobody waits for ever, also not who comes when the window is closing."""
    with start(engine) as use:
        passed = stand_at_the_gate(use)
        question(use)
        ask = use.desktop.parts.online.gate.ask
    assert isinstance(passed.exception(timeout=10), NotAllowedError)
    assert ask is not None
    late: Future[Answer] = Future()
    threading.Thread(target=lambda: late.set_result(ask(SEARCH, HOST)), daemon=True).start()
    assert late.result(timeout=10) is Answer.NO


def test_the_offline_switch_answers_too(use: Use) -> None:
    """Whoever closes the gate has said no to all that stand before it."""
    passed = stand_at_the_gate(use)
    question(use)
    use.desktop.offline.toggle()
    use.until(lambda: passed.done() and not is_asked(use))
    assert isinstance(passed.exception(), GateClosedError)


def test_the_window_does_not_wait_for_itself(use: Use) -> None:
    """A mistake in the program is an error at once, not a window that hangs."""
    ask = use.desktop.parts.online.gate.ask
    assert ask is not None
    with pytest.raises(RuntimeError):
        ask(SEARCH, HOST)
