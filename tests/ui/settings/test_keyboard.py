"""Stories of somebody who goes through the settings by Tab and by click, and types where the keyboard then is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QPlainTextEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.settings.registry import Group, Setting
from app.settings.values import SETTINGS
from app.ui.settings.groups import SHOWN
from app.ui.settings.setting_row import SettingRow
from app.ui.settings.settings_page import SettingsPage
from tests.ui.hands import press

pytestmark = pytest.mark.ui


@pytest.fixture(autouse=True)
def is_active(qtbot: QtBot, page: SettingsPage) -> None:
    """The window has the keyboard, as it has for a user."""
    qtbot.waitUntil(page.isActiveWindow)


def saved(tmp_path: Path) -> dict[str, Any]:
    """What stands in the settings file."""
    return json.loads((tmp_path / "config" / "settings.json").read_text("utf-8"))


def row_of(page: SettingsPage, key: str) -> SettingRow:
    """The row of a setting."""
    return next(row for row in page.findChildren(SettingRow) if row.setting.key == key)


def focused() -> QWidget:
    """Where the keyboard is."""
    widget = QApplication.focusWidget()
    assert widget is not None, "nothing has the keyboard"
    return widget


def click_through_window(page: SettingsPage, widget: QWidget) -> None:
    """Click where `widget` is seen; the window finds out what lies there, and what takes the keyboard."""
    QApplication.processEvents()  # nobody clicks before the page is laid out
    handle = page.window().windowHandle()
    place = widget.mapTo(page.window(), QPoint(20, widget.height() // 2))
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def type_words(words: str) -> None:
    """Type wherever the keyboard is."""
    QTest.keyClicks(focused(), words)


def is_daily_of(setting: Setting, group: Group) -> bool:
    """Whether a setting is seen when its group is opened."""
    return setting.group is group and not setting.is_rare


def named(page: SettingsPage, name: str) -> Any:  # noqa: ANN401 - a button or a box
    """The control with an accessible name."""
    return next(widget for widget in page.findChildren(QWidget) if widget.accessibleName() == name)


def tab_until(page: SettingsPage, key: str) -> None:
    """Press Tab until the control of a setting has the keyboard."""
    control = row_of(page, key).editor.control
    for _ in range(40):
        if control.hasFocus():
            return
        press(Qt.Key.Key_Tab)
    pytest.fail(f"Tab never comes to {key}")


def test_the_system_prompt_is_clicked_and_written(qtbot: QtBot, page: SettingsPage, tmp_path: Path) -> None:
    """The words are in the file when the typing rests."""
    page.show_group(Group.WRITING)
    click_through_window(page, row_of(page, "writing.system_prompt").editor.control)
    type_words("Be kind.")
    qtbot.waitSignal(page.changed).wait()
    assert saved(tmp_path)["writing.system_prompt"] == "Be kind."


def test_the_system_prompt_is_reached_by_tab_and_written(page: SettingsPage, tmp_path: Path) -> None:
    """From the groups one Tab is enough, another leaves the field, and the words are saved by then."""
    page.show_group(Group.WRITING)
    page.setFocus()
    press(Qt.Key.Key_Tab)
    assert isinstance(focused(), QPlainTextEdit)
    type_words("Be brief.")
    press(Qt.Key.Key_Tab)
    assert not isinstance(focused(), QPlainTextEdit)
    assert saved(tmp_path)["writing.system_prompt"] == "Be brief."


@pytest.mark.parametrize("by", ["click", "Tab"])
def test_a_number_is_reached_and_typed(page: SettingsPage, tmp_path: Path, by: str) -> None:
    """What is typed where the keyboard then is, and ended with Enter, is in the file."""
    page.show_group(Group.SAMPLING)
    page.setFocus()
    if by == "click":
        click_through_window(page, row_of(page, "sampling.top_k").editor.control)
        press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    else:
        tab_until(page, "sampling.top_k")  # a line that is entered by Tab has its words selected
    type_words("7")
    press(Qt.Key.Key_Return)
    assert saved(tmp_path)["sampling.top_k"] == 7


@pytest.mark.parametrize("group", SHOWN)
def test_tab_goes_through_the_settings_in_their_order_and_back(page: SettingsPage, group: Group) -> None:
    """From the group to the first control, down to the last, around to the way back; never onto bare ground."""
    page.show_group(group)
    page.setFocus()
    controls = [row_of(page, setting.key).editor.control for setting in SETTINGS if is_daily_of(setting, group)]
    if group is Group.SAMPLING:
        controls = [named(page, "Preset"), *controls, named(page, "More settings, hidden")]
    controls.append(named(page, "Offline"))
    start = focused()
    for control in controls:
        press(Qt.Key.Key_Tab)
        assert focused() is control
    press(Qt.Key.Key_Tab)
    assert focused().accessibleName() == "Back to the conversation"
    press(Qt.Key.Key_Tab)
    assert focused().accessibleName() == "Search settings"
    press(Qt.Key.Key_Tab)
    assert focused() is start
    for control in ("Search settings", "Back to the conversation"):
        press(Qt.Key.Key_Backtab)
        assert focused().accessibleName() == control
    press(Qt.Key.Key_Backtab)
    assert focused() is controls[-1]


def test_the_way_back_to_a_default_follows_its_control(page: SettingsPage, tmp_path: Path) -> None:
    """Set, look, and set back, all by keyboard."""
    page.show_group(Group.SAMPLING)
    page.setFocus()
    tab_until(page, "sampling.temperature")
    press(Qt.Key.Key_Up)
    assert "sampling.temperature" in saved(tmp_path)
    press(Qt.Key.Key_Tab)
    assert focused() is row_of(page, "sampling.temperature").reset_button
    press(Qt.Key.Key_Space)
    assert "sampling.temperature" not in saved(tmp_path)


def test_the_row_that_tab_comes_to_is_seen(page: SettingsPage) -> None:
    """In a low window the column follows the keyboard, down and up again; all of the row, not its control only."""
    page.resize(640, 300)
    page.show_group(Group.SAMPLING)
    page.setFocus()
    area = page.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    named(page, "More settings, hidden").click()
    rows = [row for row in page.findChildren(SettingRow) if row.setting.group is Group.SAMPLING]
    daily = [row for row in rows if not row.setting.is_rare]
    tab_until(page, daily[-1].setting.key)
    press(Qt.Key.Key_Tab)
    rows = [row for row in rows if row.setting.is_rare]
    for key, way in ((Qt.Key.Key_Tab, rows), (Qt.Key.Key_Backtab, rows[-2::-1])):
        for row in way:
            press(key)
            assert row.editor.control.hasFocus()
            assert seen(area, row), row.setting.key


def seen(area: QAbstractScrollArea, row: QWidget) -> bool:
    """Whether all of a row is in sight."""
    viewport = area.viewport()
    return viewport.rect().contains(row.rect().translated(row.mapTo(viewport, QPoint(0, 0))))
