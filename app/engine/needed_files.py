"""Which files an engine process needs for what it is to load: all else it gives up."""

from __future__ import annotations

import contextlib

from app.confined.confinement import Confinement
from app.engine.requests import LoadRequest
from app.gguf.parts import parts_named
from app.paths import create_private_folder


def confinement_for(request: LoadRequest) -> Confinement:
    """Give what the process for `request` may touch. Makes its state folder: a rule needs one that is there."""
    named = (request.path, request.draft, *(adapter.path for adapter in request.adapters))
    parts = (part for path in named if path is not None for part in (path, *parts_named(path)))
    read = tuple(part for part in dict.fromkeys(parts) if part.is_file())
    if request.state_folder is None:
        return Confinement(read)
    with contextlib.suppress(OSError):  # then nothing can be kept there, and whoever tries says why
        create_private_folder(request.state_folder)
    return Confinement(read, (request.state_folder,))
