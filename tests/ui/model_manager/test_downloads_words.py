"""What a download says of itself, in one quiet line."""

from __future__ import annotations

import pytest

from app.models.download.download import DownloadState
from app.models.download.errors import no_room
from app.ui.model_manager.downloads_words import left_words, percent, progress_words, status_words, trouble_words
from tests.ui.model_manager.shown_downloads import GB, MB, shown


def test_what_runs_says_how_far_how_fast_and_how_long() -> None:
    """In the unit of the whole."""
    model = shown("Model", DownloadState.RUNNING, 1_420 * MB, 2_490 * MB, bytes_per_s=18.4 * MB)
    assert status_words(model) == "1.42 of 2.49 GB · 18.4 MB/s · 58 s left"


def test_each_phase_has_its_words() -> None:
    """Before the first answer, while the last bytes are checked, while damage is looked for."""
    assert status_words(shown("Model", DownloadState.RUNNING, 0, 0)) == "Asking where the file is"
    assert "making sure" in status_words(shown("Model", DownloadState.RUNNING, GB, GB))
    assert "damage" in status_words(shown("Model", DownloadState.RUNNING, MB, GB, is_mending=True))


def test_what_rests_says_how_much_is_here() -> None:
    """And its whole size where nothing is."""
    assert status_words(shown("Model", DownloadState.PAUSED, 57 * MB, 98 * MB)) == "Paused · 57 of 98 MB"
    assert status_words(shown("Model", DownloadState.WAITING)) == "Waiting for its turn · 1.0 GB"
    assert status_words(shown("Model", DownloadState.FINISHED, GB)) == "Complete · 1.0 GB"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s left"),
        (58, "58 s left"),
        (200, "3 min left"),
        (7_800, "2 h 10 min left"),
        (10**7, "days left"),
    ],
)
def test_the_rest_of_the_time_is_as_exact_as_it_is_of_use(seconds: float, words: str) -> None:
    """Nobody plans an hour by its seconds."""
    assert left_words(seconds) == words


def test_a_hundred_percent_is_all_of_it() -> None:
    """And not nearly all."""
    assert (percent(0.999), percent(1.0)) == ("99 %", "100 %")


def test_small_files_have_small_units() -> None:
    """A projector may have some kilobytes."""
    assert (progress_words(500, 900), progress_words(1_500, 4_000)) == ("500 of 900 B", "2 of 4 kB")


def test_a_full_disk_says_that_it_goes_on_by_itself() -> None:
    """Nobody has to come back and press a button."""
    words = trouble_words(no_room("Model.gguf", GB, MB, GB))
    assert "not enough room" in words
    assert words.endswith("It goes on by itself as soon as there is room.")
