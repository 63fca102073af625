"""The page of downloads by mouse and by keyboard, and what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.models.download.download import DownloadState
from app.models.download.leftovers import Leftovers
from app.models.download.model_download import ModelDownload
from app.ui.downloads_bar import DownloadsBar
from app.ui.icons import Icons
from app.ui.model_manager.downloads_page import DownloadsPage
from app.ui.model_manager.downloads_row import DownloadRow
from app.ui.model_manager.downloads_wish import Wish
from app.ui.theme import Theme
from tests.ui.hands import NO_KEY, click, emitted, press, show_active
from tests.ui.model_manager.shown_downloads import GB, MB, shown

THREE = tuple(shown(name, DownloadState.WAITING) for name in ("First", "Second", "Third"))


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, icons: Icons) -> DownloadsPage:
    """The page, in a window of its own."""
    page = DownloadsPage(theme, icons)
    page.resize(900, 700)
    show_active(qtbot, page)
    return page


def show(page: DownloadsPage, *models: ModelDownload) -> tuple[DownloadRow, ...]:
    """Show these, and give the rows of those that are not complete."""
    page.show_models(models)
    QApplication.processEvents()
    return page.unfinished.rows


def button(page: DownloadsPage, name: str) -> QPushButton:
    """The button of this name that is seen."""
    return next(each for each in page.findChildren(QPushButton, name) if each.isVisible())


def test_an_empty_page_leads_to_models(page: DownloadsPage) -> None:
    """Its one button has the keyboard."""
    wanted = emitted(page.discover_requested)
    page.setFocus()
    press(Qt.Key.Key_Return)
    assert wanted == [()]


def test_much_that_came_is_not_thrown_away_without_a_question(page: DownloadsPage) -> None:
    """Escape and the button that has the keyboard both keep it."""
    wishes = emitted(page.wished)
    (row,) = show(page, shown("Large", DownloadState.RUNNING, 2 * GB, 3 * GB))
    row.setFocus()
    press(Qt.Key.Key_Delete)
    assert row.accessibleDescription() == "Throw away the 2.0 GB that have come?"
    press(Qt.Key.Key_Escape)
    assert wishes == []
    assert row.hasFocus()
    press(Qt.Key.Key_Delete)
    press(Qt.Key.Key_Return)
    assert wishes == []
    press(Qt.Key.Key_Delete)
    click(button(page, "download_throw_away_button"))
    assert wishes == [("Large.gguf", Wish.CANCEL)]


def test_a_question_stays_while_more_comes(page: DownloadsPage) -> None:
    """Progress does not answer it."""
    (row,) = show(page, shown("Large", DownloadState.RUNNING, 2 * GB, 3 * GB))
    row.ask_to_cancel()
    show(page, shown("Large", DownloadState.RUNNING, 2_500 * MB, 3 * GB))
    assert "2.5 GB" in row.accessibleDescription()
    assert button(page, "download_keep_button").hasFocus()


def test_little_that_came_goes_at_once(page: DownloadsPage) -> None:
    """It can be taken back instead."""
    wishes = emitted(page.wished)
    (row,) = show(page, shown("Small", DownloadState.RUNNING, 90 * MB, GB))
    row.setFocus()
    press(Qt.Key.Key_Delete)
    assert wishes == [("Small.gguf", Wish.CANCEL)]


@pytest.mark.parametrize(
    ("state", "wish"),
    [
        (DownloadState.RUNNING, Wish.PAUSE),
        (DownloadState.WAITING, Wish.PAUSE),
        (DownloadState.PAUSED, Wish.RESUME),
        (DownloadState.INTERRUPTED, Wish.RESUME),
        (DownloadState.FAILED, Wish.RESUME),
        (DownloadState.FINISHED, Wish.USE),
    ],
)
def test_enter_does_what_a_row_is_there_for(page: DownloadsPage, state: DownloadState, wish: Wish) -> None:
    """Whatever it is at."""
    wishes = emitted(page.wished)
    show(page, shown("Model", state))
    page.setFocus()
    press(Qt.Key.Key_Return)
    assert wishes == [("Model.gguf", wish)]


def test_a_row_is_dragged_to_its_place(page: DownloadsPage) -> None:
    """The first one below the last."""
    moved = emitted(page.moved)
    first, _, third = show(page, *THREE)
    start = QPoint(100, 20)
    QTest.mousePress(first, Qt.MouseButton.LeftButton, NO_KEY, start)
    QTest.mouseMove(first, start + QPoint(0, 40))
    end = first.mapFrom(page.unfinished, QPoint(100, third.geometry().bottom() - 2))
    QTest.mouseMove(first, end)
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, NO_KEY, end)
    assert moved == [("First.gguf", 2)]


def test_a_click_moves_nothing(page: DownloadsPage) -> None:
    """Also one by a hand that trembles a little."""
    moved = emitted(page.moved)
    first, *_ = show(page, *THREE)
    QTest.mousePress(first, Qt.MouseButton.LeftButton, NO_KEY, QPoint(100, 20))
    QTest.mouseMove(first, QPoint(103, 24))
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, NO_KEY, QPoint(103, 24))
    assert moved == []


def test_rows_stay_while_what_they_show_changes(page: DownloadsPage) -> None:
    """The keyboard stays where it is; when its row goes, the next one has it."""
    rows = show(page, *THREE)
    rows[1].setFocus()
    changed = (THREE[0], shown("Second", DownloadState.RUNNING, MB), THREE[2])
    assert show(page, *changed)[1] is rows[1]
    assert rows[1].hasFocus()
    left = show(page, THREE[0], THREE[2])
    assert left[1].hasFocus()


def test_the_keyboard_follows_a_download_that_is_complete(page: DownloadsPage) -> None:
    """To its new place below; not to whatever comes first in the window. With the last row it goes to the page."""
    (row,) = show(page, shown("First", DownloadState.RUNNING, MB))
    row.setFocus()
    show(page, shown("First", DownloadState.FINISHED))
    (complete,) = page.finished.rows
    assert complete.hasFocus()
    show(page)
    assert button(page, "find_model_button").hasFocus()


def test_the_keyboard_stays_where_another_download_completes(page: DownloadsPage) -> None:
    """Only its own row takes it along."""
    rows = show(page, *THREE)
    rows[1].setFocus()
    show(page, shown("First", DownloadState.FINISHED), *THREE[1:])
    assert rows[1].hasFocus()


@pytest.mark.parametrize("width", [700, 900, 1600])
def test_the_sentence_of_an_empty_page_is_whole(page: DownloadsPage, width: int) -> None:
    """All its lines have room."""
    page.resize(width, 700)
    QApplication.processEvents()
    label = next(each for each in page.findChildren(QLabel) if each.text().startswith("A download that was begun"))
    assert label.height() >= label.heightForWidth(label.width()) > 0


def test_several_interrupted_ones_are_resumed_together(page: DownloadsPage) -> None:
    """One of them has its own button."""
    asked = emitted(page.resume_all_requested)
    show(page, shown("First", DownloadState.INTERRUPTED), shown("Second", DownloadState.INTERRUPTED))
    click(button(page, "resume_all_button"))
    assert asked == [()]
    show(page, shown("First", DownloadState.INTERRUPTED))
    assert not any(each.isVisible() for each in page.findChildren(QPushButton, "resume_all_button"))


def test_leftovers_are_thrown_away_after_a_question_only(page: DownloadsPage) -> None:
    """The keyboard is on the answer that keeps them."""
    asked = emitted(page.throw_away_requested)
    page.show_leftovers(Leftovers((Path("a"), Path("b")), 3_100 * MB))
    click(button(page, "throw_away_button"))
    press(Qt.Key.Key_Return)
    assert asked == []
    click(button(page, "throw_away_button"))
    click(button(page, "throw_away_for_ever_button"))
    assert asked == [()]


def test_the_bar_tells_of_the_first_and_how_many_more(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    """And is there only while something runs, or was interrupted and not yet declined."""
    bar = DownloadsBar(theme, icons)
    bar.resize(900, 58)
    qtbot.addWidget(bar)
    bar.show_models([shown("First", DownloadState.RUNNING, MB), *THREE[1:]])
    assert bar.isVisible()
    assert "First" in bar.accessibleName()
    bar.show_models([shown("First", DownloadState.INTERRUPTED)])
    assert "interrupted" in bar.accessibleName()
    click(bar.later_button)
    bar.show_models([shown("First", DownloadState.INTERRUPTED)])
    assert not bar.isVisible()
    bar.show_models([shown("First", DownloadState.PAUSED)])
    assert not bar.isVisible()


def test_what_the_strip_has_no_room_for_ends_in_an_ellipsis(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    """And all of it is in the tooltip, and for whoever hears it."""
    bar = DownloadsBar(theme, icons)
    bar.resize(700, 58)
    qtbot.addWidget(bar)
    mending = shown("First", DownloadState.RUNNING, MB, notice="What came is damaged. Its pieces are fetched again.")
    bar.show_models([mending])
    QApplication.processEvents()
    label = next(each for each in bar.findChildren(QLabel) if each.accessibleName() == mending.notice)
    assert label.text().endswith("…")
    assert label.toolTip() == mending.notice
    bar.resize(1600, 58)
    QApplication.processEvents()
    assert label.text() == mending.notice
