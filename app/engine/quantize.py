"""A process that writes a model file anew with weights of another kind, and can touch nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

from app.engine.asked_process import AskedProcess
from app.engine.engine import EngineDiedError, EngineError
from app.engine.interruption import Interruption
from app.engine.quantize_wire import QuantizeOrder, Write, Writing, encode, foreseen, writings
from app.errors import Fault

_Answer = TypeVar("_Answer")
_PATIENCE_S: Final = 900.0
"""For one tensor, of which large models have some with a billion weights, on a slow machine."""


class StoppedWorkError(EngineError):
    """It was ended because somebody asked."""

    fault = Fault.USER


class Quantization:
    """Reads `source`, of all its parts. Use it as a context.

    It belongs to one thread, which must live as long as it does. `interruption`, from any thread, ends the process:
    whatever is being waited for then raises `StoppedWorkError`.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        environment: Mapping[str, str],
        order: QuantizeOrder,
        interruption: Interruption,
    ) -> None:
        """Start a process by `command`. Raises `EngineError` when that cannot be, or when the source is no model.

        The destination of `order` must be there already: it is the one file that may be written.
        """
        self._interruption = interruption
        source = Path(os.fsdecode(order.source))
        self._process = AskedProcess(command, log_path, environment, _PATIENCE_S, source)
        interruption.when_requested(self._process.kill)
        try:
            self.sizes_bytes = self._asked(lambda: self._process.ask(encode(order), foreseen)).sizes_bytes
            """How large the file would be as each of the order's file types."""
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """It has been started already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    @property
    def process_id(self) -> int:
        """The process's id."""
        return self._process.pid

    def write(self, file_type: int, report: Callable[[float], None]) -> None:
        """Write the destination, telling fractions from 0 to 1. Raises `EngineError`; then there is no model there."""
        answer = self._asked(lambda: self._process.ask(encode(Write(file_type)), writings))
        while isinstance(answer, Writing):
            report(answer.fraction)
            answer = self._asked(lambda: self._process.hear(writings))

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        try:
            return ask()
        except EngineDiedError as error:
            raise stopped_or(error, self._interruption) from error


def quantize_order(
    source: Path, file_types: Sequence[int], destination: Path | None = None, threads: int = 1
) -> QuantizeOrder:
    """Say which file to read, what to tell of it, and which file to write, if any."""
    place = None if destination is None else os.fsencode(destination)
    return QuantizeOrder(os.fsencode(source), tuple(file_types), place, threads)


def stopped_or(error: EngineDiedError, interruption: Interruption) -> EngineError:
    """Say of a death that was asked for that it was."""
    return StoppedWorkError("It was stopped.") if interruption.requested else error
