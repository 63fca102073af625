"""Bringing a file into memory, slice by slice."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.llama.loading import paging
from app.hardware import Memory

MEBIBYTE = 1024 * 1024


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Two files of nine and three mebibytes."""
    paths = [tmp_path / "first", tmp_path / "second"]
    for path, size in zip(paths, (9, 3), strict=True):
        path.write_bytes(bytes(size * MEBIBYTE))
    return paths


def read(parts: list[Path], *, slices: int = 1000) -> list[float]:
    """The fractions that are reported when somebody wants `slices` slices."""
    fractions: list[float] = []
    paging.page_in(parts, fractions.append, lambda: len(fractions) < slices)
    return fractions


def test_all_parts_are_read_and_told(parts: list[Path]) -> None:
    """Slices of four mebibytes, to the end of each file."""
    assert read(parts) == [4 / 12, 8 / 12, 9 / 12, 1.0]


def test_it_stops_when_nobody_wants_it_any_more(parts: list[Path]) -> None:
    """After the slice that is being read."""
    assert read(parts, slices=2) == [4 / 12, 8 / 12]


def test_it_reads_no_more_than_fits(parts: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Later pages would only push out the earlier ones."""
    monkeypatch.setattr(paging, "memory", lambda: Memory(8 * MEBIBYTE, 5 * MEBIBYTE))
    assert read(parts) == [4 / 12, 8 / 12]


def test_an_empty_file_is_no_trouble(tmp_path: Path) -> None:
    """There is nothing to read, and nothing to divide by."""
    (tmp_path / "empty").touch()
    assert read([tmp_path / "empty"]) == []
