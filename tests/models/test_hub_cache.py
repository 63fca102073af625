"""Answers of the hub that are kept: for how long, for whom, and how many."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from app.models import hub_cache
from app.models.hub_cache import HubCache, Known
from app.models.hub_search import FoundRepository, SearchPage
from tests.models.hub_home import Clock

PAGE = SearchPage((FoundRepository("own/file", languages=("de",), updated_at=Clock().moment),), "next")


@pytest.fixture
def clock() -> Clock:
    """A clock that the test sets."""
    return Clock()


@pytest.fixture
def cache(tmp_path: Path, clock: Clock) -> HubCache:
    """An empty cache in a folder that is not there yet."""
    return HubCache(tmp_path / "hub", clock)


def test_an_answer_is_given_back_as_it_was(cache: HubCache, clock: Clock) -> None:
    """With the moment at which the hub gave it."""
    assert cache.read("question", SearchPage) is None
    cache.keep("question", PAGE)
    asked_at = clock.moment
    clock.moment += timedelta(days=29)
    assert cache.read("question", SearchPage) == Known(PAGE, asked_at)
    assert cache.read("another question", SearchPage) is None


@pytest.mark.parametrize("later", [timedelta(days=30), timedelta(hours=-1)])
def test_an_answer_is_not_given_for_ever(cache: HubCache, clock: Clock, later: timedelta) -> None:
    """Nor when it is from the future, because the clock was wrong then or is now."""
    cache.keep("question", PAGE)
    clock.moment += later
    assert cache.read("question", SearchPage) is None


def test_an_answer_of_another_shape_is_none(cache: HubCache) -> None:
    """A later Paddock may keep something else under the same question."""
    cache.keep("question", {"found": 3})
    assert cache.read("question", SearchPage) is None


def test_the_oldest_answers_make_room(cache: HubCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache does not grow with every search."""
    monkeypatch.setattr(hub_cache, "_MOST_BYTES", 3000)
    for number in range(20):
        cache.keep(f"question {number}", PAGE)
        for path in cache.folder.glob("*.json"):
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 1))  # each one second older than the next
    assert cache.read("question 0", SearchPage) is None
    assert cache.read("question 19", SearchPage) is not None
    assert sum(path.stat().st_size for path in cache.folder.glob("*.json")) <= 3000


def test_a_cache_that_cannot_be_written_stops_nobody(tmp_path: Path, clock: Clock) -> None:
    """A full disk is no reason to show nothing."""
    (tmp_path / "taken").write_text("a file where the folder should be")
    cache = HubCache(tmp_path / "taken", clock)
    assert cache.keep("question", PAGE) == Known(PAGE, clock.moment)
    assert cache.read("question", SearchPage) is None
