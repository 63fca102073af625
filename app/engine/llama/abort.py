"""Ends a running `llama_decode` from any thread."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

from app.engine.interruption import Interruption
from app.engine.llama.binding import api

_SET: Final = b"\x01"


class AbortSwitch:
    """Lets an `Interruption` stop the evaluation of a context, on the CPU after the graph node that is being computed.

    llama.cpp asks a C function after every node. Python would be asked for its lock 400 times a token, so the function
    is C's own `strlen`, and its text is one byte long as soon as somebody asks.
    """

    def __init__(self, context: api.llama_context_p) -> None:
        """Belong to `context`, and stay with it until it is freed."""
        self._context = context
        self._callback = _byte_is_set()
        self._byte: Any = None

    def arm(self, interruption: Interruption) -> None:
        """Listen to `interruption` from now on, and no longer to the one before."""
        self._byte = byte = ctypes.create_string_buffer(2)
        api.llama_set_abort_callback(self._context, self._callback, ctypes.cast(byte, ctypes.c_void_p))
        interruption.when_requested(lambda: _set(byte))


def _set(byte: ctypes.Array[ctypes.c_char]) -> None:
    byte[0] = _SET


def _byte_is_set() -> Any:  # noqa: ANN401 - ctypes has no name for the type of a function pointer
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    try:
        return ctypes.cast(library.strlen, api.ggml_abort_callback)
    except AttributeError:  # a C library without it: slower, and as right
        return api.ggml_abort_callback(_ask_python)


def _ask_python(address: int) -> bool:
    return ctypes.c_char.from_address(address).value == _SET
