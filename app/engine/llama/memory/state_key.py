"""Everything that the bytes of a conversation's state depend on."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

_DIGEST_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class StateKey:
    """A state is only brought back where all of this is as it was when the state was written.

    The length of the context window is not part of it: llama.cpp keeps the positions that are in use, no others.
    Slices and sequences decide how many tokens a sliding window keeps. The template decides what was read, and is
    here so that a changed one does not leave states behind that nobody can use any more.
    """

    model: str
    engine_build: str
    device: str
    type_k: str
    type_v: str
    flash_attention: str
    template_sha256: str
    adapters: tuple[tuple[str, float], ...] = ()
    """The hash of each adapter's file, and its scale."""
    n_batch: int = 0
    n_seq_max: int = 1
    swa_full: bool = False

    @property
    def digest(self) -> str:
        """A short name for it, 16 hexadecimal digits; equal keys have equal names."""
        encoded = msgspec.json.encode(dataclasses.astuple(self))
        return hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).hexdigest()


def hashed_adapter(path: Path) -> str:
    """What stands for an adapter: its content, for it is small, and training writes many alike of one name and size.

    Raises `OSError`.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unhashed_model(parts: Sequence[Path]) -> str:
    """What stands for the hash of a model file until it is known: the name, size and time of change of all its parts.

    Raises `OSError`.
    """
    stats = [(part.name.encode(errors="surrogateescape"), part.stat()) for part in parts]
    seen = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    return "unhashed-" + hashlib.blake2b(msgspec.json.encode(seen), digest_size=_DIGEST_BYTES).hexdigest()
