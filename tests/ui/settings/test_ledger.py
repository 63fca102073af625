"""The ledger as a table: its words, its filter, its file for other programs, and thousands of rows."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.network.errors import NetworkError
from app.network.ledger import CANCELLED, COMPLETE, LONGEST_LEDGER, NOT_FINISHED, LedgerContent, LedgerEntry
from app.ui.icons import Icons
from app.ui.settings.ledger_card import LedgerCard
from app.ui.settings.ledger_csv import ledger_csv
from app.ui.settings.ledger_model import Column, LedgerModel
from app.ui.settings.ledger_words import Outcome, ending, when
from app.ui.theme import Theme
from tests.ui.hands import emitted, press

pytestmark = pytest.mark.ui
ZONE = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZONE)


def entry(
    purpose: str = "Details of a model", result: str = COMPLETE, *, minutes: float = 1, received: int = 38_000
) -> LedgerEntry:
    """A connection, so many minutes ago."""
    at = NOW.astimezone(UTC) - timedelta(minutes=minutes)
    return LedgerEntry(at, "huggingface.co", purpose, received, 600, result, f"{purpose} {minutes}")


@pytest.fixture
def card(qtbot: QtBot, theme: Theme, icons: Icons) -> LedgerCard:
    """The ledger on its page."""
    made = LedgerCard(theme, icons)
    qtbot.addWidget(made)
    made.resize(888, 600)
    with qtbot.waitExposed(made):
        made.show()
    return made


def shown(model: LedgerModel, column: Column) -> list[str]:
    """The words of a column, from the top."""
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "Today, 13:59"),
        (15 * 60, "Yesterday, 23:00"),
        (20 * 24 * 60, "3 Nov, 14:00"),
        (400 * 24 * 60, "19 Oct 2025, 14:00"),
    ],
)
def test_when_is_said_as_people_say_it(minutes: float, words: str) -> None:
    """In the time zone of whoever looks, with the year where it is another one."""
    QLocale.setDefault(QLocale("en_GB"))
    try:
        assert when(entry(minutes=minutes).at, NOW) == words
    finally:
        QLocale.setDefault(QLocale.system())


def kinds_of_errors() -> list[type[NetworkError]]:
    """Every error that the network can give an entry."""
    found: list[type[NetworkError]] = []
    waiting: list[type[NetworkError]] = [NetworkError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return found


@pytest.mark.parametrize("result", sorted({kind.result for kind in kinds_of_errors() if kind is not NetworkError}))
def test_every_result_that_the_network_writes_has_its_words(result: str) -> None:
    """None is shown as a program would write it; what was refused is good news and green."""
    end = ending(result)
    assert end.words != result
    assert end.words[0].isupper()
    assert (end.outcome is Outcome.REFUSED) is result.startswith(("refused", "stopped"))
    assert (end.color == "ok") is (end.outcome is Outcome.REFUSED)


@pytest.mark.parametrize(
    ("result", "words", "outcome"),
    [
        (COMPLETE, "Complete", Outcome.COMPLETE),
        (CANCELLED, "Cancelled", Outcome.UNFINISHED),
        (NOT_FINISHED, "Not finished", Outcome.UNFINISHED),
        ("failed: 429", "Failed: status 429", Outcome.FAILED),
        ("teleported", "teleported", Outcome.FAILED),
    ],
)
def test_other_results_have_theirs_too(result: str, words: str, outcome: Outcome) -> None:
    """A status is named; what only a later Paddock knows is shown as it is."""
    assert (ending(result).words, ending(result).outcome) == (words, outcome)


def test_a_ledger_with_nothing_says_so(card: LedgerCard) -> None:
    """There is no empty table, and nothing to filter or to save."""
    card.show_content(LedgerContent(), NOW)
    said = [label.text() for label in card.findChildren(type(card.said)) if label.isVisible()]
    assert "Nothing has ever been sent from here." in said
    assert not card.table.isVisible()
    assert not card.save_button.isVisible()


def test_the_newest_comes_first_with_the_sums_above(card: LedgerCard) -> None:
    """How many since when, and how much came and went."""
    card.show_content(LedgerContent((entry("Old one", minutes=3000), entry("New one"))), NOW)
    assert shown(card.model, Column.PURPOSE) == ["New one", "Old one"]
    said = [label.text() for label in card.findChildren(type(card.said))]
    assert "2 since 21 November: 76 kB received, 1 kB sent" in said


def test_it_is_filtered_by_words_and_by_result(card: LedgerCard) -> None:
    """Both count; when nothing is like that, it is said."""
    entries = (entry("Search for “llama”", "refused: offline"), entry("Download of Llama"), entry("Download of Qwen"))
    card.show_content(LedgerContent(entries), NOW)
    card.words.setText("LLAMA")
    assert shown(card.model, Column.PURPOSE) == ["Download of Llama", "Search for “llama”"]
    card.outcomes.setCurrentIndex(card.outcomes.findData(Outcome.REFUSED))
    card.outcomes.activated.emit(card.outcomes.currentIndex())
    assert shown(card.model, Column.RESULT) == ["Refused: offline"]
    card.words.setText("qwen")
    assert card.model.rowCount() == 0
    assert card.said.text() == "No connection is like that."
    assert card.said.isVisible()
    card.words.clear()
    assert not card.said.isVisible()


def test_damaged_lines_are_counted_aloud(card: LedgerCard) -> None:
    """What can be read is shown all the same; whole again, nothing is said."""
    card.show_content(LedgerContent((entry(),), 2), NOW)
    assert card.trouble.text() == "2 lines of the ledger are damaged and cannot be shown."
    assert card.trouble.isVisible()
    assert card.model.rowCount() == 1
    card.show_content(LedgerContent((entry(),)), NOW)
    assert not card.trouble.isVisible()


def test_what_is_shown_is_copied_and_saved(card: LedgerCard) -> None:
    """Only what passed the filter, in bytes and UTC, for other programs."""
    card.show_content(LedgerContent((entry("Download of A"), entry("Download of B", minutes=2))), NOW)
    card.words.setText("B")
    card.copy_button.click()
    rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert [(row["purpose"], row["bytes received"], row["time"]) for row in rows] == [
        ("Download of B", "38000", "2026-11-23T12:58:00+00:00")
    ]
    assert card.said.text() == "1 connection copied."
    saved = emitted(card.save_requested)
    card.save_button.click()
    assert saved == [(QGuiApplication.clipboard().text(),)]


@pytest.mark.parametrize("words", ["=1+1", "+49", "-x", "@SUM(A1)", "\tx"])
def test_a_spreadsheet_calculates_nothing(words: str) -> None:
    """The words of a search may begin like a formula; the table for other programs makes them harmless."""
    (row,) = list(csv.DictReader(io.StringIO(ledger_csv([entry(words)]))))
    assert row["purpose"] == f"'{words}"


def test_of_thousands_of_rows_those_that_are_wanted_are_found(card: LedgerCard) -> None:
    """The longest ledger there can be; only what is looked at is put into words."""
    entries = tuple(entry(f"Download of model {number}", minutes=number) for number in range(LONGEST_LEDGER))
    card.show_content(LedgerContent(tuple(reversed(entries))), NOW)
    card.grab()
    card.words.setText("model 4999")
    card.grab()
    assert card.model.rowCount() == 1
    card.words.clear()
    assert card.table.height() < 600


def test_the_arrow_keys_walk_the_rows_and_tab_leaves(qtbot: QtBot, card: LedgerCard) -> None:
    """A table of thousands of cells is one stop of the keyboard."""
    card.show_content(LedgerContent((entry("One"), entry("Two", minutes=2))), NOW)
    card.activateWindow()
    qtbot.waitUntil(card.isActiveWindow)
    card.table.setFocus()
    card.table.selectRow(0)
    press(Qt.Key.Key_Down)
    assert card.table.currentIndex().row() == 1
    press(Qt.Key.Key_Tab)
    assert not card.table.hasFocus()


@pytest.mark.parametrize(
    ("width", "hidden"), [(888, frozenset[Column]()), (560, frozenset({Column.HOST, Column.SENT}))]
)
def test_a_narrow_window_puts_the_host_under_the_purpose(
    card: LedgerCard, width: int, hidden: frozenset[Column]
) -> None:
    """Nothing is scrolled sideways; the tooltip has every word."""
    card.show_content(LedgerContent((entry(),)), NOW)
    card.resize(width, 600)
    header = card.table.horizontalHeader()
    assert {column for column in Column if header.isSectionHidden(column)} == hidden
    assert sum(header.sectionSize(column) for column in Column) == card.table.viewport().width()
    tooltip = str(card.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert "Host: huggingface.co" in tooltip
    assert "Sent: 600 bytes" in tooltip
