"""What the present thread is at, and where it began: each request belongs to an errand."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from app.network.purpose import Purpose


@dataclass(slots=True)
class Errand:
    """What the requests of one errand share.

    `began_here` is whether its first address was on this computer, None before there was one; `token_address` is the
    scheme, host and port that the access token went to first, the only ones that it may go to.
    """

    purpose: Purpose
    began_here: bool | None = None
    token_address: tuple[str, str, int | None] | None = None


_errand: Final[ContextVar[Errand | None]] = ContextVar("errand", default=None)


@contextmanager
def errand(purpose: Purpose) -> Generator[None]:
    """Make the requests of this thread within the block belong to `purpose`."""
    mark = _errand.set(Errand(purpose))
    try:
        yield
    finally:
        _errand.reset(mark)


def present_errand() -> Errand:
    """Give the errand of this thread; to have none is a mistake in the program, so it is no error for users."""
    found = _errand.get()
    if found is None:
        raise RuntimeError("A request without a purpose: it belongs inside Network.doing().")
    return found
