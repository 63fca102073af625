"""The headers that were read: each once, until its file changes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import app.models.header_cache as module
from app.gguf.model_header import ModelHeader, Tensor
from app.models.header_cache import HeaderCache
from app.models.header_facts import HeaderFacts, facts_of
from tests.models.gguf_writer import CHAT_MODEL, build_gguf
from tests.models.shelf import write_model


@pytest.fixture
def cache(tmp_path: Path) -> HeaderCache:
    """An empty one."""
    return HeaderCache(tmp_path / "headers.json")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which headers have really been read."""
    read: list[Path] = []
    real = module.read_model_header

    def counted(path: Path) -> object:
        read.append(path)
        return real(path)

    monkeypatch.setattr(module, "read_model_header", counted)
    return read


def test_a_header_is_read_once(cache: HeaderCache, reads: list[Path], tmp_path: Path) -> None:
    """The second time, and for another process, what was read is known."""
    path = write_model(tmp_path / "meadow.gguf")
    first = cache.read([path])
    assert first[path] == HeaderFacts(
        "model", True, "Meadow 1B", "llama", "1B", "Q4_K_M", 4096, True, "apache-2.0"
    )  # fmt: skip
    assert HeaderCache(tmp_path / "headers.json").read([path]) == first
    assert reads == [path]


def test_a_file_that_changed_is_read_again(cache: HeaderCache, reads: list[Path], tmp_path: Path) -> None:
    """Another size or another time is another file."""
    path = write_model(tmp_path / "meadow.gguf")
    cache.read([path])
    os.utime(path, ns=(1, 1))
    assert cache.known().of(path) is None
    cache.read([path])
    write_model(path, "A longer name")
    facts = cache.read([path])[path]
    assert facts is not None
    assert facts.name == "A longer name"
    assert len(reads) == 3


def test_what_is_no_model_is_not_read_again_and_again(cache: HeaderCache, reads: list[Path], tmp_path: Path) -> None:
    """That it is none is known too, until it changes."""
    path = tmp_path / "notes.gguf"
    path.write_text("Feed the llamas.\n")
    assert cache.read([path]) == cache.read([path]) == {path: None}
    assert reads == [path]


def test_reading_many_can_be_stopped(cache: HeaderCache, reads: list[Path], tmp_path: Path) -> None:
    """What is known already is given all the same, as it costs nothing."""
    paths = [write_model(tmp_path / f"{name}.gguf") for name in "abc"]
    cache.read(paths[:1])
    assert list(cache.read(paths, lambda: len(reads) > 1)) == paths[:2]
    assert reads == paths[:2]


def test_a_file_that_is_not_there_may_come_yet(cache: HeaderCache, tmp_path: Path) -> None:
    """Nothing is remembered of it."""
    path = tmp_path / "later.gguf"
    assert cache.read([path]) == {path: None}
    write_model(path)
    assert cache.read([path])[path] is not None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 9, "files": {}}', "\0" * 40])
def test_a_damaged_cache_is_begun_anew(cache: HeaderCache, tmp_path: Path, content: str) -> None:
    """Nothing is lost with it, so nobody is told."""
    (tmp_path / "headers.json").write_text(content)
    path = write_model(tmp_path / "meadow.gguf")
    assert cache.read([path])[path] is not None
    assert cache.known().of(path) is not None
    assert json.loads((tmp_path / "headers.json").read_text())["version"] == 1


def test_one_damaged_entry_costs_only_itself(cache: HeaderCache, reads: list[Path], tmp_path: Path) -> None:
    """The others are known as before."""
    paths = [write_model(tmp_path / f"{name}.gguf") for name in "ab"]
    cache.read(paths)
    content = json.loads((tmp_path / "headers.json").read_text())
    content["files"][str(paths[0])] = {"size_bytes": "large"}
    (tmp_path / "headers.json").write_text(json.dumps(content))
    cache.read(paths)
    assert reads == [*paths, paths[0]]


def test_the_cache_stays_small(cache: HeaderCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were read first are forgotten first."""
    monkeypatch.setattr(module, "_MOST_FILES", 3)
    paths = [write_model(tmp_path / f"{number}.gguf") for number in range(5)]
    for path in paths:
        cache.read([path])
    assert [cache.known().of(path) is not None for path in paths] == [False, False, True, True, True]


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    """The answer is the same."""
    (tmp_path / "headers.json").mkdir()
    path = write_model(tmp_path / "meadow.gguf")
    assert HeaderCache(tmp_path / "headers.json").read([path])[path] is not None


@pytest.mark.parametrize(
    ("entries", "kind", "can_talk"),
    [
        ({}, "model", True),
        ({"general.type": "adapter"}, "adapter", False),
        ({"general.type": "mmproj"}, "mmproj", False),
        ({"general.architecture": "clip"}, "mmproj", False),
        ({"llama.pooling_type": 1}, "model", False),
    ],
)
def test_it_is_told_what_can_talk(
    cache: HeaderCache, tmp_path: Path, entries: dict[str, str | int], kind: str, can_talk: bool
) -> None:
    """Projectors, also those of the time before they said so; adapters; models that only embed."""
    path = tmp_path / "file.gguf"
    path.write_bytes(build_gguf({**CHAT_MODEL, **entries}))
    facts = cache.read([path])[path]
    assert facts is not None
    assert (facts.kind, facts.can_talk) == (kind, can_talk)


def test_what_has_no_vocabulary_does_not_talk(cache: HeaderCache, tmp_path: Path) -> None:
    """Models that paint are GGUF files too."""
    path = tmp_path / "painter.gguf"
    path.write_bytes(build_gguf({"general.architecture": "flux"}))
    facts = cache.read([path])[path]
    assert facts is not None
    assert not facts.can_talk


@pytest.mark.parametrize(
    ("dimensions", "label"),
    [
        ((2048, 600_000), "1.2B"),
        ((1000, 8_000_000), "8B"),
        ((576, 233_600), "135M"),
        ((8, 8), "1M"),
        ((1000, 999_700), "1B"),
    ],
)
def test_parameters_are_counted_where_no_label_says_them(dimensions: tuple[int, int], label: str) -> None:
    """Many files were made before there were labels. Only the first file of a model in several would count too few."""
    tensors = [Tensor("token_embd.weight", dimensions, 0, 0)]
    header = ModelHeader(3, {"general.architecture": "llama"}, tuple(tensors))
    assert facts_of(header).parameters == label
    split = ModelHeader(3, {"general.architecture": "llama", "split.count": 2}, tuple(tensors))
    assert facts_of(split).parameters is None
