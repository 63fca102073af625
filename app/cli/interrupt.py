"""Ctrl-C while a command works: it asks for an end, and cuts nothing in half."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def first_interrupt(ask_to_end: Callable[[], None]) -> Generator[None]:
    """Have the first Ctrl-C call `ask_to_end`; the next one ends the command at once, by `KeyboardInterrupt`.

    It comes between any two steps of the main thread, so `ask_to_end` may take no lock: it puts something in a queue.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:  # whoever started us wants it so, as a shell does with what runs in its background
        yield
        return

    def interrupted(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        ask_to_end()

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
