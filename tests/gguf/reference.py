"""The reader of the format's own project, to compare with."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import gguf

from app.gguf.model_header import ArraySummary, MetadataValue, ModelHeader

Result = TypeVar("Result")
LONGEST_ARRAY = 256


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Do something, and say how many seconds of the processor it took: a busy machine makes no difference."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def read_reference(path: Path) -> gguf.GGUFReader:
    """Read the header of `path` with all of its values; of long arrays only where they lie, as Paddock does."""
    reader = gguf.GGUFReader(path)
    for field in reader.fields.values():
        if len(field.data) <= LONGEST_ARRAY:
            field.contents()
    return reader


def assert_same(header: ModelHeader, reference: gguf.GGUFReader, path: Path) -> None:
    """Both found the same entries, in the same order, and the same tensors at the same places."""
    fields = {name: field for name, field in reference.fields.items() if not name.startswith("GGUF.")}
    assert list(header.metadata) == list(fields), path.name
    for name, field in fields.items():
        assert _is_same(header.metadata[name], field), f"{path.name}: {name}"
    assert header.version == int(reference.fields["GGUF.version"].parts[-1][0])
    assert header.data_offset == reference.data_offset, path.name
    theirs = [
        (tensor.name, tensor.shape.tolist(), int(tensor.tensor_type), tensor.n_bytes, tensor.data_offset)
        for tensor in reference.tensors
    ]
    ours = [
        (tensor.name, list(tensor.dimensions), tensor.kind, tensor.size_bytes, header.data_offset + tensor.offset)
        for tensor in header.tensors
    ]
    assert ours == theirs, path.name


def _is_same(value: MetadataValue, field: gguf.ReaderField) -> bool:
    if isinstance(value, ArraySummary):
        return value.count == len(field.data) if field.types[0] is gguf.GGUFValueType.ARRAY else False
    theirs: Any = field.contents()
    return (list(value) if isinstance(value, tuple) else value) == theirs
