"""What the other ends of the processes that are asked have in common: a failure is an answer too."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from app.engine import wire
from app.engine.engine import EngineError


@contextmanager
def failures_sent(send: Callable[[bytes], None]) -> Generator[None]:
    """Send an `EngineError` in place of the answer that it keeps from coming."""
    try:
        yield
    except EngineError as error:
        send(wire.encode(wire.failure_report(wire.LOAD_JOB, error)))


@contextmanager
def library_loading() -> Generator[None]:
    """Have an import that loads the library raise `EngineError` where it cannot: the library belongs to Paddock."""
    try:
        yield
    except (ImportError, OSError, RuntimeError) as error:
        raise EngineError(
            "The engine's library could not be loaded.",
            next_step="Install Paddock again.",
            details=f"{type(error).__name__}: {error}",
        ) from error
