"""llama.cpp's own cache: `<owner>_<repository>_<file>.gguf`, all in one folder.

It is `$LLAMA_CACHE`, else `llama.cpp` among the caches of the system. A note `manifest=<owner>=<repository>=<tag>.json`
beside them tells which projector a model has. Since 2026 llama.cpp keeps what it downloads in the cache of Hugging
Face, and `$LLAMA_CACHE` moves that one: both forms are looked for. Source: `fs_get_cache_directory` in
`common/common.cpp`, and `common/hf-cache.cpp`, of ggml-org/llama.cpp.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.gguf_files import models_of_a_folder
from app.models.elsewhere.hugging_face import models_of_cache
from app.models.elsewhere.notes import objects, parse_object
from app.models.elsewhere.places import Places, System
from app.models.elsewhere.search import Search

_NOTE_FIELDS: Final = 4


def find(places: Places, search: Search) -> Iterator[FoundModel]:
    """Give the models of llama.cpp's cache."""
    moved = places.variable("LLAMA_CACHE")
    for folder in folders(places):
        entries = [Path(entry.path) for entry in search.listed(folder)]
        projectors = _noted_projectors(search, folder, entries)
        files = [path for path in entries if search.is_gguf(path, folder)]
        for model in models_of_a_folder(search, files, OtherApplication.LLAMA_CPP):
            noted = projectors.get(model.path.name)
            yield replace(model, projector=noted) if noted in files else model
        if folder == moved:
            yield from models_of_cache(search, folder, OtherApplication.LLAMA_CPP)


def folders(places: Places) -> list[Path]:
    """Give the folders that can be its cache."""
    if places.system is System.LINUX:
        usual = places.variable("XDG_CACHE_HOME") or places.home / ".cache"
    elif places.system is System.MACOS:
        usual = places.home / "Library" / "Caches"
    else:
        usual = places.data_home
    moved = places.variable("LLAMA_CACHE")
    return [*([moved] if moved else []), usual / "llama.cpp"]


def _noted_projectors(search: Search, folder: Path, entries: list[Path]) -> dict[str, Path]:
    """Which file is the projector of which, as the notes say it."""
    projectors: dict[str, Path] = {}
    for path in entries:
        fields = path.stem.split("=")
        if fields[0] == "manifest" and path.suffix == ".json" and len(fields) == _NOTE_FIELDS:
            note = parse_object(search, path, folder)
            model, projector = (_file_name(note.get(key), fields[1], fields[2]) for key in ("ggufFile", "mmprojFile"))
            if model and projector:
                projectors[model] = folder / projector
    return projectors


def _file_name(note: object, owner: str, repository: str) -> str | None:
    """What the file of a note is called in the cache."""
    name = next((entry.get("rfilename") for entry in objects([note])), None)
    return f"{owner}_{repository}_{name}".replace("/", "_") if isinstance(name, str) else None
