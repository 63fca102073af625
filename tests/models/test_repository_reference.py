"""What people paste and write to name a model on the hub."""

from __future__ import annotations

import unicodedata

import pytest
from huggingface_hub.utils import validate_repo_id
from hypothesis import example, given
from hypothesis import strategies as st

from app.models.repository_reference import RepositoryReference, parse_reference

REPOSITORY = RepositoryReference("bartowski", "Qwen3-4B-GGUF")
FILE = RepositoryReference("bartowski", "Qwen3-4B-GGUF", "Qwen3-4B-Q4_K_M.gguf", "main")


@pytest.mark.parametrize(
    "text",
    [
        "bartowski/Qwen3-4B-GGUF",
        "  bartowski/Qwen3-4B-GGUF/ \n",
        "`bartowski/Qwen3-4B-GGUF`",
        "https://huggingface.co/bartowski/Qwen3-4B-GGUF",
        "<https://huggingface.co/bartowski/Qwen3-4B-GGUF>",
        "HTTPS://HuggingFace.CO/bartowski/Qwen3-4B-GGUF/?library=llama.cpp#files",
        "http://hf.co/bartowski/Qwen3-4B-GGUF",
        "huggingface.co/bartowski/Qwen3-4B-GGUF",
        "https://hf-mirror.com/bartowski//Qwen3-4B-GGUF",
        "https://huggingface.co:443/bartowski/Qwen3-4B-GGUF/discussions/3",
        "hf://bartowski/Qwen3-4B-GGUF",
    ],
)
def test_a_repository(text: str) -> None:
    """Written, pasted, or pasted without its beginning."""
    assert parse_reference(text) == REPOSITORY
    assert REPOSITORY.id == "bartowski/Qwen3-4B-GGUF"


@pytest.mark.parametrize(
    "text",
    [
        "https://huggingface.co/bartowski/Qwen3-4B-GGUF/blob/main/Qwen3-4B-Q4_K_M.gguf",
        "https://huggingface.co/bartowski/Qwen3-4B-GGUF/resolve/main/Qwen3-4B-Q4_K_M.gguf?download=true",
        "huggingface.co/bartowski/Qwen3-4B-GGUF/raw/main/Qwen3-4B-Q4_K_M.gguf",
        "https://hf-mirror.com/bartowski/Qwen3-4B-GGUF/blame/main/Qwen3-4B%2DQ4_K_M.gguf",
        "hf://bartowski/Qwen3-4B-GGUF@main/Qwen3-4B-Q4_K_M.gguf",
        "bartowski/Qwen3-4B-GGUF@main:Qwen3-4B-Q4_K_M.gguf",
    ],
)
def test_a_file(text: str) -> None:
    """The page of a file, and what its download button copies."""
    assert parse_reference(text) == FILE


@pytest.mark.parametrize(
    ("text", "file", "revision"),
    [
        ("o/r:Q4_K_M", "Q4_K_M", None),
        ("hf.co/o/r:Q4_K_M", "Q4_K_M", None),
        ("o/r:UD-Q4/large-00001-of-00003.gguf", "UD-Q4/large-00001-of-00003.gguf", None),
        ("o/r@v1.0", None, "v1.0"),
        ("https://huggingface.co/o/r/tree/main", None, "main"),
        ("https://huggingface.co/o/r/tree/main/UD-Q4", None, "main"),
        ("https://huggingface.co/o/r/commit/0123abc", None, "0123abc"),
        ("https://huggingface.co/o/r/tree/refs%2Fpr%2F1", None, "refs/pr/1"),
        ("https://huggingface.co/o/r/blob/refs/pr/1/a/b.gguf", "a/b.gguf", "refs/pr/1"),
        ("https://huggingface.co/o/r/blob/refs/b.gguf", "b.gguf", "refs"),
        ("https://huggingface.co/o/r/resolve/main/a%20b.gguf", "a b.gguf", "main"),
        ("https://huggingface.co/o/r?show_file_info=a.gguf", "a.gguf", None),
        ("https://huggingface.co/o/r.gguf", None, None),
    ],
)
def test_a_part_of_a_repository(text: str, file: str | None, revision: str | None) -> None:
    """Files, folders, branches and commits."""
    reference = parse_reference(text)
    assert reference is not None
    assert (reference.owner, reference.file, reference.revision) == ("o", file, revision)


