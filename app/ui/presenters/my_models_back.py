"""Takes a model into the list again that was taken out of it a moment ago."""

from __future__ import annotations

from pathlib import Path

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.installed import InstalledModel, Source
from app.models.library import ModelLibrary


def take_back(library: ModelLibrary, model: InstalledModel) -> InstalledModel:
    """Give the model as it is in the list now, with its name, note and star. Raises what `ModelLibrary.add` does."""
    taken = _taken(library, model)
    if taken.name != model.name:
        library.rename(taken.id, model.name)
    if model.note:
        library.set_note(taken.id, model.note)
    if model.is_favourite:
        library.set_favourite(taken.id, True)
    if model.last_used_at is not None:
        library.used(taken.id, model.last_used_at)
    if model.template is not None:
        library.choose_template(taken.id, model.template)
    return library.by_id(taken.id)


def _taken(library: ModelLibrary, model: InstalledModel) -> InstalledModel:
    if model.source is Source.DOWNLOADED:
        return library.add_downloaded(
            model.path,
            repository=model.repository or "",
            licence=model.licence,
            sha256=model.sha256_expected,
            commit=model.commit,
            projector=model.projector,
        )
    if model.source is Source.CONVERTED and model.made_from and _is_there(library, model.made_from):
        return library.add_converted(model.path, source_id=model.made_from)
    if model.owner in set(OtherApplication) and model.owner:
        owner = OtherApplication(model.owner)
        files: tuple[Path, ...] = model.files
        found = FoundModel(
            model.path, model.name, owner, model.size_bytes, files, model.sha256_expected, model.projector
        )
        return library.adopt([found])[0]
    return library.add(model.path)


def _is_there(library: ModelLibrary, model_id: str) -> bool:
    return any(model.id == model_id for model in library.models())
