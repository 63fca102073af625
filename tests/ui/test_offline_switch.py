"""The switch that closes the gate: what it shows, what it says, and that it only wishes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.network.gate import NetworkPolicy
from app.ui.icons import Icons
from app.ui.offline_switch import OfflineSwitch
from app.ui.rail import RAIL_WIDTH
from app.ui.theme import Theme
from tests.ui.hands import click, emitted

pytestmark = pytest.mark.ui


@pytest.fixture
def switch(qtbot: QtBot, theme: Theme, icons: Icons) -> OfflineSwitch:
    """The switch as it stands in the sidebar."""
    made = OfflineSwitch(theme, icons)
    made.resize(240, made.height())
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.parametrize(
    ("policy", "word", "is_closed"),
    [
        (NetworkPolicy.OFFLINE, "Offline", True),
        (NetworkPolicy.ASK, "Asks first", False),
        (NetworkPolicy.ALLOW, "Online", False),
    ],
)
def test_it_says_in_words_which_state_it_is(
    switch: OfflineSwitch, policy: NetworkPolicy, word: str, is_closed: bool
) -> None:
    """On means closed; whoever cannot see it hears a box with a name, its state, and what that means."""
    switch.show_policy(policy)
    assert switch.text() == word
    assert switch.isChecked() is is_closed
    spoken = QAccessible.queryAccessibleInterface(switch)
    assert spoken.role() == QAccessible.Role.CheckBox
    assert bool(spoken.state().checked) is is_closed
    assert spoken.text(QAccessible.Text.Name) == "Offline"
    assert spoken.text(QAccessible.Text.Description) == switch.toolTip() != ""


def test_a_click_and_both_keys_only_wish(switch: OfflineSwitch) -> None:
    """What it shows changes when the gate did, not before: the change may fail."""
    clicks = emitted(switch.clicked)
    click(switch)
    QTest.keyClick(switch, Qt.Key.Key_Return)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert len(clicks) == 3
    assert not switch.isChecked()


def test_closed_is_green(switch: OfflineSwitch, theme: Theme) -> None:
    """The track at its end is the colour of what is safe."""
    switch.show_policy(NetworkPolicy.OFFLINE)
    image = switch.grab().toImage()
    assert image.pixelColor(switch.width() - 8 - 26, switch.height() // 2) == theme.color("ok")
    switch.show_policy(NetworkPolicy.ALLOW)
    image = switch.grab().toImage()
    assert image.pixelColor(switch.width() - 8 - 4, switch.height() // 2) == theme.color("border_control")


def test_it_fits_the_rail(switch: OfflineSwitch) -> None:
    """There it is its icon, and the tooltip tells the rest."""
    switch.set_narrow(is_narrow=True)
    assert switch.sizeHint().width() <= RAIL_WIDTH
    assert switch.maximumWidth() <= RAIL_WIDTH
    assert switch.toolTip()
    switch.set_narrow(is_narrow=False)
    assert switch.maximumWidth() > 360
