"""A process that does nothing but decode: what the application makes of llama.cpp's speed is measured against it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from app.confined.framing import FramingError
from app.confined.process import ConfinedProcess
from app.engine import wire
from app.engine.bare_loop_wire import Again, BareLoopOrder, Looped, decode_report, encode
from app.engine.engine import EngineError
from app.engine.engine_death import death_error
from app.engine.requests import GenerationRequest, LoadRequest


class BareLoop:
    """Writes one reply again and again, as confined as an engine, without events and without text. Use it as a context.

    It belongs to one thread, which must live as long as it does.
    """

    def __init__(
        self, command: Sequence[str], log_path: Path, environment: Mapping[str, str], order: BareLoopOrder
    ) -> None:
        """Start a process by `command`. Raises `EngineError` when that cannot be, or when it loads nothing."""
        try:
            self._process = ConfinedProcess(command, log_path, environment)
        except OSError as error:
            raise EngineError("The engine could not be started.", details=str(error)) from error
        try:
            self._ask(encode(order))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """It has been started already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def measure(self) -> float | None:
        """Write the reply once more, and give the tokens a second; None when it has none. Raises `EngineError`."""
        looped = self._ask(encode(Again()))
        return looped.tokens / looped.seconds if looped.seconds else None

    def close(self) -> None:
        """End the process."""
        self._process.end()

    def _ask(self, question: bytes) -> Looped:
        with contextlib.suppress(OSError):  # it has just died: its pipe's end will tell
            self._process.writer.write(question)
        try:
            frame = self._process.reader.read()
            report = None if frame is None else decode_report(frame)
        except (FramingError, wire.WireError):
            self._process.kill()
            report = None
        if report is None:
            raise death_error(self._process.diagnose_end(), None)
        if isinstance(report, wire.Failed):
            raise wire.failure_error(report)
        return report


def bare_loop_order(load: LoadRequest, request: GenerationRequest, tokens: int) -> BareLoopOrder:
    """Say what to write: the reply to `request`, of at most so many tokens."""
    return BareLoopOrder(wire.load_order(load), wire.generate_order(0, request).request, tokens)
