"""llama.cpp itself: started once in a process, its log, its version, the functions of ggml below it."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from app.confined.exit_diagnosis import LAST_WORDS
from app.engine.builds import LIBRARY_PATH_VARIABLE
from app.engine.llama.binding import api

_DEBUG: Final = 1
_INFO: Final = 2
_WARNING: Final = 3
_ERROR: Final = 4
_CONTINUED: Final = 5
_KEPT_LINES: Final = 12
_STDERR: Final = 2

Sink: TypeAlias = Callable[[bytes], None]


class LibraryLog:
    """Takes what llama.cpp logs: passes it on, and keeps the last warnings and errors for an error's details."""

    def __init__(self, sink: Sink) -> None:
        """Pass each line, without debug ones, on to `sink`. One log at a time is in use: the last that was made."""
        self._sink = sink
        self._level = _INFO
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._listeners: list[list[str]] = []
        self._callback = api.llama_log_callback(self._take)  # kept: the library holds only a pointer
        api.llama_log_set(self._callback, ctypes.c_void_p(0))

    def forget(self) -> None:
        """Begin to keep anew."""
        self._lines.clear()

    @property
    def complaints(self) -> str:
        """The warnings and errors since `forget`, a line each."""
        return "\n".join(self._lines)

    @contextmanager
    def listen(self) -> Generator[list[str]]:
        """Give the list in which everything is written down meanwhile, debug lines too; joined, they are the text."""
        heard: list[str] = []
        self._listeners.append(heard)
        try:
            yield heard
        finally:
            self._listeners = [listener for listener in self._listeners if listener is not heard]

    def _take(self, level: int, text: bytes, _user_data: object) -> None:
        self._level = level = self._level if level == _CONTINUED else level
        for heard in self._listeners:
            heard.append(text.decode("utf-8", errors="replace"))
        if level == _DEBUG:
            return
        self._sink(text)
        if level in {_WARNING, _ERROR} and (line := text.decode("utf-8", errors="replace").strip()):
            self._lines.append(line)


@cache
def start_library() -> None:
    """Bring llama.cpp up. Once in a process; it stays. Should it find something impossible, that is printed first."""
    ggml_function("ggml_set_abort_callback", ctypes.c_void_p, _AbortCallback)(_say_last_words)
    _load_parts()
    api.llama_backend_init()


def _load_parts() -> None:
    """Load what a build keeps in libraries of its own, one for each kind of device, from beside it and nowhere else.

    llama.cpp itself would look beside the program and in the current folder, where anybody may have put something.
    """
    if ggml_function("ggml_backend_reg_count", ctypes.c_size_t)():
        return  # they are built in
    beside = Path(os.environ.get(LIBRARY_PATH_VARIABLE) or Path(str(api.__file__)).parent / "lib")
    ggml_function("ggml_backend_load_all_from_path", None, ctypes.c_char_p)(os.fsencode(beside))


@cache
def engine_build() -> str:
    """Name the build: the binding's version, llama.cpp's, and the commit of its core."""
    binding = importlib.metadata.version("llama-cpp-python")
    commit = ggml_function("ggml_commit", ctypes.c_char_p)().decode("ascii", errors="replace")
    version = api.llama_version().decode("ascii", errors="replace")
    return f"llama-cpp-python {binding}, llama.cpp {version} ({commit})"


def ggml_function(name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - ctypes has no better word for its types
    """Find a function of ggml through libllama: loading libggml by its own name would give a second copy of it.

    `result` and `arguments` are types of ctypes.
    """
    function = getattr(api._lib, name)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the only handle there is
    function.restype = result
    function.argtypes = list(arguments)
    return function


_AbortCallback: Final = ctypes.CFUNCTYPE(None, ctypes.c_char_p)


@_AbortCallback
def _say_last_words(message: bytes) -> None:
    """Print what was impossible, on a line that can be told from all others. The process ends when this returns."""
    os.write(_STDERR, b"\n%s%s\n" % (LAST_WORDS.encode(), message))
