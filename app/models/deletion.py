"""What deleting a model would do, said beforehand; and the way of its files to the system's bin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import Fault, PaddockError
from app.given_text import shown_name
from app.models.elsewhere.found_model import OtherApplication
from app.models.installed import InstalledModel, Source
from app.models.library_error import ModelLibraryError
from app.translation import tr

_BLOB: Final = re.compile(r"sha256-[0-9a-f]{64}")
_OURS: Final = {Source.DOWNLOADED, Source.CONVERTED}


class BinError(PaddockError):
    """The system's bin did not take a file."""

    fault = Fault.MACHINE


@dataclass(frozen=True, slots=True)
class Deletion:
    """What deleting a model would do. `sentence` says it.

    `files` would go to the bin. With `touches_others` they are not Paddock's: only the list's entry goes, unless the
    user insists. With `refusal` Paddock deletes them in no case, since other models may be kept in the same files.
    """

    files: tuple[Path, ...]
    size_bytes: int
    sentence: str
    touches_others: bool
    refusal: ModelLibraryError | None = None


def deletion_of(model: InstalledModel, others: Sequence[InstalledModel], own_folder: Path) -> Deletion:
    """Say what deleting `model` would do, beside the `others` in the list; `own_folder` is Paddock's own."""
    refusal = _refusal(model)
    is_ours = model.source in _OURS or _lies_in(model.path, own_folder)
    if refusal is not None:
        sentence = tr(
            "Only the entry in the list goes; the file stays. {why}", why=tr(refusal.message, **refusal.values)
        )
        return Deletion((), 0, sentence, touches_others=True, refusal=refusal)
    files = tuple(path for path in (*model.files, *_own_projector(model, others, own_folder)) if _is_there(path))
    size_bytes = sum(path.lstat().st_size for path in files)
    return Deletion(files, size_bytes, _sentence(model, files, is_ours=is_ours), touches_others=not is_ours)


def move_to_bin(files: Sequence[Path]) -> None:
    """Move `files` to the bin of the operating system, one after the other. Raises `BinError`; then the rest stays."""
    from send2trash import send2trash  # noqa: PLC0415 - it loads what the system's bin needs, and is needed rarely

    for number, path in enumerate(files):
        try:
            send2trash(path)
        except OSError as error:
            raise _bin_error(path, number, error) from error


def _bin_error(path: Path, done: int, error: OSError) -> BinError:
    moved = "{name} could not be moved to the bin; {done:,} files of this model are there already."
    nothing = "{name} could not be moved to the bin. Nothing was deleted."
    return BinError(
        moved if done else nothing,
        next_step="This disk may have no bin, or another program may be using the file. "
        "You can delete it in your file manager: {folder}",
        details=str(error),
        name=shown_name(path),
        done=done,
        folder=str(path.parent),
    )


def _refusal(model: InstalledModel) -> ModelLibraryError | None:
    """Why Paddock never deletes the files of this model; None if it may."""
    if model.owner == OtherApplication.OLLAMA or any(_is_blob(path) for path in model.files):
        return ModelLibraryError(
            "Ollama keeps this file, and several of its models may share it.",
            next_step="Delete it there: ollama rm {name}",
            name=model.name,
        )
    repository = next((name for path in model.files if (name := _cached_repository(path))), None)
    if repository is not None:
        return ModelLibraryError(
            "The cache of Hugging Face keeps this file, and several models may share what lies there.",
            next_step="Delete it there: hf cache rm model/{repository}",
            repository=repository,
        )
    return None


def _is_blob(path: Path) -> bool:
    return _BLOB.fullmatch(path.name) is not None and path.parent.name == "blobs"


def _cached_repository(path: Path) -> str | None:
    """The repository in whose part of the cache of Hugging Face a file lies."""
    parents = {folder.name for folder in path.parents}
    name = next((name for name in parents if name.startswith("models--")), None)
    return name.removeprefix("models--").replace("--", "/") if name and parents & {"snapshots", "blobs"} else None


def _own_projector(model: InstalledModel, others: Sequence[InstalledModel], own_folder: Path) -> tuple[Path, ...]:
    """The projector that goes with the model: one of ours, and of no other model."""
    projector = model.projector
    if projector is None or not _lies_in(projector, own_folder):
        return ()
    return () if any(other.projector == projector for other in others if other.id != model.id) else (projector,)


def _sentence(model: InstalledModel, files: Sequence[Path], *, is_ours: bool) -> str:
    if not files:
        return tr("The file is gone already. Only the entry in the list goes.")
    if is_ours:
        return (
            tr("Its files go to the bin of this computer.")
            if len(files) > 1
            else tr("Its file goes to the bin of this computer.")
        )
    if model.owner:
        return tr(
            "This file belongs to {owner}. Only the entry in the list goes; {owner} keeps its model.", owner=model.owner
        )
    if any(path.is_symlink() for path in files):
        return tr("This is a link that you made to a file elsewhere. Only the entry in the list goes; both stay.")
    return tr(
        "This file is your own, from {folder}. Only the entry in the list goes; the file stays.",
        folder=str(model.path.parent),
    )


def _is_there(path: Path) -> bool:
    try:
        return path.is_file() or path.is_symlink()
    except (OSError, ValueError):
        return False


def _lies_in(path: Path, folder: Path) -> bool:
    """Whether the file itself lies there, wherever a link leads."""
    try:
        return path.parent.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        return False
