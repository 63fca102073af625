"""The memory of a context as llama.cpp has it: positions, and bytes that can be taken out and put back."""

from __future__ import annotations

import ctypes
import mmap
from enum import IntEnum
from typing import Any, Final

from app.engine.engine import EngineError
from app.engine.llama.binding import api
from app.engine.llama.memory.sequence_states import Bytes

_SEQUENCE: Final = 0
_TO_THE_END: Final = -1
_LARGE: Final = 1024 * 1024
_states: Any = api  # for functions of which the binding names the C types where ctypes takes plain numbers


class Extent(IntEnum):
    """How much of a memory is meant, in llama.cpp's numbers."""

    WHOLE = 0
    UNCUTTABLE = 1
    """Sliding windows and recurrent states only: what a cut does not bring back."""


class SequenceMemory:
    """The one sequence of a context, without a ledger of its tokens."""

    def __init__(self, context: api.llama_context_p) -> None:
        """Belong to `context`. Raises `EngineError` when it has no memory."""
        memory = api.llama_get_memory(context)
        if not memory:
            raise EngineError("The model keeps no memory of its prompt, and so cannot write.")
        self._context = context
        self._memory = memory
        self.rollback = api.llama_n_rs_seq(context)
        """How many tokens of one evaluation a recurrent state can take back."""

    @property
    def oldest(self) -> int:
        """The smallest position that every layer still has; -1 when it is empty."""
        return api.llama_memory_seq_pos_min(self._memory, _SEQUENCE)

    @property
    def n_tokens(self) -> int:
        """How many tokens it ends after."""
        return api.llama_memory_seq_pos_max(self._memory, _SEQUENCE) + 1

    def clear(self) -> None:
        """Empty it."""
        api.llama_memory_clear(self._memory, False)  # the buffers need not be zeroed

    def wipe(self) -> None:
        """Empty it, and zero its buffers: what is no number spoils every sum that it is in, even nought times."""
        api.llama_memory_clear(self._memory, True)

    def cut(self, n_tokens: int) -> bool:
        """Take away all but the first `n_tokens`; False when a recurrent state is in the way."""
        return api.llama_memory_seq_rm(self._memory, _SEQUENCE, n_tokens, _TO_THE_END)

    def size_bytes(self, extent: Extent) -> int:
        """How many bytes `take` would give."""
        return _states.llama_state_seq_get_size_ext(self._context, _SEQUENCE, extent)

    def take(self, extent: Extent) -> memoryview:
        """Copy what is there. Empty when llama.cpp could not."""
        data = _room(self.size_bytes(extent))
        written = _states.llama_state_seq_get_data_ext(self._context, _address(data), len(data), _SEQUENCE, extent)
        return data if written == len(data) else data[:0]

    def put(self, data: Bytes, extent: Extent) -> bool:
        """Have `data` in place of what is there; False when llama.cpp refuses it, and then anything may be there."""
        return bool(_states.llama_state_seq_set_data_ext(self._context, _address(data), len(data), _SEQUENCE, extent))


def _room(size: int) -> memoryview:
    """Give memory to copy into, in large pages where the system has them.

    44 MiB are copied in 4 ms then, and in 48 ms when Python fills them with zeros first. They go back to the system as
    soon as nobody needs them.
    """
    if size < _LARGE:
        return memoryview(bytearray(size))
    if not hasattr(mmap, "MAP_PRIVATE"):  # Windows
        return memoryview(mmap.mmap(-1, size))
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(pages)


def _address(data: Bytes) -> Any:  # noqa: ANN401 - ctypes has no name for what it takes as a pointer
    if isinstance(data, bytes):
        return ctypes.cast(ctypes.c_char_p(data), ctypes.POINTER(ctypes.c_uint8))
    writable = bytearray(data) if isinstance(data, memoryview) and data.readonly else data
    return (ctypes.c_uint8 * len(writable)).from_buffer(writable)
