"""Stories of somebody who sets something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.settings.file import SettingsFile
from app.settings.presets import PresetFile
from app.settings.registry import Group
from app.settings.values import SETTINGS
from app.ui.icons import Icons
from app.ui.settings.choice_list import ChoiceList
from app.ui.settings.groups import SHOWN
from app.ui.settings.setting_row import SettingRow
from app.ui.settings.settings_page import SettingsPage
from app.ui.theme import Theme
from tests.ui.hands import emitted

pytestmark = pytest.mark.ui


def rows(page: SettingsPage) -> dict[str, SettingRow]:
    """All rows by the key of their setting."""
    return {row.setting.key: row for row in page.findChildren(SettingRow)}


def visible(page: SettingsPage) -> set[str]:
    """The keys whose rows can be seen."""
    return {key for key, row in rows(page).items() if row.isVisible()}


def number(page: SettingsPage, key: str) -> QLineEdit:
    """The field of a number."""
    field = rows(page)[key].findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    return field


def search_field(page: SettingsPage) -> QLineEdit:
    """Where one types what to look for."""
    return next(field for field in page.findChildren(QLineEdit) if field.accessibleName() == "Search settings")


def type_into(field: QLineEdit, text: str) -> None:
    """Replace what stands in `field` and press Enter."""
    field.setFocus()
    field.selectAll()
    if text:
        QTest.keyClicks(field, text)
    else:
        QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_every_setting_has_its_row_with_a_name(page: SettingsPage) -> None:
    """The page is made from the registry; whoever cannot see it hears each control's name and sentence."""
    assert set(rows(page)) == {setting.key for setting in SETTINGS if setting.group in SHOWN}
    for row in rows(page).values():
        control = row.editor.control
        assert control.accessibleName() == row.setting.label
        assert control.accessibleDescription() == row.setting.help
    assert page.objectName() == "settings_page"
    assert page.accessibleName() == "Settings"


def test_the_name_of_a_build_is_one_line(page: SettingsPage) -> None:
    """It is taken with Enter, and without the spaces around it; an empty field says which build that means."""
    row = rows(page)["load.engine_build"]
    assert number(page, "load.engine_build").placeholderText() == "Paddock's own"
    wished = emitted(row.value_wished)
    page.show_group(Group.ENGINE)
    type_into(number(page, "load.engine_build"), " vulkan ")
    assert wished[0] == ("vulkan",)
    assert row.editor.height() < 40


def test_one_group_is_shown_at_a_time(page: SettingsPage) -> None:
    """A click on a group opens its page."""
    assert visible(page) == {"appearance.theme", "appearance.zoom_percent"}
    for group in SHOWN:
        button = next(b for b in page.findChildren(QAbstractButton) if b.accessibleName() == group)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert visible(page) == {setting.key for setting in SETTINGS if setting.group is group and not setting.is_rare}
        assert button.isChecked()


def test_the_groups_are_walked_with_the_arrow_keys(qtbot: QtBot, page: SettingsPage) -> None:
    """The keyboard is on the open group when the page opens, and on the group of last time when it opens again."""
    for group in SHOWN[1:]:
        QTest.keyClick(focused(page), Qt.Key.Key_Down)
        qtbot.waitUntil(lambda group=group: focused(page).accessibleName() == group)
        assert visible(page) == {setting.key for setting in SETTINGS if setting.group is group and not setting.is_rare}
    page.hide()
    page.show()
    assert focused(page).accessibleName() == SHOWN[-1]


def focused(page: SettingsPage) -> QWidget:
    """Where the keyboard is."""
    widget = page.focusWidget()
    assert isinstance(widget, QWidget)
    return widget


def test_a_number_applies_at_once(qtbot: QtBot, page: SettingsPage, settings_file: SettingsFile) -> None:
    """It is in the file before anybody hears of it, and can be taken back."""
    page.show_group(Group.SAMPLING)
    row = rows(page)["sampling.temperature"]
    assert not row.reset_button.isVisible()
    heard: list[str] = []
    page.changed.connect(heard.append)
    type_into(number(page, "sampling.temperature"), "0,35")
    assert heard == ["sampling.temperature"]
    assert settings_file.settings.sampling.temperature == 0.35
    assert number(page, "sampling.temperature").text() == "0.35"
    with qtbot.waitSignal(page.changed):
        row.reset_button.click()
    assert settings_file.settings.sampling.temperature == 0.7
    assert number(page, "sampling.temperature").text() == "0.7"
    assert not row.reset_button.isVisible()


