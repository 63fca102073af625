"""How fast memory can be read: a model's weights are read once for every token, so nothing writes faster than that."""

from __future__ import annotations

import ctypes
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

_BYTES_A_THREAD: Final = 64 * 1024 * 1024
"""More than a cache holds."""
_ROUNDS: Final = 5


def memory_bytes_per_s(threads: int) -> float:
    """Read some memory with so many threads at once, several times, and give the best rate.

    C's own `memchr` looks for a byte that is not there: it reads with the widest instructions there are, writes
    nothing, and Python's lock is free meanwhile.
    """
    search = _memchr()
    blocks = [ctypes.create_string_buffer(_BYTES_A_THREAD) for _ in range(threads)]
    for block in blocks:
        ctypes.memset(block, 1, _BYTES_A_THREAD)  # pages that were never written are all the same one

    def read(block: Any) -> None:  # noqa: ANN401 - ctypes' arrays have no common name
        search(block, 2, _BYTES_A_THREAD)

    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            list(pool.map(read, blocks))
            best = max(best, threads * _BYTES_A_THREAD / (time.perf_counter() - began))
    return best


def _memchr() -> Any:  # noqa: ANN401 - ctypes has no name for a function of a library
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    search = library.memchr
    search.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
    search.restype = ctypes.c_void_p
    return search
