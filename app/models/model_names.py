"""What models are called: a new one, one that is renamed, and which one somebody means."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

from app.gguf.model_header import ModelHeader
from app.gguf.parts import part_name
from app.given_text import shown_name
from app.models.installed import InstalledModel
from app.models.library_error import ModelLibraryError
from app.models.repository_files import without_quantization

LONGEST_NAME: Final = 120
_JOINERS: Final = {"\u200c", "\u200d"}
"""Not seen by themselves, but some scripts are not written without them."""
_MARK: Final = re.compile(r"^[0-9a-f]{12}-")
"""What Paddock puts before the names of files that it downloads."""
_BETWEEN_WORDS: Final = re.compile(r"[-_\s]+")
_FORMAT: Final = re.compile(r"[-_. ]gguf$", re.IGNORECASE)
_FOLDERS: Final = re.compile(r"^.*(?:/|--)")
_OWNER: Final = re.compile(r"^(?:.*[-_.]gguf_|[^_]+_(?=[a-z][^_]*-[^_]*$))", re.IGNORECASE)
"""What llama.cpp's cache, and some publishers, put before a name: `google_gemma-3-4b-it`."""
_NO_NAME: Final = re.compile(
    r"[0-9a-f]{16,}|(?:ggml )?models?|hub|hf|merged|output|snapshots?|tmp|[\W_]*", re.IGNORECASE
)
"""The folder that a publisher's tool worked in, which says nothing of the model."""


def free_name(header: ModelHeader, path: Path, noted: str | None, taken: Collection[str]) -> str:
    """What to call a new model: as it was noted elsewhere, or by its publisher, and so that no two have one name.

    `taken` are the names of others, in lower case.
    """
    stem = file_stem(path)
    called = [_as_written(name) for name in (noted, header.name, stem) if name]
    wishes = [wish for name in called if name for wish in (name, with_quantization(name, header.quantization))]
    wishes += [noted, stem] if noted else [stem]
    for wish in wishes:
        if wish.casefold() not in taken:
            return wish
    return numbered(wishes[0], taken)


def numbered(name: str, taken: Collection[str]) -> str:
    """Give `name`, with a number where it is `taken`."""
    numbers = (name if number == 1 else f"{name} {number}" for number in itertools.count(1))
    return next(each for each in numbers if each.casefold() not in taken)


def readable_name(name: str) -> str:
    """Give the name of a file, without its ending, or of a repository, as people write it.

    "" if it tells only a quantization, or nothing.
    """
    own = _FOLDERS.sub("", name).removesuffix(":latest")
    words = _FORMAT.sub("", without_quantization(own).rstrip(":-_. "))
    words = _BETWEEN_WORDS.sub(" ", _OWNER.sub("", words)).strip(" .")
    return "" if _NO_NAME.fullmatch(words) else words[:LONGEST_NAME]


def with_quantization(name: str, quantization: str | None) -> str:
    """Give `name` as it tells a model from the same one in another quantization."""
    return name if not quantization or name.endswith(quantization) else f"{name} {quantization}"


def _as_written(name: str) -> str:
    """Give a name that holds no space in words; any other one was written for people."""
    return name if " " in name.strip() else readable_name(name)


def file_stem(path: Path) -> str:
    """Give the name of a model's file without what people do not read in it."""
    name = shown_name(path)
    part = part_name(name)
    stem = part.stem if part else name[: -len(".gguf")] if name.casefold().endswith(".gguf") else name
    return _MARK.sub("", stem) or stem


def checked_name(text: str, taken: Collection[str]) -> str:
    """Give `text` as the new name of a model; `ModelLibraryError` where it cannot be one."""
    name = text.strip()
    if not name:
        raise ModelLibraryError("A model needs a name.", next_step="Write at least one character.")
    if not all(character.isprintable() or character in _JOINERS for character in name):
        raise ModelLibraryError(
            "This name holds characters that cannot be seen.", next_step="Write it anew instead of pasting it."
        )
    if len(name) > LONGEST_NAME:
        raise ModelLibraryError(
            "This name is too long.", next_step="{most} characters are the most.", most=LONGEST_NAME
        )
    if name.casefold() in taken:
        raise ModelLibraryError(
            "There is a model “{name}” already.", next_step="Choose a name that tells the two apart.", name=name
        )
    return name


def meant_by(text: str, models: Sequence[InstalledModel], starter_id: str, starter_name: str) -> list[InstalledModel]:
    """Give the models that `text` means in the first sense in which it means any."""
    wanted, path = text.casefold(), full_path(text)
    starter_names = {starter_id, starter_name.casefold()}
    senses: tuple[Iterable[InstalledModel], ...] = (
        (model for model in models if model.id == text or (model.id == starter_id and wanted in starter_names)),
        (model for model in models if model.name.casefold() == wanted),
        (model for model in models if wanted in {model.path.name.casefold(), model.path.stem.casefold()}),
        (model for model in models if wanted in _short_names(model)),
        (model for model in models if wanted in {name.casefold() for name in model.earlier_names}),
        (model for model in models if any(is_same_file(file, path) for file in model.files)),
    )
    return next((found for sense in senses if (found := list(sense))), list[InstalledModel]())


def _short_names(model: InstalledModel) -> set[str]:
    """What the hub and other applications call its file, which lies here under a name of ours or of theirs."""
    name = _MARK.sub("", model.path.name)
    return {name.casefold(), file_stem(model.path).casefold()}


def ambiguous(text: str, found: Sequence[InstalledModel]) -> ModelLibraryError:
    """Give what to say where `text` means several."""
    return ModelLibraryError(
        "“{text}” could be several models.",
        next_step="Name one by its path: {paths}.",
        text=text,
        paths=", ".join(str(model.path) for model in found),
    )


def unknown(text: str, models: Sequence[InstalledModel]) -> ModelLibraryError:
    """Give what to say where `text` means none of the models there are."""
    if not models:
        return ModelLibraryError("There is no model “{text}”.", next_step="Add a model file first.", text=text)
    names = ", ".join(model.name for model in models)
    return ModelLibraryError("There is no model “{text}”.", next_step="There are: {names}.", text=text, names=names)


def full_path(text: str) -> Path:
    """Give the path that somebody wrote."""
    return Path(os.path.expanduser(text)).absolute()  # noqa: PTH111 - unlike Path's own, leaves an unknown ~name as it is


def reads_as_path(text: str) -> bool:
    """Whether somebody who wrote this meant a file, not a model's name."""
    return os.sep in text or text.casefold().endswith(".gguf")


def is_file(path: Path) -> bool:
    """Whether there is a file at `path`."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, a NUL character: no file is called that
        return False


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file."""
    try:
        return one == other or one.samefile(other)
    except (OSError, ValueError):
        return False
