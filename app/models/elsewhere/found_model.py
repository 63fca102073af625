"""A model that was found in another application's folders, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class OtherApplication(StrEnum):
    """Whose models they are. The values are the names people know, and are not translated."""

    OLLAMA = "Ollama"
    LM_STUDIO = "LM Studio"
    JAN = "Jan"
    GPT4ALL = "GPT4All"
    LLAMA_CPP = "llama.cpp"
    HUGGING_FACE = "Hugging Face"
    NONE = ""
    """Nobody's: it lies in a folder that the user named."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """One model where it lies, as far as names tell. Whether it can be talked with, its header says.

    `path` is the file to load, and the first of `parts`, which are all its files in their order. `sha256` is what
    the file's name, or the name of what it links to, claims it to be; nobody has checked. `projector` is the file
    that lets it see.
    """

    path: Path
    name: str
    owner: OtherApplication
    size_bytes: int
    parts: tuple[Path, ...]
    sha256: str | None = None
    projector: Path | None = None
