"""Where the code of this process lies: Python, the application, and the native libraries it loads. For reading only."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_APPLICATION: Final = Path(__file__).resolve().parent.parent
_FROM_ENVIRONMENT: Final = ("LLAMA_CPP_LIB_PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def own_library_folders() -> tuple[Path, ...]:
    """Give the folders that code may still be loaded from.

    A folder that holds the user's home is none of them, even where `sys.path` names it, and neither is the folder the
    application was started from: only the application's own code in it.
    """
    found = (path for path in _named() if path.is_absolute() and not _holds_more_than_code(path))
    return tuple(dict.fromkeys(found))


def _named() -> Iterator[Path]:
    yield _APPLICATION
    yield _APPLICATION.parent / "resources"
    yield from _paths(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield Path(sys.base_prefix) / "lib"
    yield from _paths(entry for entry in sys.path if entry)
    yield from _paths(entry for name in _FROM_ENVIRONMENT for entry in os.environ.get(name, "").split(os.pathsep))
    if frozen := getattr(sys, "_MEIPASS", None):
        yield Path(frozen)
        yield Path(sys.executable).resolve().parent


def _paths(entries: Iterable[str]) -> Iterator[Path]:
    return (Path(entry) for entry in entries if entry)


def _holds_more_than_code(path: Path) -> bool:
    real = path.resolve()
    return Path.home().resolve().is_relative_to(real) or real in {_APPLICATION.parent, Path.cwd()}
