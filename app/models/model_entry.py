"""What the list keeps of a model: from an entry to the model, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from app.models.installed import InstalledModel, Source
from app.models.model_files import ModelFile, look_at
from app.models.recommended_sampling import sound_sampling

Entry: TypeAlias = "dict[str, object]"
_KEPT_SOURCES: Final = {Source.DOWNLOADED, Source.FOUND, Source.CONVERTED}


class _Entry(msgspec.Struct):
    """What makes an entry one. Other keys, of a newer Paddock, are left as they are."""

    id: str
    name: str
    path: str
    size_bytes: int
    architecture: str | None = None
    quantization: str | None = None
    licence: str | None = None
    sampling: dict[str, object] = {}
    vocabulary: str | None = None


class _File(msgspec.Struct):
    path: str
    size_bytes: int
    modified_ns: int | None = None
    sha256: str | None = None
    seen_sha256: str | None = None
    is_wrong: bool = False


class _Origin(msgspec.Struct):
    """Where a model came from, and its files. Older entries have none of it."""

    source: str = Source.ADDED
    owner: str | None = None
    repository: str | None = None
    commit: str | None = None
    made_from: str | None = None
    licence_accepted: str | None = None
    projector: str | None = None
    files: list[_File] = []


class _Facts(msgspec.Struct):
    """What the user, and use, said of a model."""

    name: str = ""
    note: str = ""
    is_favourite: bool = False
    last_used_at: datetime | None = None
    earlier_names: list[str] = []


def is_entry(entry: object) -> bool:
    """Whether `entry` tells of a model; else it is damaged."""
    try:
        msgspec.convert(entry, _Entry)
    except msgspec.ValidationError:
        return False
    return True


def model_from_entry(entry: Entry) -> InstalledModel:
    """Give the model that an entry tells of, as the disk has it now. Raises `msgspec.ValidationError` if it is none."""
    known = msgspec.convert(entry, _Entry)
    origin, files = _origin(entry), files_of_entry(entry)
    on_disk = look_at(files)
    model = InstalledModel(
        id=known.id,
        name=known.name,
        path=Path(known.path),
        size_bytes=on_disk.size_bytes,
        architecture=known.architecture,
        quantization=known.quantization,
        licence=known.licence,
        source=Source(origin.source) if origin.source in _KEPT_SOURCES else Source.ADDED,
        state=on_disk.state,
        own_sampling=sound_sampling(known.sampling),
        vocabulary=known.vocabulary,
        parts=tuple(file.path for file in files) if len(files) > 1 else (),
        missing=on_disk.missing,
        projector=Path(origin.projector) if origin.projector else None,
        owner=origin.owner,
        repository=origin.repository,
        commit=origin.commit,
        sha256_expected=files[0].sha256,
        made_from=origin.made_from,
        licence_accepted=origin.licence_accepted,
        is_damaged=any(file.is_wrong and file.sha256 is not None for file in files),
    )
    return with_facts(model, entry)


def with_facts(model: InstalledModel, entry: Entry) -> InstalledModel:
    """Give the model with what the user, and use, said of it. A damaged word of it costs no more than these words."""
    try:
        facts = msgspec.convert(entry, _Facts)
    except msgspec.ValidationError:
        return model
    return replace(
        model,
        name=facts.name or model.name,
        note=facts.note,
        is_favourite=facts.is_favourite,
        last_used_at=facts.last_used_at,
        earlier_names=tuple(facts.earlier_names),
    )


def entry_from_model(model: InstalledModel, files: Sequence[ModelFile]) -> Entry:
    """Give the entry under which the list keeps `model`, whose files are `files`."""
    entry: Entry = {"id": model.id, "name": model.name, "path": str(model.path)}
    keep_header(entry, model)
    keep_origin(entry, model)
    keep_files(entry, files)
    return entry


def keep_header(entry: Entry, model: InstalledModel) -> None:
    """Note in `entry` what the model's header says."""
    entry["architecture"] = model.architecture
    entry["quantization"] = model.quantization
    entry["licence"] = model.licence
    entry["vocabulary"] = model.vocabulary
    entry["sampling"] = dict(model.own_sampling)


def keep_origin(entry: Entry, model: InstalledModel) -> None:
    """Note in `entry` where the model came from."""
    entry["source"] = str(model.source)
    entry["owner"] = model.owner
    entry["repository"] = model.repository
    entry["commit"] = model.commit
    entry["made_from"] = model.made_from
    entry["licence_accepted"] = model.licence_accepted
    entry["projector"] = None if model.projector is None else str(model.projector)


def files_of_entry(entry: Entry) -> list[ModelFile]:
    """Give the files of a model as they were when it was added or last verified, the one to load first."""
    noted = [
        ModelFile(Path(file.path), file.size_bytes, file.modified_ns, file.sha256, file.seen_sha256, file.is_wrong)
        for file in _origin(entry).files
    ]
    if noted:
        return noted
    known = msgspec.convert(entry, _Entry)
    return [ModelFile(Path(known.path), known.size_bytes)]


def keep_files(entry: Entry, files: Sequence[ModelFile]) -> None:
    """Note in `entry` how its files are now."""
    entry["size_bytes"] = sum(file.size_bytes for file in files)
    entry["files"] = [_file_entry(file) for file in files]


def _file_entry(file: ModelFile) -> Entry:
    told: Entry = {
        "path": str(file.path),
        "size_bytes": file.size_bytes,
        "modified_ns": file.modified_ns,
        "sha256": file.sha256,
        "seen_sha256": file.seen_sha256,
        "is_wrong": file.is_wrong or None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _origin(entry: Entry) -> _Origin:
    try:
        return msgspec.convert(entry, _Origin)
    except msgspec.ValidationError:
        return _Origin()
