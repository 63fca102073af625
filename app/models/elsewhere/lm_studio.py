"""LM Studio's models: `<models folder>/<publisher>/<repository>/<file>.gguf`, on every system alike.

Its home is the one that the file `.lmstudio-home-pointer` names, else `~/.cache/lm-studio` of older versions, else
`~/.lmstudio`; there `settings.json` says in `downloadsFolder` where the models are, else they are in `models`.
Source: `findLMStudioHome` in lmstudio-ai/lms, and its documentation of imports.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.gguf_files import models_of_one_repository
from app.models.elsewhere.notes import parse_object
from app.models.elsewhere.places import Places
from app.models.elsewhere.search import Search

_POINTER: Final = ".lmstudio-home-pointer"
_SETTINGS: Final = "settings.json"


def find(places: Places, search: Search) -> Iterator[FoundModel]:
    """Give LM Studio's models."""
    for folder in folders(places, search):
        for _, files in search.folders_below(folder):
            yield from models_of_one_repository(search, files, OtherApplication.LM_STUDIO)


def folders(places: Places, search: Search) -> list[Path]:
    """Give the folders that can hold its models: those of today, and those it has left behind."""
    homes = [places.home / ".lmstudio", places.home / ".cache" / "lm-studio"]
    pointed = places.path(search.read_text(places.home / _POINTER, places.home) or "", places.home)
    chosen: list[Path] = []
    for home in [*([pointed] if pointed else []), *homes]:
        folder = parse_object(search, home / _SETTINGS, home).get("downloadsFolder")
        path = places.path(folder, home) if isinstance(folder, str) else None
        chosen += [*([path] if path else []), home / "models"]
    return chosen
