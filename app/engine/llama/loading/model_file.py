"""Looks at a model file before llama.cpp does: most of what can be wrong is said here, in a sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from app.engine.engine import ModelFileError
from app.engine.llama.loading.gguf_header import GgufHeader, MalformedHeaderError, read_header
from app.gguf.parts import parts_named
from app.given_text import whole_characters

MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_OTHER_KINDS: Final[Mapping[str, str]] = {
    "adapter": "an adapter that changes another model",
    "mmproj": "the part of a model that sees pictures",
    "clip": "the part of a model that sees pictures",
    "bert": "a model that compares texts and cannot write",
}
"""By `general.type` or `general.architecture`."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that looks like a whole model. `parts` are all its files, in order; most models have one.

    `header` is the first part's.
    """

    path: Path
    parts: tuple[Path, ...]
    architecture: str
    name: str
    header: GgufHeader

    @property
    def size_bytes(self) -> int:
        """The size of all parts."""
        return sum(part.stat().st_size for part in self.parts)


def inspect_model_file(path: Path) -> ModelFile:
    """Read the header once and say what the file is. Raises `ModelFileError` for one that cannot be loaded."""
    header, size = _read(path)
    _check_kind(path, header)
    _check_complete(path, header, size)
    name = header.text("general.name") or whole_characters(path.stem)
    return ModelFile(path, _find_parts(path, header), header.text("general.architecture"), name, header)


def read_whole_header(path: Path) -> GgufHeader:
    """Read the header of a GGUF file of any kind. Raises `ModelFileError` when it is none, or not whole."""
    header, size = _read(path)
    _check_complete(path, header, size)
    return header


def _read(path: Path) -> tuple[GgufHeader, int]:
    with _open(path) as file:
        size = os.fstat(file.fileno()).st_size
        _check_magic(path, file.read(512), size)
        file.seek(0)
        return _read_header(path, file, size), size


def _open(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise _refusal(path, "{name} is a folder, not a model file.", "Choose the .gguf file inside it.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise _refusal(
            path, "There is no file at {path}.", "It may have been moved, renamed or deleted: choose it again."
        ) from error
    except PermissionError as error:
        raise _refusal(path, "Paddock may not read {name}.", "Check the permissions of the file.") from error
    except OSError as error:
        raise _refusal(path, "{name} could not be read.", "Check the disk it lies on.", str(error)) from error


def _check_magic(path: Path, head: bytes, size: int) -> None:
    if not size:
        raise _refusal(path, "{name} is empty.", "Download it again.")
    if head.startswith(MAGIC):
        version = int.from_bytes(head[4:8], "little")
        if version not in _VERSIONS:
            raise _unknown_version(path, version)
        return
    if head.startswith(b"version https://git-lfs"):
        raise _refusal(
            path,
            "{name} is a Git LFS pointer, not the model itself.",
            "Download the file it points to (`git lfs pull`).",
        )
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise _refusal(path, "{name} is a web page, not a model file.", "Download it again from the file's own link.")
    if head[:4] in {b"ggml", b"lmgg", b"ggjt", b"tjgg"}:
        raise _refusal(path, "{name} is a GGML file, a format from before GGUF.", "Look for a GGUF file of this model.")
    if _is_text(head):
        raise _refusal(path, "{name} is a text file, not a model file.", "Choose a file in GGUF format.")
    raise _refusal(path, "{name} is not a GGUF file.", "Choose a file in GGUF format, or download it again.")


def _unknown_version(path: Path, version: int) -> ModelFileError:
    if int.from_bytes(version.to_bytes(4, "big"), "little") in _VERSIONS:
        return _refusal(
            path, "{name} was made for computers with another byte order.", "Look for a usual GGUF file of this model."
        )
    return _refusal(
        path,
        "{name} is a GGUF file of version {version}, which Paddock does not read.",
        "Look for a newer file of this model, or for a newer Paddock.",
        version=version,
    )


def _is_text(head: bytes) -> bool:
    try:
        head[: len(head) - 3].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def _read_header(path: Path, file: BinaryIO, size: int) -> GgufHeader:
    try:
        return read_header(file, size)
    except MalformedHeaderError as error:
        raise _refusal(
            path, "{name} is damaged: its header does not add up.", "Download it again.", str(error)
        ) from error


def _check_kind(path: Path, header: GgufHeader) -> None:
    if not header.tensors and header.number("split.count") <= 1:
        raise _refusal(path, "{name} holds only a vocabulary, no weights.", "Choose the file of the model itself.")
    architecture = header.text("general.architecture")
    what = _OTHER_KINDS.get(header.text("general.type")) or _OTHER_KINDS.get(architecture)
    if what is not None:
        raise _refusal(path, "{name} is {what}.", "Choose the file of a model that writes text.", what=what)
    if not architecture:
        raise _refusal(path, "{name} does not say what kind of model it is.", "Download it again.")


def _check_complete(path: Path, header: GgufHeader, size: int) -> None:
    expected = header.expected_bytes
    if size < expected:
        raise _refusal(
            path,
            "{name} is incomplete: {have} of at least {expected} bytes are there.",
            "Download it again.",
            have=f"{size:,}",
            expected=f"{expected:,}",
        )


def _find_parts(path: Path, header: GgufHeader) -> tuple[Path, ...]:
    count = header.number("split.count")
    if count <= 1:
        return (path,)
    parts = parts_named(path)
    if len(parts) != count:
        raise _refusal(
            path,
            "{name} is one of {count} parts of a model and has lost its name.",
            "Give the parts the names they were downloaded with, such as {example}.",
            count=count,
            example=f"model-00001-of-{count:05}.gguf",
        )
    missing = [part for part in parts if not part.is_file()]
    if missing:
        raise _refusal(
            path,
            "A part of the model is missing: {part}.",
            "Put all {count} parts into one folder.",
            part=missing[0].name,
            count=count,
        )
    if path != parts[0]:
        raise _refusal(path, "{name} is not the first part of its model.", "Choose {first}.", first=parts[0].name)
    return parts


def _refusal(path: Path, message: str, next_step: str, details: str = "", **values: object) -> ModelFileError:
    return ModelFileError(
        message, next_step=next_step, details=details, **{"name": path.name, "path": str(path)} | values
    )