def test_leaving_a_field_is_as_good_as_enter(page: SettingsPage, settings_file: SettingsFile) -> None:
    """People click elsewhere."""
    page.show_group(Group.SAMPLING)
    field = number(page, "sampling.top_k")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "7")
    number(page, "sampling.top_p").setFocus()
    assert settings_file.settings.sampling.top_k == 7


@pytest.mark.parametrize("typed", ["99", "lots", "-1", ""])
def test_wrong_input_says_so_beside_itself(
    qtbot: QtBot, page: SettingsPage, settings_file: SettingsFile, typed: str
) -> None:
    """Nothing is changed, the words stay to be mended, and a right value takes the sentence away."""
    page.show_group(Group.ENGINE)
    row = rows(page)["load.context"]
    with qtbot.assertNotEmitted(page.changed):
        type_into(number(page, "load.context"), typed)
    assert row.trouble.isVisible()
    assert "It takes a whole number from 256 to 1,048,576." in row.trouble.text()
    assert ("Context window cannot be left empty." in row.trouble.text()) is not typed
    assert number(page, "load.context").text() == typed
    assert settings_file.settings.load.context == 4096
    type_into(number(page, "load.context"), "2048")
    assert not row.trouble.isVisible()
    assert settings_file.settings.load.context == 2048


