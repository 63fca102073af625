"""A process that writes a model file anew with weights of another kind, and can touch nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.engine.asked_process import AskedProcess
from app.engine.interruption import Interruption
from app.engine.quantize_wire import QuantizeOrder, Write, Writing, encode, foreseen, writings

_PATIENCE_S: Final = 900.0
"""For one tensor, of which large models have some with a billion weights, on a slow machine."""


class Quantization(AskedProcess):
    """Reads `source`, of all its parts."""

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
        source = Path(os.fsdecode(order.source))
        super().__init__(command, log_path, environment, _PATIENCE_S, source, interruption)
        self.sizes_bytes = self.begin(encode(order), foreseen).sizes_bytes
        """How large the file would be as each of the order's file types."""

    def write(self, file_type: int, report: Callable[[float], None]) -> None:
        """Write the destination, telling fractions from 0 to 1. Raises `EngineError`; then there is no model there."""
        answer = self.ask(encode(Write(file_type)), writings)
        while isinstance(answer, Writing):
            report(answer.fraction)
            answer = self.hear(writings)


def quantize_order(
    source: Path, file_types: Sequence[int], destination: Path | None = None, threads: int = 1
) -> QuantizeOrder:
    """Say which file to read, what to tell of it, and which file to write, if any."""
    place = None if destination is None else os.fsencode(destination)
    return QuantizeOrder(os.fsencode(source), tuple(file_types), place, threads)
