"""What a GGUF file says about itself: its header, read in plain Python and without trusting it.

Source of the format: `ggml/include/gguf.h` of llama.cpp, versions 2 and 3.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from types import MappingProxyType
from typing import Final

from app.gguf.entries import read_entries
from app.gguf.first_look import check_first_bytes
from app.gguf.header_bytes import HeaderBytes, Read, Step
from app.gguf.header_error import ModelHeaderError
from app.gguf.local_file import look_into
from app.gguf.model_header import ArraySummary, MetadataValue, ModelHeader, Tensor
from app.given_text import shown_name

MAXIMUM_TENSORS: Final = 65_536
_HEAD: Final = struct.Struct("<4sIQQ")
"""Magic, version, how many tensors and how many entries there are."""
_ROWS: Final = tuple(struct.Struct(f"<{dimensions}QIQ") for dimensions in range(5))
"""What follows the name and the number of dimensions of a tensor: these, its kind, its offset."""
_ALIGNMENT: Final = "general.alignment"
_USUAL_ALIGNMENT: Final = 32
_LOCAL: Final = Step(64 * 1024, 64 * 1024)
_REMOTE: Final = Step(256 * 1024, 8 * 1024 * 1024, growth=0.3)
"""No more comes than 1.3 times what is wanted and 256 kB, unless an array's texts become much shorter on the way."""


def read_header(path: Path) -> ModelHeader:
    """Read the header of the GGUF file `path`, whatever is in it. Raises `ModelHeaderError`, also if it is cut off."""
    return look_into(path, lambda read, size_bytes: _read(read, size_bytes, shown_name(path), _LOCAL))


def read_model_header(path: Path) -> ModelHeader:
    """Read what the model file `path` says of itself. Raises `ModelHeaderError` if it is none that can be loaded.

    The first file of a model in several is one; a later one, or a vocabulary without weights, is none.
    """
    header = read_header(path)
    check_model(header, shown_name(path))
    return header


def read_remote_header(read: Read, size_bytes: int, name: str) -> ModelHeader:
    """Read the header of a GGUF file of `size_bytes` that lies elsewhere, which sentences call `name`.

    `read(offset, count)` fetches a range: the first 256 kB, then more, no byte twice. Its errors pass through.
    Raises `ModelHeaderError`.
    """
    return _read(read, size_bytes, name, _REMOTE)


def check_model(header: ModelHeader, name: str) -> None:
    """Refuse with a `ModelHeaderError` the header of a file that is not a model, or not its first part."""
    part, parts = header.number("split.no") or 0, header.number("split.count") or 1
    if part > 0:  # counted from 0
        raise ModelHeaderError(
            "{name} is part {part} of {parts} of a model.",
            next_step="Choose part 1; the engine finds the others beside it.",
            name=name,
            part=part + 1,
            parts=max(parts, part + 1),
        )
    if not header.tensors and parts == 1:
        raise ModelHeaderError(
            "{name} holds only a vocabulary, no model.",
            next_step="Choose the file with the model's weights.",
            name=name,
        )


def metadata(path: Path) -> dict[str, object]:
    """Give all entries of the header as JSON can hold them; of a long array only `{"count": n}`."""
    return {key: _for_json(value) for key, value in read_header(path).metadata.items()}


def _read(read: Read, size_bytes: int, name: str, window: Step) -> ModelHeader:
    source = HeaderBytes(read, size_bytes, name, window)
    version = check_first_bytes(source.beginning(), name)
    _, _, tensor_count, entry_count = source.numbers(_HEAD)
    entries = read_entries(source, entry_count)
    if tensor_count > MAXIMUM_TENSORS:
        raise source.refusal("{name} claims to hold {count} tensors.", count=tensor_count)
    tensors = tuple([_read_tensor(source) for _ in range(tensor_count)])
    alignment = _alignment(entries[_ALIGNMENT], source) if _ALIGNMENT in entries else _USUAL_ALIGNMENT
    begin = -(-source.position // alignment) * alignment
    if tensors:
        _check_data(begin + max([tensor.end for tensor in tensors]), source, size_bytes)
    return ModelHeader(version, MappingProxyType(entries), tensors, begin)


def _read_tensor(source: HeaderBytes) -> Tensor:
    name, dimension_count = source.named()
    if dimension_count >= len(_ROWS):
        raise source.refusal("{name} holds a tensor of {count} dimensions.", count=dimension_count)
    row = source.numbers(_ROWS[dimension_count])
    return Tensor(name, row[:-2], row[-2], row[-1])


def _alignment(alignment: MetadataValue, source: HeaderBytes) -> int:
    if isinstance(alignment, bool) or not isinstance(alignment, int) or alignment < 1 or alignment.bit_count() > 1:
        raise source.refusal("{name} claims to be aligned to {alignment} bytes.", alignment=str(alignment)[:64])
    return alignment


def _check_data(needed: int, source: HeaderBytes, size_bytes: int) -> None:
    if needed > size_bytes:
        raise source.refusal(
            "{name} is incomplete: it has {size} of at least {needed} bytes.",
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
