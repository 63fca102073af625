"""What is wrong with a file is said before llama.cpp sees it."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.engine import ModelFileError
from app.engine.llama.loading.model_file import inspect_model_file
from tests.gguf_files import TinyModel, write_vocabulary_only
from tests.llama_sources import llama_models_folder


def refusal(path: Path) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(ModelFileError) as caught:
        inspect_model_file(path)
    return str(caught.value)


def written(path: Path, content: bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content)
    return path


def test_a_sound_file(tiny_llama: Path) -> None:
    """A whole model is known by its name, kind and size."""
    file = inspect_model_file(tiny_llama)
    assert (file.name, file.architecture, file.parts) == ("Tiny", "llama", (tiny_llama,))
    assert file.size_bytes == tiny_llama.stat().st_size


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>Not found</html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "only points to a model file"),
        (b"ggjt\3\0\0\0" + bytes(99), "is in a format older than GGUF"),
        ("Grüße, this is only a letter.\n".encode() * 40, "is a text file"),
        (b"\x89PNG\r\n\x1a\n\0" + bytes(99), "is not a GGUF file"),
        (b"GGUF\1\0\0\0" + bytes(99), "version 1"),
        (b"GGUF\0\0\0\3" + bytes(99), "another kind of processor"),
        (b"GGUF\3\0\0\0", "ends in the middle"),
        (b"GGUF" + struct.pack("<IQQQcI", 3, 0, 1, 1, b"k", 77), "unknown kind 77"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0) + bytes(99), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**63) + bytes(99), "entries of metadata"),
    ],
)
def test_what_is_no_model_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    """An empty file, a web page, a pointer, a text, an old format: each is called what it is, by its name."""
    said = refusal(written(tmp_path / "my model.gguf", content))
    assert sentence in said
    assert said.startswith("my model.gguf ")


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that was moved is said to be gone, with its whole path."""
    assert refusal(tmp_path / "gone.gguf").startswith(f"There is no file {tmp_path / 'gone.gguf'}.")


def test_a_folder(tmp_path: Path) -> None:
    """A folder is no file."""
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="permissions of another kind")
def test_a_file_that_may_not_be_read(tmp_path: Path, tiny_llama: Path) -> None:
    """Somebody without permission is told so. Root may read everything, so another user looks."""
    closed = written(tmp_path / "closed.gguf", tiny_llama.read_bytes())
    closed.chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    assert "may not read closed.gguf" in _refusal_as_nobody(closed)


def _refusal_as_nobody(path: Path) -> str:
    """The sentence as a process without rights would hear it."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            inspect_model_file(path)
        except ModelFileError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read, encoding="utf-8") as told:
        return told.read()


def test_a_truncated_file_says_how_much_is_there(tmp_path: Path, tiny_llama: Path) -> None:
    """An interrupted download is called incomplete, with both sizes."""
    whole = tiny_llama.read_bytes()
    said = refusal(written(tmp_path / "half.gguf", whole[: len(whole) // 2]))
    assert said.startswith(f"half.gguf is incomplete: it has {len(whole) // 2:,} of at least ")


def test_every_truncated_header_is_one_sentence(tmp_path: Path, tiny_llama: Path) -> None:
    """Wherever the file ends inside its header, nothing but a sentence comes of it."""
    whole = tiny_llama.read_bytes()
    for length in range(1, 3000, 37):
        assert refusal(written(tmp_path / "cut.gguf", whole[:length]))


def test_only_a_vocabulary(tmp_path: Path) -> None:
    """A tokenizer without weights is no model."""
    assert "holds only a vocabulary, no model" in refusal(write_vocabulary_only(tmp_path / "vocabulary.gguf"))


def test_the_vocabularies_that_llama_cpp_keeps() -> None:
    """Each of them is known for what it is."""
    files = sorted(llama_models_folder().glob("ggml-vocab-*.gguf"))
    assert files
    sentences = {refusal(file).removeprefix(file.name) for file in files}
    assert sentences == {" holds only a vocabulary, no model. Choose the file with the model's weights."}


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        ({"general.type": "adapter"}, "an adapter"),
        ({"general.type": "mmproj"}, "the part of a model that sees pictures"),
    ],
)
def test_a_part_of_something_else(tmp_path: Path, extra: dict[str, str], what: str) -> None:
    """An adapter and the eyes of a model are named."""
    assert what in refusal(TinyModel(extra=extra).write(tmp_path / "part.gguf"))


def test_a_model_in_parts(tmp_path: Path) -> None:
    """All parts are found beside the first; a missing one is named, and so is the first when another was chosen."""
    model = TinyModel(extra={"split.count": 2})
    first, second = (tmp_path / f"big-0000{number}-of-00002.gguf" for number in (1, 2))
    model.write(first)
    assert "A part of the model is missing: big-00002-of-00002.gguf." in refusal(first)
    model.write(second)
    assert inspect_model_file(first).parts == (first, second)
    assert "Choose big-00001-of-00002.gguf." in refusal(second)
    renamed = model.write(tmp_path / "renamed.gguf")
    assert "has lost its name" in refusal(renamed)


@given(st.data())
def test_flipped_bytes_in_the_header_are_a_sentence_or_no_harm(tiny_llama: Path, data: st.DataObject) -> None:
    """Whatever byte of the header is another, reading it ends soon, with a sentence or a file that looks sound."""
    whole = bytearray(tiny_llama.read_bytes())
    for place in data.draw(st.lists(st.integers(min_value=0, max_value=4000), min_size=1, max_size=3)):
        whole[place] ^= data.draw(st.integers(min_value=1, max_value=255))
    damaged = written(tiny_llama.with_name("flipped.gguf"), bytes(whole))
    try:
        inspect_model_file(damaged)
    except ModelFileError as error:
        assert str(error)  # noqa: PT017 - a refusal is one of the two allowed ends
