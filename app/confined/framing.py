"""Whole byte strings over a pipe: four bytes of length, little endian, then the bytes."""

from __future__ import annotations

import contextlib
import os
import struct
import threading
from typing import BinaryIO, Final

MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct("<I")
_BUFFER_BYTES: Final = 64 * 1024


class FramingError(Exception):
    """What came over the pipe is not a whole frame of an allowed size."""


class FrameReader:
    """Takes frames from a file descriptor, which it owns. For one thread."""

    def __init__(self, descriptor: int) -> None:
        """Read from `descriptor`, in blocks."""
        self._file: BinaryIO = os.fdopen(descriptor, "rb", buffering=_BUFFER_BYTES)

    def read(self) -> bytes | None:
        """Wait for the next frame; None when the other end has closed the pipe between two of them.

        Raises `FramingError` for a frame that is cut off or larger than `MAX_FRAME_BYTES`.
        """
        head = self._file.read(_LENGTH.size)
        if not head:
            return None
        size = self._size(head)
        body = self._file.read(size)
        if len(body) < size:
            raise FramingError(f"The pipe closed after {len(body)} of {size} bytes of a frame.")
        return body

    def close(self) -> None:
        """Give the descriptor back."""
        self._file.close()

    @staticmethod
    def _size(head: bytes) -> int:
        if len(head) < _LENGTH.size:
            raise FramingError(f"The pipe closed after {len(head)} bytes of a frame's length.")
        size: int = _LENGTH.unpack(head)[0]
        if size > MAX_FRAME_BYTES:
            raise FramingError(f"A frame of {size} bytes is larger than the {MAX_FRAME_BYTES} that are allowed.")
        return size


class FrameWriter:
    """Puts frames into a file descriptor, which it owns. Any thread may write; frames never mix."""

    def __init__(self, descriptor: int) -> None:
        """Write to `descriptor`."""
        self._descriptor: int | None = descriptor
        self._lock = threading.Lock()

    def write(self, body: bytes) -> None:
        """Send one frame. Raises `OSError` when the other end, or this one, is closed."""
        if len(body) > MAX_FRAME_BYTES:
            raise FramingError(f"A frame of {len(body)} bytes is larger than the {MAX_FRAME_BYTES} that are allowed.")
        with self._lock:
            if self._descriptor is None:
                raise BrokenPipeError("This end of the pipe is closed.")
            rest = memoryview(_LENGTH.pack(len(body)) + body)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]

    def close(self) -> None:
        """Let the other end read its end of file. Twice does no harm."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):  # the pipe is broken already: closed is what we want
                os.close(descriptor)
