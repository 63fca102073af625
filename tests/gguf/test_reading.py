"""What a model file says of itself, and how anything else is refused."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest

from app.gguf import header_bytes
from app.gguf.header_error import ModelHeaderError
from app.gguf.reading import metadata, read_header, read_model_header
from tests.gguf.at_hand import starter_file
from tests.models.gguf_writer import CHAT_MODEL, Number, Numbers, build_gguf, encode_text

SOUND = build_gguf()
ONE_ENTRY = b"GGUF" + struct.pack("<IQQ", 3, 1, 1)


def written(folder: Path, content: bytes, name: str = "meadow.gguf") -> Path:
    """A file with `content`."""
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(folder: Path, content: bytes) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(ModelHeaderError) as caught:
        read_model_header(written(folder, content))
    assert caught.value.next_step
    return str(caught.value)


def test_a_model_tells_what_it_is(tmp_path: Path) -> None:
    """Everything the application shows of a model comes from its header."""
    header = read_header(written(tmp_path, SOUND))
    assert (header.version, header.architecture, header.name, header.size_label) == (3, "llama", "Meadow 1B", "1B")
    assert (header.quantization, header.licence, header.kind) == ("Q4_K_M", "apache-2.0", "model")
    assert (header.context_length, header.block_count, header.embedding_length) == (4096, 2, 64)
    assert (header.vocabulary_size, header.has_chat_template, len(header.tensors)) == (3, True, 1)


def test_what_a_model_does_not_tell_is_none(tmp_path: Path) -> None:
    """A file may say next to nothing of itself, or the wrong thing in the right place."""
    entries = {"general.name": 7, "llama.context_length": "long", "general.file_type": 999, "general.license": " "}
    header = read_header(written(tmp_path, build_gguf(entries)))
    assert (header.architecture, header.name, header.licence, header.quantization) == (None, None, None, None)
    assert (header.context_length, header.vocabulary_size, header.has_chat_template) == (None, None, False)


def test_the_tensors_are_listed(tmp_path: Path) -> None:
    """The table says how large each tensor is and where it lies."""
    content = build_gguf(tensors=[("a", (64, 3)), ("b", (5,))])
    first, second = read_header(written(tmp_path, content)).tensors
    assert (first.name, first.dimensions, first.kind_name, first.offset) == ("a", (64, 3), "F32", 0)
    assert (first.size_bytes, second.size_bytes, second.offset) == (768, 20, 768)


def test_metadata_is_for_reading(tmp_path: Path) -> None:
    """`models show` prints every entry; of the vocabulary only its length, and nothing JSON cannot hold."""
    entries = {
        **CHAT_MODEL,
        "tokenizer.ggml.tokens": ["hay"] * 500,
        "tokenizer.ggml.scores": Numbers("f32", [0.5] * 2000),
        "llama.attention.head_count": Numbers("u32", [4, 8]),
        "odd": Number("f32", float("nan")),
        "yes": True,
    }
    told = metadata(written(tmp_path, build_gguf(entries)))
    assert told["tokenizer.ggml.tokens"] == {"count": 500}
    assert told["tokenizer.ggml.scores"] == {"count": 2000}
    assert told["llama.attention.head_count"] == [4, 8]
    assert told["odd"] is None
    assert told["yes"] is True
    assert told["general.name"] == "Meadow 1B"


def test_the_header_of_the_starter_model_is_read_at_once() -> None:
    """The model picker may look at every file whenever it opens. CPU time, so that a busy machine does not matter."""
    path = starter_file()
    began = time.process_time()
    read_header(path)
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "meadow.gguf is empty."),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "only points to a model file"),
        (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
        ("Grüße von der Weide\n".encode() * 400, "is a text file"),
        (b"tjgg" + bytes(40), "older than GGUF"),
        (b"PK\x03\x04" + bytes(40), "is not a GGUF file"),
        (b"\xff\xfe" + bytes(40), "is not a GGUF file"),
        (b"GGUF\x03", "ends right after its first bytes"),
        (build_gguf(version=1), "version 1 of GGUF, which is no longer in use"),
        (build_gguf(version=4), "version 4 of GGUF; this Paddock knows versions 2 and 3"),
        (b"GGUF" + struct.pack(">I", 3) + bytes(40), "big-endian"),
        (SOUND[:100], "ends in the middle"),
        (SOUND[:-1], "is incomplete"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**63), "entries of metadata"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), "tensors"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 2**62), "a name of 4,611,686,018,427,387,904 bytes"),
        (ONE_ENTRY + encode_text("k") + struct.pack("<IIQ", 9, 8, 2**40), "array of"),
        (
            b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + encode_text("k") + struct.pack("<IIQ", 9, 4, 2**40),
            "array of 1,099,511,627,776 numbers",
        ),
        (ONE_ENTRY + encode_text("k") + struct.pack("<IIQ", 9, 9, 1), "unknown kind 9"),
        (ONE_ENTRY + encode_text("k") + struct.pack("<I", 77), "unknown kind 77"),
        (ONE_ENTRY + struct.pack("<Q", 0) + struct.pack("<IB", 0, 1), "a value without a name"),
        (
            b"GGUF" + struct.pack("<IQQ", 3, 1, 2) + 2 * (encode_text("k") + struct.pack("<IB", 0, 1)),
            "says two things under “k”",
        ),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + encode_text("t") + struct.pack("<I", 9), "a tensor of 9 dimensions"),
        (build_gguf(tensors=()), "only a vocabulary"),
        (build_gguf({**CHAT_MODEL, "split.no": 1, "split.count": 3}), "is part 2 of 3"),
    ],
)
def test_what_is_not_a_whole_model_is_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    """The sentence says what the file is instead, and what to do."""
    assert sentence in refusal(tmp_path, content)


def test_a_damaged_text_is_shown_with_its_damage(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 do not make a model unusable."""
    content = SOUND.replace(b"Meadow", b"M\xffadow")
    assert read_header(written(tmp_path, content)).name == "M\ufffdadow 1B"


