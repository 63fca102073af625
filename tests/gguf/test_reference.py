"""Headers are read as the format's own project reads them, and much faster."""

from __future__ import annotations

import ctypes
import statistics
import sysconfig
from pathlib import Path

import gguf
import pytest

from app.gguf.quantization import FILE_TYPES, TENSOR_TYPES
from app.gguf.reading import read_header
from tests.conftest import Campaign
from tests.gguf.at_hand import starter_file, vocabulary_files, written_files
from tests.gguf.reference import assert_same, read_reference, timed

TIMES_FASTER = 20
OPENING_BYTES = 1024
"""Of shorter headers most of the time goes into opening the file, which is as fast for everybody."""
NEWER = {42: ("Q2_0", 64, 18)}
CORRECTED = {9: ("Q8_1", 32, 36)}
"""No file holds this type, so that nobody noticed there when llama.cpp made its block smaller."""


@pytest.mark.campaign
def test_the_same_values_twenty_times_faster(tmp_path: Path, campaign: Campaign) -> None:
    """On every file at hand: the starter model, the vocabularies of llama.cpp, those that the tests write."""
    vocabularies = vocabulary_files()
    assert len(vocabularies) > 10
    files = [starter_file(), *vocabularies[: None if campaign.is_full else 3], *written_files(tmp_path)]
    ratios: dict[str, float] = {}
    for path in files:
        reference, theirs_s = timed(lambda path=path: read_reference(path))
        header, ours_s = min((timed(lambda path=path: read_header(path)) for _ in range(9)), key=lambda each: each[1])
        assert_same(header, reference, path)
        ratios[path.name] = theirs_s / ours_s
        is_long = header.data_offset > OPENING_BYTES
        assert ratios[path.name] >= (TIMES_FASTER if is_long else TIMES_FASTER / 2), path.name
    slowest = min(ratios, key=lambda name: ratios[name])
    median = statistics.median(ratios.values())
    print(f"{len(ratios)} files: {median:.0f} times faster, {ratios[slowest]:.0f} at least ({slowest})")  # noqa: T201 - worth seeing


def test_the_names_of_quantizations_are_the_formats_own() -> None:
    """Those that the reference knows."""
    for file_type in gguf.LlamaFileType:
        if file_type is not gguf.LlamaFileType.GUESSED:
            plain = file_type.name.removeprefix("MOSTLY_").removeprefix("ALL_")
            assert FILE_TYPES[int(file_type)] == plain


def test_the_sizes_of_blocks_are_the_formats_own() -> None:
    """Those of the reference, and one that is newer than it."""
    known = {int(kind): (kind.name, *sizes) for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert known | NEWER | CORRECTED == TENSOR_TYPES


def test_the_sizes_of_blocks_are_those_that_llama_cpp_computes_with() -> None:
    """The library itself has the last word, on every type."""
    library = ctypes.CDLL(str(next((Path(sysconfig.get_path("platlib")) / "llama_cpp" / "lib").glob("*ggml-base*"))))
    library.ggml_type_name.restype = ctypes.c_char_p
    library.ggml_blck_size.restype = ctypes.c_int64
    library.ggml_type_size.restype = ctypes.c_size_t
    for kind, (name, block, size_bytes) in TENSOR_TYPES.items():
        assert library.ggml_type_name(kind).decode().upper() == name
        assert (library.ggml_blck_size(kind), library.ggml_type_size(kind)) == (block, size_bytes)