@pytest.mark.parametrize(("key", "wrong"), [("load.threads", "abc"), ("sampling.logit_bias", "=")])
def test_what_is_taken_back_is_no_longer_wrong(
    qtbot: QtBot, page: SettingsPage, settings_file: SettingsFile, key: str, wrong: str
) -> None:
    """The field has what the setting has again; nothing is written for that."""
    row = rows(page)[key]
    control = row.editor.control
    search_field(page).setText(row.setting.label)
    with qtbot.assertNotEmitted(page.changed):
        for typed, is_wrong in ((wrong, True), ("", False)):
            control.setFocus()
            assert focused(page) is control
            QTest.keyClick(control, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            QTest.keyClick(control, Qt.Key.Key_Delete)
            QTest.keyClicks(control, typed)
            search_field(page).setFocus()
            assert row.trouble.isHidden() is not is_wrong
    assert control.accessibleDescription() == row.setting.help
    assert key not in settings_file.explicit


def test_a_long_number_is_not_under_its_unit(page: SettingsPage) -> None:
    """The field ends where the unit begins; what an empty field means has the whole of it."""
    page.show_group(Group.ENGINE)
    field = number(page, "load.context")
    field.setText("")
    empty = field.grab(rightmost(field)).toImage()
    field.setText("9" * 30)
    digits = field.grab(rightmost(field)).toImage()
    field.setText("1")
    assert digits == field.grab(rightmost(field)).toImage()
    assert digits != empty


def rightmost(field: QLineEdit) -> QRect:
    """Where a number has its unit and its arrows."""
    unit = 60
    return field.rect().adjusted(field.width() - unit, 0, 0, 0)


def test_an_optional_number_may_be_nothing(page: SettingsPage, settings_file: SettingsFile) -> None:
    """The empty field says what nothing means."""
    page.show_group(Group.SAMPLING)
    field = number(page, "sampling.seed")
    assert (field.text(), field.placeholderText()) == ("", "A new one each time")
    type_into(field, "4294967294")
    assert settings_file.settings.sampling.seed == 4294967294
    type_into(field, "")
    assert settings_file.settings.sampling.seed is None
    assert not rows(page)["sampling.seed"].trouble.isVisible()


def test_arrows_go_in_steps_and_stay_in_range(page: SettingsPage, settings_file: SettingsFile) -> None:
    """From anywhere to the next whole step, by key and by mouse."""
    page.show_group(Group.SAMPLING)
    temperature, longest = number(page, "sampling.temperature"), number(page, "sampling.max_tokens")
    type_into(temperature, "0.33")
    for key, expected in ((Qt.Key.Key_Up, 0.35), (Qt.Key.Key_Up, 0.4), (Qt.Key.Key_Down, 0.35)):
        QTest.keyClick(temperature, key)
        assert settings_file.settings.sampling.temperature == expected
    type_into(temperature, "1.98")
    for _ in range(3):
        QTest.mouseClick(temperature, Qt.MouseButton.LeftButton, pos=QPoint(temperature.width() - 8, 6))
    assert settings_file.settings.sampling.temperature == 2.0
    QTest.keyClick(longest, Qt.Key.Key_Up)
    assert settings_file.settings.sampling.max_tokens == 64
    for _ in range(3):
        QTest.mouseClick(longest, Qt.MouseButton.LeftButton, pos=QPoint(longest.width() - 8, longest.height() - 6))
    assert settings_file.settings.sampling.max_tokens == 1


def test_a_theme_is_chosen_from_its_list(qtbot: QtBot, page: SettingsPage, settings_file: SettingsFile) -> None:
    """The list opens with the keyboard, walks with the arrows, takes with Enter; Escape leaves it as it was."""
    box = page.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    (choices,) = page.findChildren(ChoiceList)
    assert [row.text() for row in choices.rows] == ["As the system", "Light", "Dark"]
    assert [row.isChecked() for row in choices.rows] == [True, False, False]
    QTest.keyClick(choices.rows[0], Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: page.focusWidget() is choices.rows[2])
    heard: list[str] = []
    page.changed.connect(heard.append)
    QTest.keyClick(choices.rows[2], Qt.Key.Key_Return)
    assert heard == ["appearance.theme"]
    assert settings_file.settings.appearance.theme == "dark"
    assert box.currentText() == "Dark"
    qtbot.waitUntil(lambda: page.findChildren(ChoiceList) == [])
    with qtbot.assertNotEmitted(page.closed):
        QTest.mouseClick(box, Qt.MouseButton.LeftButton)
        (choices,) = page.findChildren(ChoiceList)
        QTest.keyClick(choices.rows[2], Qt.Key.Key_Escape)
    assert settings_file.settings.appearance.theme == "dark"


def test_the_system_prompt_is_saved_when_the_typing_rests(
    qtbot: QtBot, page: SettingsPage, settings_file: SettingsFile
) -> None:
    """And at once when the settings are left in the middle of it."""
    page.show_group(Group.WRITING)
    text = page.findChild(QPlainTextEdit)
    assert isinstance(text, QPlainTextEdit)
    with qtbot.waitSignal(page.changed):
        QTest.keyClicks(text, "Be kind.")
    assert settings_file.settings.writing.system_prompt == "Be kind."
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClicks(text, "Be brief.")
    page.hide()
    assert settings_file.settings.writing.system_prompt == "Be kind.\nBe brief."
    rows(page)["writing.system_prompt"].reset_button.click()
    assert text.toPlainText() == ""


def test_search_finds_settings_in_all_groups(page: SettingsPage) -> None:
    """By label, sentence or group; what is found can be set right there; an empty field goes back to the group."""
    page.show_group(Group.WRITING)
    search = search_field(page)
    QTest.keyClicks(search, "CONTEXT window")
    assert visible(page) == {"load.context"}
    search.setText("reply seed")
    assert visible(page) == {"sampling.seed"}
    search.setText("zebra")
    assert visible(page) == set()
    assert "No setting is about “zebra”." in {label.text() for label in page.findChildren(QLabel) if label.isVisible()}
    search.clear()
    assert visible(page) == {"writing.system_prompt"}


def test_a_group_chosen_during_a_search_ends_it(page: SettingsPage) -> None:
    """Also the group that was open before."""
    page.show_group(Group.ENGINE)
    for group in (Group.ENGINE, Group.SAMPLING):
        search_field(page).setText("theme")
        button = next(b for b in page.findChildren(QAbstractButton) if b.accessibleName() == group)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert search_field(page).text() == ""
        assert visible(page) == {setting.key for setting in SETTINGS if setting.group is group and not setting.is_rare}


def test_escape_ends_the_search_first_and_then_the_settings(qtbot: QtBot, page: SettingsPage) -> None:
    """The back arrow does the second."""
    search = search_field(page)
    search.setFocus()
    QTest.keyClicks(search, "theme")
    with qtbot.assertNotEmitted(page.closed):
        QTest.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""
    with qtbot.waitSignal(page.closed):
        QTest.keyClick(search, Qt.Key.Key_Escape)
    back = next(b for b in page.findChildren(QAbstractButton) if b.accessibleName() == "Back to the conversation")
    with qtbot.waitSignal(page.closed):
        back.click()


def test_escape_is_the_settings_own(page: SettingsPage) -> None:
    """The window's Escape stops a reply; the one pressed here must not."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(search_field(page), event)
    assert event.isAccepted()


def test_what_changed_elsewhere_is_shown_when_the_page_opens(page: SettingsPage, settings_file: SettingsFile) -> None:
    """The zoom has keys of its own."""
    page.hide()
    settings_file.change("appearance.zoom_percent", 130)
    page.show()
    assert number(page, "appearance.zoom_percent").text() == "130"


def test_a_disk_that_says_no_is_said_beside_the_control(
    page: SettingsPage, settings_file: SettingsFile, tmp_path: Path
) -> None:
    """The value in use stays; so does what was typed, for another try."""
    page.show_group(Group.ENGINE)
    (tmp_path / "config").write_text("")  # a file where the folder should be
    type_into(number(page, "load.context"), "2048")
    row = rows(page)["load.context"]
    assert "settings.json c" in row.trouble.text()
    assert settings_file.settings.load.context == 4096
    (tmp_path / "config").unlink()
    type_into(number(page, "load.context"), "2048")
    assert settings_file.settings.load.context == 2048


def test_a_wrong_value_in_the_file_is_shown_as_its_default(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    """Somebody edited the file by hand; the page opens, and shows what counts."""
    (tmp_path / "settings.json").write_text(json.dumps({"load.context": "much", "appearance.theme": 7}))
    page = SettingsPage(
        theme,
        Icons(theme),
        SettingsFile(tmp_path / "settings.json"),
        PresetFile(tmp_path / "presets.json"),
        lambda: None,
    )
    qtbot.addWidget(page)
    page.show_group(Group.ENGINE)
    assert number(page, "load.context").text() == "4096"


@pytest.mark.parametrize("size", [(1280, 860), (900, 700), (640, 480)])
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_nothing_is_cut_off_in_a_small_window(
    qtbot: QtBot, page: SettingsPage, size: tuple[int, int], direction: Qt.LayoutDirection
) -> None:
    """Every control lies inside the page, beside its words and not over them."""
    page.setLayoutDirection(direction)
    page.resize(*size)
    for group in SHOWN:
        page.show_group(group)
        qtbot.waitUntil(lambda: troubles_of_place(page) == [])


def troubles_of_place(page: SettingsPage) -> list[str]:
    """What lies outside of the page, over its words, or has words that are cut."""
    troubles: list[str] = []
    for key in visible(page):
        row = rows(page)[key]
        left = row.editor.mapTo(page, QPoint(0, 0)).x()
        if left < 0 or left + row.editor.width() > page.width():
            troubles.append(f"{key} is outside")
        for label in (label for label in row.findChildren(QLabel) if label.isVisible()):
            if overlap(row, label, row.editor):
                troubles.append(f"{key} is covered")
            if label.heightForWidth(label.width()) > label.height():
                troubles.append(f"{label.text()} is cut")
    return troubles


def overlap(row: QWidget, one: QWidget, other: QWidget) -> bool:
    """Whether two widgets of a row lie over each other."""
    first = one.rect().translated(one.mapTo(row, QPoint(0, 0)))
    return first.intersects(other.rect().translated(other.mapTo(row, QPoint(0, 0))))


def test_a_choice_is_a_choice_to_assistive_technology(page: SettingsPage) -> None:
    """It tells its role and its value, and the label beside it tells what it is for."""
    row = rows(page)["appearance.theme"]
    interface = QAccessible.queryAccessibleInterface(row.editor.control)
    assert interface.role() == QAccessible.Role.ComboBox
    assert interface.text(QAccessible.Text.Value) == "As the system"
    assert [label.text() for label in row.findChildren(QLabel) if label.buddy() is row.editor.control] == ["Theme"]
