"""Files that are no model, or no longer one, and the words that must name the cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.gguf_files import TinyModel, write_vocabulary_only

MAGIC, VERSION, TENSORS, KEYS = 0, 4, 8, 16
"""Where these begin in the header of a GGUF file."""


def _flipped(path: Path, offset: int) -> Path:
    content = bytearray(TinyModel().write(path).read_bytes())
    content[offset] ^= 0xFF
    path.write_bytes(content)
    return path


def _truncated(path: Path) -> Path:
    content = TinyModel().write(path).read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    return path


def _empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def _text(path: Path) -> Path:
    path.write_text("Dear reader, this is a letter.\n" * 50)
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


BAD_FILES: Final[Mapping[str, tuple[Callable[[Path], Path], str]]] = {
    "empty": (_empty, "is empty"),
    "text": (_text, "is a text file"),
    "truncated": (_truncated, "is incomplete"),
    "magic": (lambda path: _flipped(path, MAGIC), "is not a GGUF file"),
    "version": (lambda path: _flipped(path, VERSION), "version"),
    "tensor count": (lambda path: _flipped(path, TENSORS), "damaged"),
    "key count": (lambda path: _flipped(path, KEYS), "damaged"),
    "vocabulary": (write_vocabulary_only, "vocabulary"),
    "folder": (_folder, "is a folder"),
    "missing": (lambda path: path, "no file"),
}
"""Name -> how it is made at a path, and words of the sentence."""
