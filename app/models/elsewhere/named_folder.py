"""Models in the folders that the user named: any GGUF file, however deep."""

from __future__ import annotations

from collections.abc import Iterator

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.gguf_files import models_of_a_folder
from app.models.elsewhere.places import Places
from app.models.elsewhere.search import Search


def find(places: Places, search: Search) -> Iterator[FoundModel]:
    """Give the models in the folders that the user named."""
    for folder in places.folders:
        for _, files in search.folders_below(folder):
            yield from models_of_a_folder(search, files, OtherApplication.NONE)
