"""What a hub has: repositories with files, and accounts that may read some of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from app.models.starter import SHA256, find_starter

_LARGEST_PLAIN_FILE_BYTES = 100_000
_STEP_BYTES = 1024 * 1024


@dataclass(frozen=True)
class HubFile:
    """A file in a repository. `content` is its bytes, or the file on this disk that holds them."""

    path: str
    content: bytes | Path
    known_sha256: str = ""

    @cached_property
    def size_bytes(self) -> int:
        """How large it is."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    @cached_property
    def sha256(self) -> str:
        """What its bytes hash to."""
        return self.known_sha256 or _sha256(self.content)

    @cached_property
    def git_id(self) -> str:
        """What git calls it, which is the ETag of what is small enough for git itself."""
        return hashlib.sha1(self.sha256.encode(), usedforsecurity=False).hexdigest()

    @property
    def is_large(self) -> bool:
        """Whether it lies in the large file storage, and is delivered by another host."""
        return self.size_bytes > _LARGEST_PLAIN_FILE_BYTES or self.path.endswith(".gguf")

    @property
    def etag(self) -> str:
        """As the hub names its content."""
        return self.sha256 if self.is_large else self.git_id


@dataclass(frozen=True)
class HubRepository:
    """A repository: `files` at `commit`; `tags`, `card_data` and `gguf` are what the hub read in them."""

    id: str
    files: tuple[HubFile, ...] = ()
    commit: str = "c0ffee" + "0" * 34
    tags: tuple[str, ...] = ("gguf",)
    card_data: dict[str, Any] = field(default_factory=dict[str, Any])
    gguf: dict[str, Any] = field(default_factory=dict[str, Any])
    pipeline_tag: str = "text-generation"
    gated: Literal[False, "auto", "manual"] = False
    is_private: bool = False
    is_disabled: bool = False
    downloads: int = 0
    likes: int = 0
    modified: datetime = datetime(2026, 5, 1, tzinfo=UTC)

    def file(self, path: str) -> HubFile | None:
        """Give the file that lies at `path`."""
        return next((file for file in self.files if file.path == path), None)


@dataclass(frozen=True)
class HubAccount:
    """Who has a token, and which gated or private repositories it opens."""

    name: str
    may_read: frozenset[str] = frozenset()


CARD = """---
license: apache-2.0
language:
- en
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
tags:
- gguf
---
# SmolLM2 135M Instruct

A **small** model.
"""


def starter_repository() -> HubRepository:
    """The starter model's real file, as the hub would have it."""
    starter = find_starter()
    assert starter is not None, "the starter model's package is not installed"
    return HubRepository(
        id="HuggingFaceTB/SmolLM2-135M-Instruct-GGUF",
        files=(
            HubFile("README.md", CARD.encode()),
            HubFile("LICENSE", b"Apache License, Version 2.0"),
            HubFile(starter.path.name, starter.path, SHA256),
        ),
        tags=("gguf", "en", "license:apache-2.0", "conversational"),
        card_data={"license": "apache-2.0", "language": ["en"]},
        gguf={"total": 134_515_008, "architecture": "llama", "context_length": 8192},
        downloads=12_000,
        likes=80,
    )


def _sha256(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    digest = hashlib.sha256()
    with content.open("rb") as file:
        while step := file.read(_STEP_BYTES):
            digest.update(step)
    return digest.hexdigest()
