"""Another try where the hub is busy for a moment: after the wait that it asks for, if that is short."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from app.models.hub_refusals import RefusedAnswer, RefusedAnswerError

_BACK_OFF_S: Final = (0.5, 1.5)
"""Before the second try and the third."""
_LONGEST_ASKED_WAIT_S: Final = 20
"""Longer nobody waits for a page: then it is said when to come again."""
_STEP_S: Final = 0.1
_TOO_MANY: Final = 429
_TIMEOUT: Final = 408
_SERVER: Final = 500

T = TypeVar("T")


def never() -> bool:
    """Whether to stop: no."""
    return False


_is_stopped: Final[ContextVar[Callable[[], bool]]] = ContextVar("hub_is_stopped", default=never)


@contextmanager
def stopped_by(is_stopped: Callable[[], bool]) -> Generator[None]:
    """Have what waits on this thread within the block give up when `is_stopped` says so."""
    mark = _is_stopped.set(is_stopped)
    try:
        yield
    finally:
        _is_stopped.reset(mark)


def insist(ask: Callable[[], T]) -> T:
    """Give what `ask` gives, at the third try at the latest. Raises what it raises."""
    for back_off_s in _BACK_OFF_S:
        try:
            return ask()
        except RefusedAnswerError as refused:
            wait_s = _wait_s(refused.answer, back_off_s)
            if wait_s is None or not _waited(wait_s):
                raise
    return ask()


def _wait_s(answer: RefusedAnswer, back_off_s: float) -> float | None:
    """How long to leave the server alone; None where it will not do otherwise soon."""
    if answer.status not in {_TOO_MANY, _TIMEOUT} and answer.status < _SERVER:
        return None
    asked_s = answer.wait_s or 0
    return max(asked_s, back_off_s) if asked_s <= _LONGEST_ASKED_WAIT_S else None


def _waited(wait_s: float) -> bool:
    """Wait; whether anybody still wants to know."""
    is_stopped, until = _is_stopped.get(), time.monotonic() + wait_s
    while (left := until - time.monotonic()) > 0 and not is_stopped():
        time.sleep(min(_STEP_S, left))
    return not is_stopped()
