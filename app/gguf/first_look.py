"""The first bytes of a file: whether it is a GGUF file of a known version, and if not, what it is instead."""

from __future__ import annotations

import struct
from typing import Final

from app.gguf.header_error import ModelHeaderError

_LOOK_BYTES: Final = 4096
_VERSIONS: Final = (2, 3)
_MAGIC: Final = b"GGUF"
_OLD_MAGICS: Final = (b"lmgg", b"fmgg", b"tjgg", b"algg", b"ggml", b"ggjt")
_SOUND: Final = tuple(_MAGIC + bytes([version, 0, 0, 0]) for version in _VERSIONS)
_VERSION: Final = struct.Struct("<I")
_CHOOSE_STEP: Final = "Models that Paddock can run are files in the GGUF format; their names end in .gguf."


def check_first_bytes(begin: bytes, name: str) -> int:
    """Give the version of GGUF that a file beginning with `begin` is written in; `ModelHeaderError` if it is none."""
    if begin.startswith(_SOUND):
        return begin[len(_MAGIC)]
    if not begin:
        raise ModelHeaderError(
            "{name} is empty.", next_step="Its download probably never began. Download it again.", name=name
        )
    if not begin.startswith(_MAGIC):
        raise _something_else(begin[:_LOOK_BYTES], name)
    if len(begin) < len(_MAGIC) + _VERSION.size:
        raise ModelHeaderError(
            "{name} ends right after its first bytes.",
            next_step="Its download was cut off. Download it again.",
            name=name,
        )
    raise _unknown_version(_VERSION.unpack_from(begin, len(_MAGIC))[0], name)


def _unknown_version(version: int, name: str) -> ModelHeaderError:
    if version and not version & 0xFFFF:  # a small number with its bytes the other way round
        return ModelHeaderError(
            "{name} was written for another kind of processor (big-endian).",
            next_step="Choose a file of this model without “big-endian” or “be” in its name.",
            name=name,
        )
    if version < min(_VERSIONS):  # version 1 counted with 32 bits, llama.cpp gave it up in 2023
        return ModelHeaderError(
            "{name} is written in version {version} of GGUF, which is no longer in use.",
            next_step="Choose a newer file of this model.",
            name=name,
            version=version,
        )
    return ModelHeaderError(
        "{name} is written in version {version} of GGUF; this Paddock knows versions 2 and 3.",
        next_step="Choose another file of this model, or a newer Paddock.",
        name=name,
        version=version,
    )


def _something_else(begin: bytes, name: str) -> ModelHeaderError:
    if begin.startswith(b"version https://git-lfs"):
        return ModelHeaderError(
            "{name} only points to a model file that is kept elsewhere (git LFS).",
            next_step="Download the file itself, or run “git lfs pull” in its folder.",
            name=name,
        )
    if begin.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        return ModelHeaderError(
            "{name} is a web page, not a model.",
            next_step="The address probably led to a page that asks to sign in. Download the file itself.",
            name=name,
        )
    if begin.startswith(_OLD_MAGICS):
        return ModelHeaderError(
            "{name} is in a format older than GGUF, which is no longer in use.",
            next_step="Choose a newer file of this model.",
            name=name,
        )
    if _is_text(begin):
        return ModelHeaderError("{name} is a text file, not a model.", next_step=_CHOOSE_STEP, name=name)
    return ModelHeaderError("{name} is not a GGUF file.", next_step=_CHOOSE_STEP, name=name)


def _is_text(begin: bytes) -> bool:
    try:
        text = begin.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(begin) - 4:  # the last character may be cut
            return False
        text = begin[: error.start].decode("utf-8")
    return bool(text) and all(character.isprintable() or character.isspace() for character in text)
