"""The task bar of Windows, by its COM interface. Written for Windows and not run there yet."""

from __future__ import annotations

import ctypes
import uuid
from typing import Any, Final

_windows: Final[Any] = ctypes  # parts of it exist only there
_CLASS: Final = "{56FDF344-FD6D-11D0-958A-006097C9A090}"
_INTERFACE: Final = "{EA1AFB91-9E28-4B86-90E9-9E9F8A5EEFAF}"
"""ITaskbarList3, of Windows 7 and later."""
_IN_PROCESS: Final = 1
_INITIALISE, _SET_VALUE, _SET_STATE = 3, 9, 10
"""Places in the interface's table of functions."""
_NO_PROGRESS, _NORMAL = 0, 2
_WHOLE: Final = 100


class WindowsTaskBar:
    """Colours the window's button. COM has been begun on this thread by Qt."""

    def __init__(self, window: int) -> None:
        """`window` is the handle of the window. Raises `OSError`."""
        self._window = ctypes.c_void_p(window)
        self._interface = ctypes.c_void_p()
        ole = _windows.WinDLL("ole32")
        kind, interface = _identifier(_CLASS), _identifier(_INTERFACE)
        arguments = ctypes.byref(kind), None, _IN_PROCESS, ctypes.byref(interface), ctypes.byref(self._interface)
        _check(ole.CoCreateInstance(*arguments))
        self._call(_INITIALISE)

    def show_fraction(self, fraction: float | None) -> None:
        """Show so much; None shows nothing."""
        if fraction is None:
            self._call(_SET_STATE, self._window, ctypes.c_int(_NO_PROGRESS))
            return
        self._call(_SET_STATE, self._window, ctypes.c_int(_NORMAL))
        done = ctypes.c_uint64(round(fraction * _WHOLE))
        self._call(_SET_VALUE, self._window, done, ctypes.c_uint64(_WHOLE))

    def _call(self, place: int, *arguments: ctypes.c_void_p | ctypes.c_int | ctypes.c_uint64) -> None:
        table = ctypes.cast(self._interface, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))
        types = [type(argument) for argument in arguments]
        function = _windows.WINFUNCTYPE(ctypes.c_long, ctypes.c_void_p, *types)(table[0][place])
        _check(function(self._interface, *arguments))


def _identifier(text: str) -> ctypes.Array[ctypes.c_char]:
    """As COM has identifiers: sixteen bytes, the first three numbers in the processor's order."""
    return ctypes.create_string_buffer(uuid.UUID(text).bytes_le, 16)


def _check(result: int) -> None:
    if result < 0:
        raise OSError(f"the task bar of Windows said {result & 0xFFFFFFFF:#010x}")
