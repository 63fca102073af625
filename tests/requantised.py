"""Writes a model anew with weights of another type, as the application does it."""

from __future__ import annotations

from pathlib import Path

from app.confined.process import own_command
from app.engine.child_process import ENGINE_ENVIRONMENT
from app.engine.interruption import Interruption
from app.engine.quantize import Quantization, quantize_order
from app.gguf.quantization import FILE_TYPES


def requantise(source: Path, destination: Path, quantization: str) -> Path:
    """Write `source` as `quantization` to `destination`, and give that."""
    file_type = next(number for number, name in FILE_TYPES.items() if name == quantization)
    destination.touch()
    order = quantize_order(source, (file_type,), destination)
    log = destination.with_name("quantize.log")
    with Quantization(own_command("--engine"), log, ENGINE_ENVIRONMENT, order, Interruption()) as process:
        process.write(file_type, lambda _: None)
    return destination
