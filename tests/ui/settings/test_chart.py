"""The chart of speeds: longer bars for faster models, on the right side in every direction of reading."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ui.settings.chart import ChartModel, ChartRow, SpeedChart, shown_speed
from app.ui.theme import Theme

pytestmark = pytest.mark.ui
FAST = ChartModel("Fast", "Q4_1", (ChartRow("512", 400.0, 100.0),))
SLOW = ChartModel("Slow", "Q8_0", (ChartRow("512", 100.0, 100.0), ChartRow("2,048", why="too slow")))


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> SpeedChart:
    """A chart with two models."""
    made = SpeedChart(theme)
    made.show_models((FAST, SLOW))
    made.resize(600, made.sizeHint().height())
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def bars(chart: SpeedChart, theme: Theme, token: str) -> list[tuple[int, int]]:
    """For each bar of a colour, from the top: where it begins and how long it is."""
    image = chart.grab().toImage()
    color = theme.color(token)
    found: list[tuple[int, int]] = []
    was_inside = False
    for y in range(image.height()):
        inked = [x for x in range(image.width()) if image.pixelColor(x, y) == color]
        if inked and not was_inside:
            found.append((inked[0], 0))
        if inked:
            begin, length = found[-1]
            found[-1] = (min(begin, inked[0]), max(length, inked[-1] - inked[0] + 1))
        was_inside = bool(inked)
    return found


def test_bars_are_as_long_as_speeds_are_high(chart: SpeedChart, theme: Theme) -> None:
    """Reading is measured against the fastest reading, writing against the fastest writing."""
    (_, fast), (_, slow) = bars(chart, theme, "gauge_1")
    assert fast / slow == pytest.approx(4, rel=0.1)
    (_, one), (_, other) = bars(chart, theme, "gauge_4")
    assert one == other


def test_it_is_mirrored_where_one_reads_from_right_to_left(chart: SpeedChart, theme: Theme) -> None:
    """Bars begin at the right then."""
    before = bars(chart, theme, "gauge_1")
    chart.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    after = bars(chart, theme, "gauge_1")
    assert [chart.width() - begin - length for begin, length in after] == pytest.approx(
        [begin for begin, _ in before], abs=2
    )


def test_it_is_told_whole_to_those_who_do_not_see_it(chart: SpeedChart) -> None:
    """Every number, and why one is missing."""
    assert chart.accessibleName() == "How fast models are here"
    assert chart.accessibleDescription() == (
        "Fast: after 512 tokens it reads 400 and writes 100 tokens a second. "
        "Slow: after 512 tokens it reads 100 and writes 100 tokens a second; after 2,048 tokens too slow."
    )


@pytest.mark.parametrize(("speed", "words"), [(None, "-"), (9.84, "9.8"), (99.96, "100.0"), (1208.4, "1,208")])
def test_numbers_have_as_many_digits_as_they_are_worth(speed: float | None, words: str) -> None:
    """Nobody can tell 1208.4 from 1208."""
    assert shown_speed(speed) == words
