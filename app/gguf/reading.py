"""What a GGUF file says about itself: its header, read in plain Python and without trusting it.

Source of the format: `ggml/include/gguf.h` of llama.cpp, versions 2 and 3.
"""

from __future__ import annotations

import errno
import math
import os
import struct
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from app.gguf.first_look import check_first_bytes
from app.gguf.header_bytes import HeaderBytes
from app.gguf.header_error import ModelHeaderError
from app.gguf.model_header import ArraySummary, MetadataValue, ModelHeader, Tensor
from app.given_text import shown_name, whole_characters

MAXIMUM_ENTRIES: Final = 65_536
MAXIMUM_TENSORS: Final = 262_144
_MAXIMUM_DIMENSIONS: Final = 4
_KEPT_NUMBERS: Final = 1024
"""Arrays of numbers up to this length are kept: one number a layer is worth knowing, one a token is not."""
_KEPT_TEXTS: Final = 64
_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")
_TEXT: Final = 8
_ARRAY: Final = 9
_LETTERS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_NUMBERS: Final = {kind: struct.Struct(f"<{letter}") for kind, letter in _LETTERS.items()}


def read_header(path: Path) -> ModelHeader:
    """Read what the model file `path` says of itself; `ModelHeaderError` if it is not a whole model."""
    return _read(path)[0]


def read_tensors(path: Path) -> tuple[Tensor, ...]:
    """Read the table of tensors of the model file `path`."""
    return _read(path)[1]


def metadata(path: Path) -> dict[str, object]:
    """Give all entries of the header as JSON can hold them; of a long array only `{"count": n}`."""
    return {key: _for_json(value) for key, value in read_header(path).metadata.items()}


def _read(path: Path) -> tuple[ModelHeader, tuple[Tensor, ...]]:
    name = shown_name(path)
    try:
        if path.is_dir():
            raise ModelHeaderError(
                "{name} is a folder, not a model file.", next_step="Choose the .gguf file inside it.", name=name
            )
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            raise ModelHeaderError("{name} is not a file.", next_step="Choose the model file itself.", name=name)
        with path.open("rb", buffering=0) as file:
            return _read_open(file, os.fstat(file.fileno()).st_size, name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelHeaderError(
            "There is no file {path}.", next_step="It may have been moved, renamed or deleted.", path=shown_path(path)
        ) from error
    except PermissionError as error:
        raise ModelHeaderError(
            "You may not read {name}: its permissions close it to you.",
            next_step="Ask its owner for it, or copy it to a folder of your own.",
            details=str(error),
            name=name,
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError | ValueError) -> ModelHeaderError:
    """Say why the operating system gave nothing of a file that lies there."""
    message, next_step = "{name} cannot be read as a file.", "Choose the model file itself."
    match error:
        case OSError(errno=errno.ELOOP):
            message = "{name} is a link that leads back to itself."
        case OSError(errno=errno.ENAMETOOLONG):
            message, next_step = "{name} is a longer name than a file can have.", "Check the path."
        case OSError() if _has_bytes(path):
            message, next_step = "{name} cannot be read.", "The disk may be failing, or have been taken out."
        case _:
            pass
    return ModelHeaderError(message, next_step=next_step, details=str(error), name=shown_name(path))


def _has_bytes(path: Path) -> bool:
    """Whether there should be something to read: a window into the system's own memory claims to be empty."""
    try:
        return path.stat().st_size > 0
    except (OSError, ValueError):
        return True


def shown_path(path: Path) -> str:
    """Give a whole path as it can be shown."""
    return whole_characters(str(path))


def _read_open(file: BinaryIO, size_bytes: int, name: str) -> tuple[ModelHeader, tuple[Tensor, ...]]:
    version = check_first_bytes(file.read(4096), name)
    source = HeaderBytes(file, size_bytes, name)
    source.skip(8)
    tensor_count, entry_count = source.whole_number(_U64), source.whole_number(_U64)
    if entry_count > MAXIMUM_ENTRIES:
        raise source.refusal("{name} claims to hold {count:,} entries of metadata.", count=entry_count)
    if tensor_count > MAXIMUM_TENSORS:
        raise source.refusal("{name} claims to hold {count:,} tensors.", count=tensor_count)
    header = ModelHeader(version, tensor_count, MappingProxyType(_read_entries(source, entry_count)))
    _check_wholeness(header, source)
    tensors = tuple(_read_tensor(source) for _ in range(tensor_count))
    _check_data(header, tensors, source, size_bytes)
    return header, tensors


def _read_entries(source: HeaderBytes, count: int) -> dict[str, MetadataValue]:
    entries: dict[str, MetadataValue] = {}
    for _ in range(count):
        key = source.text()
        if not key:
            raise source.refusal("{name} holds a value without a name.")
        if key in entries:
            raise source.refusal("{name} says two things under “{key}”.", key=key[:64])
        entries[key] = _read_value(source, source.whole_number(_U32))
    return entries


def _read_value(source: HeaderBytes, kind: int) -> MetadataValue:
    if kind == _TEXT:
        return source.text()
    if kind == _ARRAY:
        return _read_array(source, source.whole_number(_U32), source.whole_number(_U64))
    return source.number(_layout(source, kind))


def _read_array(source: HeaderBytes, kind: int, count: int) -> MetadataValue:
    if kind == _TEXT:
        if count <= _KEPT_TEXTS:
            return tuple(source.text() for _ in range(count))
        source.skip_texts(count)
        return ArraySummary(count)
    layout = _layout(source, kind)
    if count <= _KEPT_NUMBERS:
        return tuple(source.number(layout) for _ in range(count))
    source.skip(count * layout.size)
    return ArraySummary(count)


def _layout(source: HeaderBytes, kind: int) -> struct.Struct:
    layout = _NUMBERS.get(kind)
    if layout is None:
        raise source.refusal("{name} holds a value of the unknown kind {kind}.", kind=kind)
    return layout


def _read_tensor(source: HeaderBytes) -> Tensor:
    name = source.text()
    dimension_count = source.whole_number(_U32)
    if dimension_count > _MAXIMUM_DIMENSIONS:
        raise source.refusal("{name} holds a tensor of {count:,} dimensions.", count=dimension_count)
    dimensions = tuple(source.whole_number(_U64) for _ in range(dimension_count))
    return Tensor(name, dimensions, source.whole_number(_U32), source.whole_number(_U64))


def _check_wholeness(header: ModelHeader, source: HeaderBytes) -> None:
    part = header.number("split.no")
    if part:  # counted from 0
        raise source.refusal(
            "{name} is part {part} of {parts} of a model.",
            next_step="Choose part 1; the engine finds the others beside it.",
            part=part + 1,
            parts=header.number("split.count") or part + 1,
        )
    if not header.tensor_count:
        raise source.refusal(
            "{name} holds only a vocabulary, no model.", next_step="Choose the file with the model's weights."
        )


def _check_data(header: ModelHeader, tensors: tuple[Tensor, ...], source: HeaderBytes, size_bytes: int) -> None:
    alignment = header.number("general.alignment") or 32
    begin = -(-source.position // alignment) * alignment if alignment > 0 else source.position
    needed = begin + max(tensor.offset + (tensor.size_bytes or 0) for tensor in tensors)
    if needed > size_bytes:
        raise source.refusal(
            "{name} is incomplete: it has {size:,} of {needed:,} bytes.",
            next_step="Its download was probably cut off. Download it again.",
            size=size_bytes,
            needed=needed,
        )


def _for_json(value: MetadataValue) -> object:
    if isinstance(value, ArraySummary):
        return {"count": value.count}
    if isinstance(value, tuple):
        return [_for_json(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
