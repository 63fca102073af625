"""How one thread asks another to end."""

from __future__ import annotations

import threading

from app.engine.interruption import Interruption


def test_an_action_runs_once_however_often_somebody_asks() -> None:
    """The second request has no effect."""
    interruption, calls = Interruption(), list[str]()
    interruption.when_requested(lambda: calls.append("first"))
    assert not interruption.requested
    for _ in range(3):
        interruption.request()
    assert interruption.requested
    assert calls == ["first"]


def test_a_request_before_the_work_is_not_lost() -> None:
    """Who listens later hears it at once."""
    interruption, calls = Interruption(), list[str]()
    interruption.request()
    interruption.when_requested(lambda: calls.append("late"))
    assert calls == ["late"]


def test_many_threads_may_ask_and_listen() -> None:
    """Each action runs exactly once, whoever comes first."""
    interruption, calls = Interruption(), list[int]()
    start = threading.Barrier(8)

    def listen(number: int) -> None:
        start.wait()
        interruption.when_requested(lambda: calls.append(number))

    def ask() -> None:
        start.wait()
        interruption.request()

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(6)]
    threads += [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(calls) == list(range(6))
