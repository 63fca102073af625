"""Headers are read as the format's own project reads them."""

from __future__ import annotations

import ctypes
import sysconfig
from pathlib import Path

import gguf
import pytest

from app.gguf.quantization import FILE_TYPES, TENSOR_TYPES
from app.gguf.reading import read_header
from tests.conftest import Campaign
from tests.gguf.at_hand import starter_file, vocabulary_files, written_files
from tests.gguf.reference import assert_same, read_reference

NEWER = {42: ("Q2_0", 64, 18)}
CORRECTED = {9: ("Q8_1", 32, 36)}
"""No file holds this type, so that nobody noticed there when llama.cpp made its block smaller."""


@pytest.mark.campaign
def test_the_same_values(tmp_path: Path, campaign: Campaign) -> None:
    """On every file at hand: the starter model, the vocabularies of llama.cpp, those that the tests write.

    How much faster we are, `tests/benchmarks/gguf_header.py` tells.
    """
    vocabularies = vocabulary_files()
    assert len(vocabularies) > 10
    for path in (starter_file(), *vocabularies[: None if campaign.is_full else 3], *written_files(tmp_path)):
        assert_same(read_header(path), read_reference(path), path)


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
