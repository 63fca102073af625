"""Reading and writing a file at a place, from several threads at once."""

from __future__ import annotations

import os
import sys
import threading

if sys.platform == "win32":
    _seeking = threading.Lock()

    def read_at(handle: int, size_bytes: int, offset: int) -> bytes:
        """Give up to `size_bytes` bytes from `offset` on."""
        with _seeking:
            os.lseek(handle, offset, os.SEEK_SET)
            return os.read(handle, size_bytes)

    def write_at(handle: int, content: bytes | memoryview, offset: int) -> int:
        """Write `content` at `offset`; gives how much of it was written."""
        with _seeking:
            os.lseek(handle, offset, os.SEEK_SET)
            return os.write(handle, content)

else:

    def read_at(handle: int, size_bytes: int, offset: int) -> bytes:
        """Give up to `size_bytes` bytes from `offset` on."""
        return os.pread(handle, size_bytes, offset)

    def write_at(handle: int, content: bytes | memoryview, offset: int) -> int:
        """Write `content` at `offset`; gives how much of it was written."""
        return os.pwrite(handle, content, offset)


if sys.platform == "linux":

    def sync(handle: int) -> None:
        """Have the disk hold what was written."""
        os.fdatasync(handle)

else:

    def sync(handle: int) -> None:
        """Have the disk hold what was written."""
        os.fsync(handle)
