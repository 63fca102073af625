"""Refuses a build of llama.cpp that is not what the binding was made for, before anything else of it is called."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

from app.engine.builds import EngineBuildError, library_file

EXPECTED_VERSIONS: Final = ("0.5.0-dev", "0.25.3")
"""Of llama-cpp-python 0.3.36. The layout of its structures belongs to them: with others it would write past an end."""
_FUNCTIONS: Final = ("llama_version", "ggml_version")
_CHOOSE_ANOTHER: Final = "Choose another engine build in the settings, or none for the one that came with Paddock."


def check_build(folder: Path) -> None:
    """Load the library in `folder` and ask for its versions. Raises `EngineBuildError` when they are not ours."""
    file = library_file(folder)
    if file is None:
        raise EngineBuildError(
            "There is no library of llama.cpp in {folder}.", next_step=_CHOOSE_ANOTHER, folder=str(folder)
        )
    library = _load(file, folder.name)
    found = tuple(_ask(library, function) for function in _FUNCTIONS)
    if found != EXPECTED_VERSIONS:
        raise EngineBuildError(
            "The engine build {name} has llama.cpp {found}, and this Paddock works with {expected}.",
            next_step=_CHOOSE_ANOTHER,
            name=folder.name,
            found=_in_words(found),
            expected=_in_words(EXPECTED_VERSIONS),
        )


def _load(file: Path, name: str) -> ctypes.CDLL:
    if sys.platform == "win32":
        os.add_dll_directory(str(file.parent))
    try:
        return ctypes.CDLL(str(file))
    except OSError as error:
        raise EngineBuildError(
            "The engine build {name} could not be loaded.", next_step=_CHOOSE_ANOTHER, details=str(error), name=name
        ) from error


def _in_words(versions: tuple[str, ...]) -> str:
    llama, ggml = versions
    return f"{llama} with ggml {ggml}"


def _ask(library: ctypes.CDLL, function: str) -> str:
    """Call a function that gives a text; "?" where the library does not have it."""
    try:
        ask = getattr(library, function)
    except AttributeError:
        return "?"
    ask.restype = ctypes.c_char_p
    answer = ask()
    return answer.decode("ascii", errors="replace") if answer else "?"
