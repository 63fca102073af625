"""Brings a file's pages into memory, so that a load shows how far it is: llama.cpp maps the file and says nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from app.hardware import memory

_SLICE_BYTES: Final = 4 * 1024 * 1024


def page_in(parts: Sequence[Path], report: Callable[[float], None], is_wanted: Callable[[], bool]) -> None:
    """Read the files `parts`, as far as memory is free for them, while `is_wanted`. Reports fractions of their bytes.

    What is larger than the free memory is not read to its end: the later pages would push out the earlier ones.
    Raises `OSError` when the disk does not give the bytes.
    """
    total = sum(part.stat().st_size for part in parts) or 1
    room = memory().available_bytes
    done = 0
    for count in _slices(parts):
        done += count
        report(done / total)
        if done >= room or not is_wanted():
            return


def _slices(parts: Sequence[Path]) -> Iterator[int]:
    buffer = bytearray(_SLICE_BYTES)
    for part in parts:
        with part.open("rb", buffering=0) as file:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
            while count := file.readinto(buffer):
                yield count
