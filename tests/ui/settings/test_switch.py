"""The control of a setting that is on or off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.settings.registry import Group, Setting
from app.ui.icons import Icons
from app.ui.settings.setting_row import SettingRow
from app.ui.settings.switch import Switch
from app.ui.theme import Theme

pytestmark = pytest.mark.ui

SETTING = Setting("reading.aloud", bool, default=False, group=Group.WRITING, label="Read aloud", help="Replies speak.")


@pytest.fixture
def row(qtbot: QtBot, theme: Theme, icons: Icons) -> SettingRow:
    """A row with a switch."""
    row = SettingRow(SETTING, theme, icons)
    qtbot.addWidget(row)
    row.show_value(value=False, default=False)
    with qtbot.waitExposed(row):
        row.show()
    return row


def test_a_switch_wishes_and_shows(row: SettingRow) -> None:
    """By mouse and by both keys; the value shown afterwards is the one that was really taken."""
    switch = row.findChild(Switch)
    assert isinstance(switch, Switch)
    wishes: list[object] = []
    row.value_wished.connect(wishes.append)
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    QTest.keyClick(switch, Qt.Key.Key_Return)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert wishes == [True, False, True]
    row.show_value(value=False, default=False)
    assert not switch.isChecked()
    assert wishes == [True, False, True]
    assert switch.accessibleName() == "Read aloud"


def test_the_knob_is_on_the_side_of_the_state(qtbot: QtBot, row: SettingRow, theme: Theme) -> None:
    """Off begins where one begins to read, on ends where one ends: mirrored from right to left."""
    switch = row.findChild(Switch)
    assert isinstance(switch, Switch)
    assert _is_knob_left(switch, theme, "raised")
    switch.setChecked(True)
    qtbot.waitUntil(lambda: not _is_knob_left(switch, theme, "on_accent"))
    switch.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert _is_knob_left(switch, theme, "on_accent")


def _is_knob_left(switch: Switch, theme: Theme, token: str) -> bool:
    image = switch.grab().toImage()
    return image.pixelColor(11, image.height() // 2) == theme.color(token)
