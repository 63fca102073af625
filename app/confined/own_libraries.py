"""Where the code of this process lies: Python, the application, and the native libraries it loads. For reading only."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_APPLICATION: Final = Path(__file__).resolve().parent.parent
_FROM_ENVIRONMENT: Final = ("LLAMA_CPP_LIB_PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def own_library_folders() -> tuple[Path, ...]:
    """Give the folders that code may still be loaded from.

    A folder that holds the user's home is none of them, even where `sys.path` names it, and neither is the folder the
    application was started from: only the application's own code in it.
    """
    found = (path for path in (*_known(), *_named()) if path.is_absolute() and not _holds_the_home(path))
    return tuple(dict.fromkeys(found))


def _known() -> Iterator[Path]:
    yield _APPLICATION
    yield _APPLICATION.parent / "resources"
    yield Path(sys.base_prefix) / "lib"
    yield from (Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    if frozen := getattr(sys, "_MEIPASS", None):
        yield Path(frozen)


def _named() -> Iterator[Path]:
    environment = (entry for name in _FROM_ENVIRONMENT for entry in os.environ.get(name, "").split(os.pathsep))
    entries = [entry for entry in (*sys.path, *environment) if Path(entry).is_absolute()]
    started_from = {str(_APPLICATION.parent), os.path.realpath(_working_folder())}
    return (Path(entry) for entry in entries if os.path.realpath(entry) not in started_from)


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it has been deleted
        return _APPLICATION.parent


def _holds_the_home(path: Path) -> bool:
    try:
        home = Path.home()
    except RuntimeError:  # a user without one
        return False
    return Path(os.path.realpath(home)).is_relative_to(os.path.realpath(path))