def test_version_2_is_read_as_version_3(tmp_path: Path) -> None:
    """Older files of the same layout stay usable."""
    assert read_header(written(tmp_path, build_gguf(version=2))).version == 2


def test_a_missing_file_and_a_folder_have_their_sentences(tmp_path: Path) -> None:
    """Nothing there is different from nothing readable there."""
    with pytest.raises(ModelHeaderError, match="There is no file"):
        read_header(tmp_path / "gone.gguf")
    with pytest.raises(ModelHeaderError, match="is a folder"):
        read_header(tmp_path)
    with pytest.raises(ModelHeaderError, match="cannot be read"):
        read_header(tmp_path / "a\0b.gguf")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A name that leads to a pipe would never end."""
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelHeaderError, match="is not a file"):
        read_header(tmp_path / "pipe.gguf")


def test_a_vocabulary_larger_than_the_window_is_skipped(tmp_path: Path) -> None:
    """Texts that lie across the border of what was read ahead are passed over at the right place."""
    words = [("x" * (index % 977)) for index in range(9000)]
    entries = {"tokenizer.ggml.tokens": words, "general.architecture": "llama"}
    assert read_header(written(tmp_path, build_gguf(entries))).architecture == "llama"


def test_endless_empty_texts_are_not_counted_for_ever(tmp_path: Path) -> None:
    """A large file of zeros behind a promise of texts is refused by its number, not walked through."""
    claim = struct.pack("<IIQ", 9, 8, header_bytes.MAXIMUM_SKIPPED_TEXTS + 1)
    path = written(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 1, 2) + encode_text("a") + claim)
    with path.open("r+b") as file:
        file.truncate(2**33)  # holes: takes no room on the disk
    began = time.process_time()
    with pytest.raises(ModelHeaderError, match="array of 4,000,001 texts"):
        read_header(path)
    assert time.process_time() - began < 0.5


@pytest.mark.skipif(os.name != "posix", reason="Windows makes such links for administrators only")
def test_what_cannot_be_opened_is_called_what_it_is(tmp_path: Path) -> None:
    """The disk is blamed for none of it."""
    loop = tmp_path / "loop.gguf"
    loop.symlink_to(loop)
    assert refused_path(loop) == "loop.gguf is a link that leads back to itself. Choose the model file itself."
    assert "is a longer name than a file can have" in refused_path(tmp_path / ("long" * 100))
    inside_a_file = written(tmp_path, SOUND) / "model.gguf"
    assert refused_path(inside_a_file).startswith(f"There is no file {inside_a_file}.")
    assert refused_path(Path("nul\0.gguf")).split(". ")[0].endswith("cannot be read as a file")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux shows memory as a file")
def test_a_window_into_memory_is_no_file() -> None:
    """It claims to be an empty file, and cannot be read."""
    assert refused_path(Path("/proc/self/mem")).startswith("mem cannot be read as a file.")


def refused_path(path: Path) -> str:
    """The sentence with which what lies at `path` is refused."""
    with pytest.raises(ModelHeaderError) as caught:
        read_header(path)
    return str(caught.value)