def test_a_mirror_of_one_s_own() -> None:
    """Named as `HF_ENDPOINT` names it, also where it lies below a path; other hosts are not the hub."""
    address = "https://models.company.example/hub/o/r/blob/main/a.gguf"
    assert parse_reference(address) is None
    expected = RepositoryReference("o", "r", "a.gguf", "main")
    for mirror in ("https://models.company.example/hub/", "models.company.example/hub"):
        assert parse_reference(address, [mirror]) == expected
        assert parse_reference("models.company.example/hub/o/r", [mirror]) == RepositoryReference("o", "r")
    assert parse_reference("https://models.company.example/o/r", ["models.company.example/hub"]) is None
    assert parse_reference("http://127.0.0.1:8080/o/r", ["http://127.0.0.1:8080", "http://[", ""]) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "qwen3",
        "qwen3 4b",
        "a/b/c",
        "/home/ann/model.gguf",
        "models/model.gguf",
        "./o/r",
        "../o/r",
        "~/models",
        "C:\\models\\a.gguf",
        "C:/models/a.gguf",
        "o/r:",
        "o/r@",
        "o/r:../secret",
        "o/r:/etc/passwd",
        "o/r:a\\b",
        "o/r:a//b",
        "o/r@main/../x",
        "o/--",
        "o/a--b",
        "o/a..b",
        "o/r.git",
        "-o/r",
        "o/r\u202e",
        "o\0/r",
        "o/\ud800",
        "ö/r",
        "datasets/o",
        "https://huggingface.co",
        "https://huggingface.co/bartowski",
        "https://huggingface.co/datasets/o/r",
        "https://huggingface.co/spaces/o/r",
        "https://huggingface.co/o/r/settings",
        "https://huggingface.co/o/r/blob/main",
        "https://huggingface.co/o/r/blob/main/../../x",
        "https://huggingface.co/o/r/resolve/main/%2e%2e/x",
        "https://huggingface.co/o/r/resolve/..%2f..%2fx/a",
        "https://huggingface.co@evil.example/o/r",
        "https://ann@huggingface.co/o/r",
        "https://huggingface.co.evil.example/o/r",
        "https://github.com/o/r",
        "ftp://huggingface.co/o/r",
        "file:///o/r",
        "https://[huggingface.co/o/r",
        "hf://o",
        "o/" + "r" * 97,
        "o/r:" + "a" * 3000,
    ],
)
def test_what_is_none(text: str) -> None:
    """Words, paths, other parts of the hub, other hosts, and what tries to lead elsewhere."""
    assert parse_reference(text) is None


def check_sound(text: str) -> RepositoryReference | None:
    """Parse, and make sure that what came of it can be put into an address as it is."""
    reference = parse_reference(text, ["https://mirror.example/hub"])
    if reference is None:
        return None
    validate_repo_id(reference.id)
    for part in (reference.file, reference.revision):
        if part is not None:
            assert part
            assert not {"", ".", ".."} & set(part.split("/"))
            assert "\\" not in part
            assert not any(unicodedata.category(letter).startswith("C") and letter.isascii() for letter in part)
    return reference


PIECES = st.sampled_from(
    ["https://", "http://", "hf://", "huggingface.co", "hf.co", "mirror.example/hub", "/", ":", "@", "..", ".",
     "%2e%2e", "%2f", "%00", "\\", "blob", "resolve", "tree", "main", "refs/pr/1", "owner", "repo", "a.gguf",
     "?show_file_info=", "#", "[", "]", " ", "\u202e", "\0", "-", "--", "datasets"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join)))
@example("https://huggingface.co/o/r?show_file_info=%00")
@example("https://huggingface.co/o/r?" + "&" * 2000)
def test_odd_input_is_none_or_sound(text: str) -> None:
    """Whatever is pasted, nothing comes of it that the hub would not take or that leads out of the repository."""
    reference = check_sound(text)
    if reference is not None and reference.file is None and reference.revision is None:
        assert parse_reference(f"https://huggingface.co/{reference.id}") == reference


NAMES = st.from_regex(r"[a-zA-Z0-9](?:[a-zA-Z0-9_]{0,20}[a-zA-Z0-9])?", fullmatch=True).filter(
    lambda name: parse_reference(f"{name}/r") is not None
)
PATHS = st.lists(
    st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_. -]{0,10}[A-Za-z0-9_-]", fullmatch=True), min_size=1, max_size=3
)


@given(NAMES, NAMES, PATHS)
def test_every_way_to_write_a_file_means_the_same(owner: str, name: str, path: list[str]) -> None:
    """As an address, as an address of a mirror, as the programs of the hub write it, and by a colon."""
    file = "/".join(path)
    expected = RepositoryReference(owner, name, file, "main")
    quoted = file.replace(" ", "%20")
    assert check_sound(f"https://huggingface.co/{owner}/{name}/resolve/main/{quoted}") == expected
    assert check_sound(f"mirror.example/hub/{owner}/{name}/blob/main/{quoted}") == expected
    assert check_sound(f"hf://{owner}/{name}@main/{file}") == expected
    assert check_sound(f"{owner}/{name}@main:{file}") == expected
