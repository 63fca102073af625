"""The page "My models" by itself: sorting, filtering, walking, and sharing its room."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.model_manager.discover_shown import Badge, Tone
from app.ui.model_manager.my_models_page import MyModelsPage
from app.ui.model_manager.my_models_row import MyModelRow
from app.ui.model_manager.my_models_shown import Fact, LicenceShown, ModelDetails, MyModel, Order, arranged
from app.ui.theme import Theme
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui

QWEN = MyModel(
    "qwen", "Qwen3 4B", 2_500_000_000, "4B", Badge("Apache-2.0 · open source", Tone.OK), "Q4_K_M · balanced", "2.5 GB"
)
PHI = MyModel("phi", "phi-4 mini", 3_200_000_000, last_used_at=datetime(2026, 11, 20, tzinfo=UTC))
STARTER = MyModel("starter", "Starter model", 98_000_000, is_in_use=True, can_go=False)
MODELS = [QWEN, PHI, STARTER]


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, icons: Icons) -> MyModelsPage:
    """The page with three models, wide enough for details beside the list."""
    page = MyModelsPage(theme, icons)
    page.resize(1100, 700)
    page.show_models(MODELS)
    show_active(qtbot, page)
    return page


def names(page: MyModelsPage) -> list[str]:
    """The rows as they are seen."""
    return [row.model.name for row in page.list.rows if row.isVisible()]


def details_of(model: MyModel) -> ModelDetails:
    """Everything about a model of which little is known."""
    licence = LicenceShown("MIT License (MIT)", "You may do nearly everything.", "Open source: yes", "The text")
    return ModelDetails(model, (Fact("Size", model.size),), licence, "/models/file.gguf")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.NAME, ["phi", "qwen", "starter"]),
        (Order.SIZE, ["phi", "qwen", "starter"]),
        (Order.LAST_USED, ["phi", "qwen", "starter"]),
    ],
)
def test_models_are_sorted(order: Order, expected: list[str]) -> None:
    """By name without regard to capitals, the largest first, or the last used first; the rest by name."""
    assert [model.id for model in arranged([STARTER, QWEN, PHI], "", order)] == expected


def test_a_favourite_comes_first() -> None:
    """However the list is sorted."""
    models = [QWEN, PHI, replace(STARTER, is_favourite=True)]
    assert [arranged(models, "", order)[0].id for order in Order] == ["starter"] * 3


def test_small_models_come_last_by_size() -> None:
    """Who needs room begins at the top."""
    found = arranged([replace(STARTER, size_bytes=9_000_000_000), QWEN, PHI], "", Order.SIZE)
    assert [model.id for model in found] == ["starter", "phi", "qwen"]


def test_typing_filters_the_list(page: MyModelsPage) -> None:
    """All that a row says is looked through; when nothing is left, one button shows all again."""
    field = page.findChild(QLineEdit, "filter_field")
    assert field is not None
    QTest.keyClicks(field, "open BALANCED")
    assert names(page) == ["Qwen3 4B"]
    QTest.keyClicks(field, " zebra")
    assert names(page) == []
    assert page.empty.isVisible()
    click(next(button for button in page.empty.findChildren(QPushButton) if button.isVisible()))
    assert len(names(page)) == 3


def test_the_order_can_be_chosen(page: MyModelsPage) -> None:
    """The list follows at once."""
    box = page.findChild(QComboBox, "model_order")
    assert box is not None
    box.setCurrentIndex(box.findData(Order.SIZE))
    box.activated.emit(box.currentIndex())
    assert names(page) == ["phi-4 mini", "Qwen3 4B", "Starter model"]


def test_the_keyboard_walks_the_rows(page: MyModelsPage) -> None:
    """Down from the filter comes to the list; Enter asks for details, F for the star, Ctrl+Enter has it answer."""
    asked, starred, used = (
        emitted(page.list.details_requested),
        emitted(page.list.favourite_wished),
        emitted(page.list.use_requested),
    )
    field = page.findChild(QLineEdit, "filter_field")
    assert field is not None
    field.setFocus()
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_F)
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (asked, starred, used) == ([("qwen",)], [("qwen", True)], [("qwen",)])


def test_tab_comes_to_one_row_only(page: MyModelsPage) -> None:
    """A list of fifty models is one step of the way round the window."""
    page.list.focus_row("qwen")
    policies = {row.model.id: row.focusPolicy() for row in page.list.rows}
    assert [id_ for id_, policy in policies.items() if policy == Qt.FocusPolicy.StrongFocus] == ["qwen"]


def test_the_starter_cannot_be_deleted_by_a_key(page: MyModelsPage) -> None:
    """Delete does nothing on what stays; on others it asks."""
    asked = emitted(page.list.delete_requested)
    page.list.focus_row("starter")
    press(Qt.Key.Key_Delete)
    page.list.focus_row("phi")
    press(Qt.Key.Key_Delete)
    assert asked == [("phi",)]


def test_rows_keep_the_keyboard_when_the_list_changes(page: MyModelsPage) -> None:
    """A star moves the row; who walks there stays on it."""
    page.list.focus_row("starter")
    page.show_models([QWEN, PHI, replace(STARTER, is_favourite=True)])
    focused = QApplication.focusWidget()
    assert isinstance(focused, MyModelRow)
    assert focused.model.id == "starter"
    assert names(page)[0] == "Starter model"


def test_details_stand_beside_the_list_where_there_is_room(page: MyModelsPage) -> None:
    """In a narrow window they take its place, and Escape brings it back."""
    page.show_details(details_of(QWEN))
    assert page.list.isVisible()
    page.resize(700, 600)
    assert not page.list.isVisible()
    assert page.details.isVisible()
    closed = emitted(page.details_closed)
    page.details.focus_first(Qt.FocusReason.OtherFocusReason)
    press(Qt.Key.Key_Escape)
    assert closed == [()]
    page.close_details()
    assert page.list.isVisible()
    focused = QApplication.focusWidget()
    assert isinstance(focused, MyModelRow)
    assert focused.model.id == "qwen"


def test_f2_renames_the_model_in_hand(page: MyModelsPage) -> None:
    """Not the conversation that is behind the page."""
    page.show_details(details_of(QWEN))
    renamed = emitted(page.details.renamed)
    page.details.focus_first(Qt.FocusReason.OtherFocusReason)
    press(Qt.Key.Key_F2)
    focused = QApplication.focusWidget()
    assert isinstance(focused, QLineEdit)
    focused.selectAll()
    QTest.keyClicks(focused, "Mine")
    press(Qt.Key.Key_Return)
    assert renamed == [("qwen", "Mine")]


def test_a_click_on_the_star_is_not_a_click_on_the_row(page: MyModelsPage) -> None:
    """The star marks; only the rest of the row opens details."""
    asked, starred = emitted(page.list.details_requested), emitted(page.list.favourite_wished)
    row = page.list.rows[0]
    star = next(child for child in row.findChildren(QWidget) if child.accessibleName() == "Make it a favourite")
    click(star)
    assert (asked, starred) == ([], [("phi", True)])


def test_a_favourite_has_another_star_by_shape(page: MyModelsPage) -> None:
    """It is filled, in the row and in the details: its middle is inked, that of another model's star is not."""
    page.show_models([replace(QWEN, is_favourite=True), PHI])
    page.show_details(details_of(replace(QWEN, is_favourite=True)))
    QApplication.processEvents()
    stars = [star for star in page.findChildren(IconButton) if star.isVisible() and "avourite" in star.accessibleName()]
    filled = {"No longer a favourite": 2, "Make it a favourite": 1}
    assert Counter(star.accessibleName() for star in stars) == filled
    for star in stars:
        image = star.grab().toImage()
        middle, corner = image.pixelColor(image.rect().center()), image.pixelColor(3, image.height() // 2)
        assert (middle != corner) == (star.accessibleName() == "No longer a favourite")


def test_an_empty_library_leads_on(page: MyModelsPage) -> None:
    """One sentence and one action; nothing to filter."""
    page.show_models([])
    wanted = emitted(page.empty.discover_requested)
    click(next(button for button in page.empty.findChildren(QPushButton) if button.isVisible()))
    field = page.findChild(QLineEdit, "filter_field")
    assert field is not None
    assert not field.isVisible()
    assert page.empty.isVisible()
    assert wanted == [()]


@pytest.mark.parametrize("width", [420, 700, 1100])
def test_a_row_paints_at_every_width(page: MyModelsPage, width: int) -> None:
    """Also with everything there is to say, and from right to left."""
    full = replace(QWEN, trouble=Badge("File has changed", Tone.HAY), context="context 32,768 tokens", place="in ~/x")
    page.show_models([replace(full, last_used="today", last_used_at=datetime.now(UTC), speed="11 tok/s"), STARTER])
    page.resize(width, 600)
    page.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert not page.grab().isNull()
