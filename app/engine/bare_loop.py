"""A process that does nothing but decode: what the application makes of llama.cpp's speed is measured against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from app.engine import wire
from app.engine.asked_process import AskedProcess
from app.engine.bare_loop_wire import Again, BareLoopOrder, answers, encode
from app.engine.requests import GenerationRequest, LoadRequest

_PATIENCE_S: Final = 600.0
"""For a load from a slow disk, or for writing one reply: what takes longer has come to a standstill."""


class BareLoop(AskedProcess):
    """Writes one reply again and again, as confined as an engine, without events and without text."""

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        environment: Mapping[str, str],
        order: BareLoopOrder,
        *,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        """Start a process by `command`. Raises `EngineError` when that cannot be, or when it loads nothing.

        The load, and each reply, may take `patience_s`.
        """
        super().__init__(command, log_path, environment, patience_s)
        self.begin(encode(order), answers)

    def measure(self) -> float | None:
        """Write the reply once more, and give the tokens a second; None when it has none. Raises `EngineError`."""
        looped = self.ask(encode(Again()), answers)
        return looped.tokens / looped.seconds if looped.seconds else None


def bare_loop_order(load: LoadRequest, request: GenerationRequest, tokens: int) -> BareLoopOrder:
    """Say what to write: the reply to `request`, of at most so many tokens."""
    return BareLoopOrder(wire.load_order(load), wire.generate_order(0, request).request, tokens)
