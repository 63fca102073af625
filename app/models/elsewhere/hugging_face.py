"""The cache of Hugging Face: `<cache>/models--<owner>--<repository>/snapshots/<commit>/<file>`.

What lies there are links to `<repository>/blobs/<sha256>`, or since 2026 by way of these to `<cache>/blobs`, where
files are called by another hash; where links cannot be made, the files themselves. `refs/main` names the newest
commit. The cache is `$HF_HUB_CACHE`, else `$HUGGINGFACE_HUB_CACHE`, else `$HF_HOME/hub`, else `huggingface/hub` in
`$XDG_CACHE_HOME` or `~/.cache`, on every system. Source: `constants.py`, `file_download.py` and
`utils/_shared_blobs.py` of huggingface_hub 2.4.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.gguf_files import models_of_one_repository
from app.models.elsewhere.places import Places
from app.models.elsewhere.search import Search

_REPOSITORY: Final = "models--"
_SHA256: Final = re.compile("[0-9a-f]{64}")


def find(places: Places, search: Search) -> Iterator[FoundModel]:
    """Give the models of Hugging Face's cache."""
    for cache in caches(places):
        yield from models_of_cache(search, cache, OtherApplication.HUGGING_FACE)


def caches(places: Places) -> list[Path]:
    """Give the folders that can be the cache."""
    home = places.variable("HF_HOME")
    chosen = [
        places.variable("HF_HUB_CACHE"),
        places.variable("HUGGINGFACE_HUB_CACHE"),
        home / "hub" if home else None,
        (places.variable("XDG_CACHE_HOME") or places.home / ".cache") / "huggingface" / "hub",
        places.home / ".cache" / "huggingface" / "hub",
    ]
    return [path for path in chosen if path is not None]


def models_of_cache(search: Search, cache: Path, owner: OtherApplication) -> Iterator[FoundModel]:
    """Give each model of a cache in this form, once, from the newest commit that has it."""
    for repository in search.folders_in(cache):
        if repository.name.startswith(_REPOSITORY):
            yield from _models_of_repository(search, cache, repository, owner)


def _models_of_repository(
    search: Search, cache: Path, repository: Path, owner: OtherApplication
) -> Iterator[FoundModel]:
    newest = (search.read_text(repository / "refs" / "main", repository) or "").strip()
    seen: set[str] = set()
    commits = search.folders_in(repository / "snapshots")
    for commit in sorted(commits, key=lambda path: path.name != newest):
        files = [path for _, files in search.folders_below(commit, cache) for path in files]
        for model in models_of_one_repository(search, files, owner):
            name = model.path.relative_to(commit).as_posix()
            if name not in seen:
                seen.add(name)
                yield replace(model, sha256=_sha256(repository, model.path) if len(model.parts) == 1 else None)


def _sha256(repository: Path, path: Path) -> str | None:
    """The sha256 that a link leads to by name; the name of what that one links to is another hash."""
    try:
        target = Path(os.path.normpath(path.parent / path.readlink()))
    except OSError:  # no link
        return None
    return target.name if target.parent == repository / "blobs" and _SHA256.fullmatch(target.name) else None
