"""Looks at a model file before llama.cpp does: most of what can be wrong is said here, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engine.engine import ModelFileError
from app.gguf.header_error import ModelHeaderError
from app.gguf.model_header import ModelHeader
from app.gguf.parts import parts_named
from app.gguf.reading import check_model, read_header
from app.given_text import shown_name, whole_characters

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
    header: ModelHeader

    @property
    def size_bytes(self) -> int:
        """The size of all parts."""
        return sum(part.stat().st_size for part in self.parts)


def inspect_model_file(path: Path) -> ModelFile:
    """Read the header once and say what the file is. Raises `ModelFileError` for one that cannot be loaded."""
    header = read_part(path)
    parts = _find_parts(path, header.number("split.count") or 1)
    try:
        check_model(header, shown_name(path))
    except ModelHeaderError as error:
        raise _translated(error) from error
    name = header.name or whole_characters(path.stem)
    return ModelFile(path, parts, _architecture(path, header), name, header)


def read_part(path: Path) -> ModelHeader:
    """Read the header of a GGUF file of any kind. Raises `ModelFileError` when it is none, or not whole."""
    try:
        return read_header(path)
    except ModelHeaderError as error:
        raise _translated(error) from error


def _translated(error: ModelHeaderError) -> ModelFileError:
    """Say the same as an error of the engine."""
    return ModelFileError(error.message, next_step=error.next_step, details=error.details, **error.values)


def _architecture(path: Path, header: ModelHeader) -> str:
    """Give the family of a model that writes text."""
    architecture = header.architecture
    what = _OTHER_KINDS.get(header.kind) or _OTHER_KINDS.get(architecture or "")
    if what is not None:
        raise _refusal(path, "{name} is {what}.", "Choose the file of a model that writes text.", what=what)
    if architecture is None:
        raise _refusal(path, "{name} does not say what kind of model it is.", "Download it again.")
    return architecture


def _find_parts(path: Path, count: int) -> tuple[Path, ...]:
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
            part=shown_name(missing[0]),
            count=count,
        )
    if path != parts[0]:
        raise _refusal(
            path, "{name} is not the first part of its model.", "Choose {first}.", first=shown_name(parts[0])
        )
    return parts


def _refusal(path: Path, message: str, next_step: str, **values: object) -> ModelFileError:
    return ModelFileError(message, next_step=next_step, details="", name=shown_name(path), **values)
