"""Builds of llama.cpp that lie beside the one that came with Paddock, such as one for a graphics processor.

Each is a folder with llama.cpp's libraries, all of the version that the binding was made for.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engine.engine import EngineError
from app.errors import Fault

LIBRARY_PATH_VARIABLE: Final = "LLAMA_CPP_LIB_PATH"
"""Read by the binding when it is imported: where it finds its libraries."""
_NAMES: Final = {
    "win32": ("llama.dll", "libllama.dll"),
    "darwin": ("libllama.dylib", "libllama.so"),
}


class EngineBuildError(EngineError):
    """An engine build that was chosen cannot be used."""

    fault = Fault.USER


@dataclass(frozen=True, slots=True)
class EngineBuild:
    """One build: its folder's name is its own."""

    name: str
    folder: Path


def list_builds(folder: Path | None) -> tuple[EngineBuild, ...]:
    """Give the builds that lie in `folder`, by name."""
    if folder is None or not folder.is_dir():
        return ()
    return tuple(EngineBuild(each.name, each) for each in sorted(folder.iterdir()) if library_file(each) is not None)


def find_build(folder: Path | None, name: str) -> EngineBuild:
    """Give the build `name`. Raises `EngineBuildError` when there is none."""
    builds = list_builds(folder)
    for build in builds:
        if build.name == name:
            return build
    raise EngineBuildError(
        "There is no engine build named {name}.",
        next_step=(
            "Choose one of these in the settings: {names}; or none, for the one that came with Paddock."
            if builds
            else "Choose none in the settings: then the one that came with Paddock is used."
        ),
        name=name,
        names=", ".join(build.name for build in builds),
    )


def library_file(folder: Path) -> Path | None:
    """Find llama.cpp's own library in `folder`; None when there is none."""
    candidates = (folder / name for name in _NAMES.get(sys.platform, ("libllama.so",)))
    return next((path for path in candidates if path.is_file()), None)
