"""Models that were picked by hand, with all that can be said of them without a network."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
_Repository: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[\w.-]+/[\w.-]+\Z")]
_FileName: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[\w.-]+\.gguf\Z")]


class Certainty(StrEnum):
    """How sure the catalogue is of what it says; the hub always counts before it."""

    PAGE = "page"
    """A copy of the repository's own page or list of files was read."""
    CITED = "cited"
    """Others name it in what they publish."""
    MEMORY = "memory"
    """Nobody has looked it up yet: see docs/UNVERIFIED.md."""


class CatalogueGeometry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the fit needs of a model before its header can be read; names and units as in a GGUF header."""

    architecture: str
    block_count: _Count
    embedding_length: _Count
    feed_forward_length: _Count
    """Of one expert, where there are experts."""
    head_count: _Count
    head_count_kv: _Count
    key_length: _Count
    value_length: _Count
    vocabulary_size: _Count
    context_length: _Count
    sliding_window: _Count | None = None
    """How many tokens the layers see that do not see all; None where every layer sees all."""
    full_attention_every: _Count = 1
    """Each how-many-th layer sees all tokens."""
    expert_count: _Count | None = None
    expert_used_count: _Count | None = None

    @property
    def full_attention_layers(self) -> int:
        """How many layers keep all tokens of the context window in the KV cache."""
        return self.block_count if self.sliding_window is None else self.block_count // self.full_attention_every


class CatalogueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a repository. An approximate size is right to three digits."""

    name: _FileName
    quantization: str
    size_bytes: _Count
    size_from: Certainty
    is_approximate: bool = True


class CatalogueModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that was picked by hand. `purpose` is English: whoever shows it translates it."""

    id: str
    name: str
    made_by: str
    repository: _Repository
    repository_from: Certainty
    purpose: str
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """ISO 639-1, its best ones first."""
    licence: str
    """An id of the licence book."""
    parameters: _Count
    geometry: CatalogueGeometry
    geometry_from: Certainty
    files: Annotated[tuple[CatalogueFile, ...], msgspec.Meta(min_length=1)]
    """The usual compromise first."""
    other_languages: _Count | None = None
    """About how many languages it knows in all, where those are more than are listed."""
    active_parameters: _Count | None = None
    """How many of the parameters are used for a token, where not all are."""
    reasons: bool = False
    projector: CatalogueFile | None = None
    """The file with which it reads pictures."""
    minimum_build: _Count | None = None
    """A build of llama.cpp that is known to load it; some older ones may, too."""

    @property
    def reads_pictures(self) -> bool:
        """Whether it can be given pictures, by a second file."""
        return self.projector is not None

    @property
    def usual_file(self) -> CatalogueFile:
        """The file to begin with."""
        return self.files[0]


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The models that were picked by hand, from small to large, and the day on which somebody last went over them."""

    kept_at: date
    models: tuple[CatalogueModel, ...]

    @classmethod
    def load(cls, resources: Path) -> Catalogue:
        """Read the catalogue that ships. What is wrong in it is a mistake of ours: `msgspec.MsgspecError`."""
        return msgspec.json.decode((resources / "catalogue.json").read_bytes(), type=cls)

    def find(self, repository: str) -> CatalogueModel | None:
        """Give the model whose repository is called so; the hub does not tell capitals apart."""
        wanted = repository.casefold()
        return next((model for model in self.models if model.repository.casefold() == wanted), None)
