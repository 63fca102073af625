"""Stories of somebody on the sampling page: presets, what the model recommends, and what is folded away."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.settings.file import SettingsFile
from app.settings.presets import BUILT_IN, PresetFile
from app.settings.registry import Group
from app.settings.values import SETTINGS
from app.ui.icons import Icons
from app.ui.settings.choice_list import ChoiceList
from app.ui.settings.more_button import MoreButton
from app.ui.settings.preset_row import PresetRow
from app.ui.settings.recommendation import Recommendation
from app.ui.settings.setting_row import SettingRow
from app.ui.settings.settings_page import SettingsPage
from app.ui.theme import Theme

pytestmark = pytest.mark.ui


@pytest.fixture
def row(page: SettingsPage) -> PresetRow:
    """The row of the presets on the open page."""
    page.show_group(Group.SAMPLING)
    return page.findChildren(PresetRow)[0]


def setting_row(page: SettingsPage, key: str) -> SettingRow:
    """The row of a setting."""
    return next(row for row in page.findChildren(SettingRow) if row.setting.key == key)


def choose(page: SettingsPage, row: PresetRow, name: str) -> None:
    """Open the list of presets and take one."""
    QTest.mouseClick(row.box, Qt.MouseButton.LeftButton)
    (choices,) = [each for each in page.findChildren(ChoiceList) if each.isVisible()]
    (wanted,) = [each for each in choices.rows if each.text() == name]
    QTest.mouseClick(wanted, Qt.MouseButton.LeftButton)


def undo(page: SettingsPage) -> None:
    """Take back what the newest toast tells of."""
    (button,) = [each for each in page.findChildren(QPushButton, "undo_button") if each.isVisible()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def name_it(row: PresetRow, name: str) -> None:
    """Write a name over what stands in the field."""
    assert row.name_field.hasFocus()
    QTest.keyClick(row.name_field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(row.name_field, name)
    QTest.keyClick(row.name_field, Qt.Key.Key_Return)


def test_a_preset_sets_the_values_and_can_be_taken_back(
    page: SettingsPage, row: PresetRow, settings_file: SettingsFile
) -> None:
    """All rows show it at once; undo brings back what was there, whatever that was."""
    assert row.box.currentText() == "As the model recommends"
    settings_file.change("sampling.temperature", 0.33)
    settings_file.change("sampling.seed", 5)
    page.refresh()
    assert row.box.currentText() == "Your own values"
    choose(page, row, "Creative")
    assert row.box.currentText() == "Creative"
    assert setting_row(page, "sampling.temperature").findChildren(QLineEdit)[0].text() == "1.1"
    assert (settings_file.settings.sampling.top_k, settings_file.settings.sampling.seed) == (0, 5)
    undo(page)
    assert settings_file.settings.sampling.temperature == 0.33
    assert settings_file.explicit == {"sampling.temperature", "sampling.seed"}
    assert row.box.currentText() == "Your own values"


def test_own_values_are_saved_renamed_and_deleted(
    qtbot: QtBot, page: SettingsPage, row: PresetRow, settings_file: SettingsFile, presets: PresetFile
) -> None:
    """All by keyboard in the row itself; a deleted preset can be taken back."""
    qtbot.waitUntil(page.isActiveWindow)
    assert not row.save_button.isVisible()
    settings_file.change("sampling.temperature", 0.33)
    page.refresh()
    row.save_button.click()
    name_it(row, "  Letters ")
    assert row.box.currentText() == "Letters"
    assert not row.save_button.isVisible()
    row.rename_button.click()
    assert row.name_field.text() == "Letters"
    name_it(row, "Poems")
    assert [preset.name for preset in presets.presets() if preset.own] == ["Poems"]
    row.delete_button.click()
    assert presets.presets() == BUILT_IN
    assert row.box.currentText() == "Your own values"
    undo(page)
    assert row.box.currentText() == "Poems"
    assert settings_file.settings.sampling.temperature == 0.33


def test_a_name_that_is_taken_is_said_and_can_be_mended(
    qtbot: QtBot, page: SettingsPage, row: PresetRow, settings_file: SettingsFile, presets: PresetFile
) -> None:
    """The field stays with the name in it; Escape gives it up and leaves the page open."""
    qtbot.waitUntil(page.isActiveWindow)
    settings_file.change("sampling.temperature", 0.33)
    page.refresh()
    row.save_button.click()
    name_it(row, "Balanced")
    assert row.trouble.text() == "There is a preset “Balanced” already. Choose another name."
    assert row.name_field.isVisible()
    QTest.keyClick(row.name_field, Qt.Key.Key_Escape)
    assert not row.name_field.isVisible()
    assert not row.trouble.isVisible()
    assert row.box.isVisible()
    assert page.isVisible()
    assert presets.presets() == BUILT_IN


def test_what_few_people_need_is_folded_away(page: SettingsPage, row: PresetRow) -> None:
    """One button shows it, a search finds it anyway, and the fold is as it was afterwards."""
    rare = {setting.key for setting in SETTINGS if setting.is_rare}
    more = page.findChildren(MoreButton)[0]
    assert not any(setting_row(page, key).isVisible() for key in rare)
    assert more.accessibleName() == "More settings, hidden"
    more.click()
    assert all(setting_row(page, key).isVisible() for key in rare)
    assert more.accessibleName() == "More settings, shown"
    more.click()
    search = next(field for field in page.findChildren(QLineEdit) if field.accessibleName() == "Search settings")
    search.setText("xtc")
    assert setting_row(page, "sampling.xtc_threshold").isVisible()
    assert not setting_row(page, "sampling.mirostat").isVisible()
    assert not row.isVisible()
    search.clear()
    page.show_group(Group.SAMPLING)
    assert row.isVisible()
    assert not setting_row(page, "sampling.xtc_threshold").isVisible()


def test_what_the_model_recommends_is_in_force_until_something_is_set(
    qtbot: QtBot, theme: Theme, icons: Icons, settings_file: SettingsFile, presets: PresetFile
) -> None:
    """The row shows the value that is used, says where it comes from, and goes back to it."""
    recommended = Recommendation("SmolLM2", {"sampling.temperature": 0.2})
    page = SettingsPage(theme, icons, settings_file, presets, lambda: recommended)
    qtbot.addWidget(page)
    page.show()
    page.show_group(Group.SAMPLING)
    row = setting_row(page, "sampling.temperature")
    field = row.findChildren(QLineEdit)[0]
    assert (field.text(), row.hint.text(), row.reset_button.isVisible()) == ("0.2", "As SmolLM2 recommends.", False)
    field.setFocus()
    field.setText("0.7")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert settings_file.settings.sampling.temperature == 0.7
    assert (field.text(), row.hint.text(), row.reset_button.isVisible()) == ("0.7", "SmolLM2 recommends 0.2.", True)
    row.reset_button.click()
    assert (field.text(), row.hint.text()) == ("0.2", "As SmolLM2 recommends.")
    assert "sampling.temperature" not in settings_file.explicit
    assert not setting_row(page, "sampling.top_k").hint.isVisible()


def test_presets_that_cannot_be_read_are_said(page: SettingsPage, row: PresetRow, tmp_path: Path) -> None:
    """The page opens all the same; the settings are not touched."""
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "presets.json").mkdir()
    page.refresh()
    assert "presets.json cannot be read" in row.trouble.text()
    assert row.trouble.isVisible()


def test_a_damaged_file_of_presets_is_said_when_its_row_comes_into_view(
    qtbot: QtBot, theme: Theme, icons: Icons, settings_file: SettingsFile, presets: PresetFile, tmp_path: Path
) -> None:
    """The page was made and shown with another group open; once seen, the next change takes the sentence away."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "presets.json").write_text("{")
    page = SettingsPage(theme, icons, settings_file, presets, lambda: None)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    row = page.findChildren(PresetRow)[0]
    assert not row.isVisible()
    page.show_group(Group.SAMPLING)
    assert row.trouble.isVisible()
    assert "The file of your presets was damaged. Save them again" in row.trouble.text()
    assert any(path.name in row.trouble.text() for path in (tmp_path / "config").iterdir())
    choose(page, row, "Creative")
    page.refresh()
    assert not row.trouble.isVisible()


@pytest.mark.parametrize("width", [640, 1280])
def test_a_long_name_pushes_nothing_out(
    page: SettingsPage, row: PresetRow, settings_file: SettingsFile, presets: PresetFile, width: int
) -> None:
    """Sixty characters, also in a small window."""
    preset = presets.save("W" * 60, {"sampling.temperature": 0.3})
    settings_file.replace_all(preset.values, list(preset.values))
    page.resize(width, 600)
    page.refresh()
    QApplication.processEvents()
    for control in (row.box, row.rename_button, row.delete_button):
        assert row.rect().contains(control.geometry())
    label = next(each for each in row.findChildren(QLabel) if each.text() == "Preset")
    assert not label.geometry().intersects(row.rename_button.geometry())
    assert right_edge(row, page) <= page.width()


def right_edge(widget: QWidget, page: SettingsPage) -> int:
    """Where a widget ends, in the page."""
    return widget.mapTo(page, QPoint(widget.width(), 0)).x()
