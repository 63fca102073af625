"""A model file written anew by llama.cpp, with weights of another kind."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.confined.exit_diagnosis import lacks_memory
from app.engine.engine import EngineError, ModelFileError, NotEnoughMemoryError
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog, Sink, start_library
from app.engine.llama.loading.model_file import inspect_model_file
from app.errors import Fault

_ROWS_BYTES: Final = 512 * 1024 * 1024
"""As many rows of a tensor are held in memory at once as take no more; llama.cpp's own default are 8 GiB."""
_MIB: Final = 1024 * 1024
_TENSOR: Final = re.compile(rb"^size = +([0-9.]+) MiB")
"""What is said behind each tensor that is done: how much of the source that was."""
_TOTAL: Final = re.compile(rb"(model|quant) size += +([0-9.]+) MiB")
_SMALLEST_STEP: Final = 0.01


class UnwrittenCopyError(EngineError):
    """The operating system did not take the new file."""

    fault = Fault.MACHINE


class Quantizer:
    """Reads one model, of all its parts, and writes it as one file."""

    def __init__(self, source: Path, threads: int, sink: Sink) -> None:
        """Look at `source`. Raises `ModelFileError` for one that cannot be loaded either."""
        self._file = inspect_model_file(source)
        self._threads = threads
        self._sink = sink
        self._hear: Callable[[bytes], None] = sink
        self._log = LibraryLog(self._take)
        start_library()

    def size_as(self, file_type: int) -> int:
        """Say how many bytes the file would have: llama.cpp goes through it without converting anything."""
        said: dict[bytes, float] = {}

        def hear(text: bytes) -> None:
            if match := _TOTAL.search(text):
                said[match[1]] = float(match[2])

        self._run(Path(os.devnull), file_type, hear, is_dry=True)
        weights = {name: round(size * _MIB) for name, size in said.items()}
        return self._file.size_bytes - weights[b"model"] + weights[b"quant"]

    def write(self, destination: Path, file_type: int, report: Callable[[float], None]) -> None:
        """Write `destination`, telling fractions that only grow. Raises `EngineError`; then there is no model there."""
        done_bytes, last = 0.0, 0.0
        all_bytes = self._file.size_bytes

        def hear(text: bytes) -> None:
            nonlocal done_bytes, last
            self._sink(text)
            if match := _TENSOR.match(text):
                done_bytes += float(match[1]) * _MIB
                if done_bytes / all_bytes - last >= _SMALLEST_STEP:
                    last = min(1.0, done_bytes / all_bytes)
                    report(last)

        self._run(destination, file_type, hear, is_dry=False)
        report(1.0)

    def _take(self, text: bytes) -> None:
        self._hear(text)

    def _run(self, destination: Path, file_type: int, hear: Callable[[bytes], None], *, is_dry: bool) -> None:
        parameters = api.llama_model_quantize_default_params()
        parameters.ftype = file_type
        parameters.nthread = self._threads
        parameters.allow_requantize = True
        parameters.max_buf_size = _ROWS_BYTES
        parameters.dry_run = is_dry
        self._log.forget()
        self._hear = hear
        try:
            source, place = os.fsencode(self._file.path), os.fsencode(destination)
            code = api.llama_model_quantize(source, place, ctypes.pointer(parameters))
        finally:
            self._hear = self._sink
        if code:
            raise self._failure(self._log.complaints)

    def _failure(self, complaints: str) -> EngineError:
        name = self._file.path.name
        if "iostream" in complaints:
            return UnwrittenCopyError(
                "The copy of {name} could not be written to its end.",
                next_step="Check that there is room on the disk.",
                details=complaints,
                name=name,
            )
        if lacks_memory(complaints):
            return NotEnoughMemoryError(
                "There is not enough memory to convert {name}.",
                next_step="Close other programs, and try again.",
                details=complaints,
                name=name,
            )
        return ModelFileError(
            "{name} could not be converted: llama.cpp refuses it.",
            next_step="Its file may be damaged: check it, or download it again.",
            details=complaints,
            name=name,
        )
