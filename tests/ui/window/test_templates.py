"""Chat templates that the user gives to a model, in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from app.engine.engine import ChatTemplateError
from app.ui.composer.model_list import ModelRow
from app.ui.icon_button import IconButton
from app.ui.menu import MenuRow
from tests.fakes import FakeEngine
from tests.gguf_files import TinyModel
from tests.ui.hands import click, press
from tests.ui.window.use import OpenWindow, Use

MEADOW = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}"
OWN, FROM_FILE = "Use the file's own template", "Use a template file…"


@pytest.fixture
def meadow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chat template that the user picks whenever a file is asked for."""
    path = tmp_path / "meadow.jinja"
    path.write_text(MEADOW)
    pick(monkeypatch, str(path))
    return path


def pick(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Let the user pick this file whenever one is asked for; "" is leaving the dialog."""

    def picked(*_: object) -> tuple[str, str]:
        return path, ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", picked)


def until_loaded(use: Use, template: str | None) -> None:
    """Wait until a model is in memory with this template, and the window knows."""

    def is_loaded() -> bool:
        loaded = use.engine.loaded
        return loaded is not None and loaded.template == template and not use.desktop.models.loading.is_busy

    use.until(is_loaded)


def open_menu(use: Use) -> None:
    """Open the list of models, and from there the chat template of the chosen one, with keys only."""
    use.window.activateWindow()
    use.until(use.window.isActiveWindow)
    use.window.composer.picker.setFocus()
    press(Qt.Key.Key_Return)
    assert isinstance(QApplication.focusWidget(), ModelRow)
    press(Qt.Key.Key_T)


def rows(use: Use) -> dict[str, MenuRow]:
    """What the open menu offers."""
    found = use.window.findChildren(MenuRow)
    return {row.accessibleName(): row for row in found if row.isVisible()}


def in_use(use: Use) -> dict[str, str]:
    """What each row of the menu says beside its name."""
    return {name: row.accessibleDescription() for name, row in rows(use).items()}


def choose(use: Use, name: str) -> None:
    """Open the menu and use one of its rows."""
    open_menu(use)
    click(rows(use)[name])


def test_a_template_is_chosen_with_the_keyboard_and_given_back(use: Use, meadow: Path) -> None:
    """The model is loaded anew with it; the list and the menu show which is in use."""
    until_loaded(use, None)
    open_menu(use)
    assert in_use(use) == {OWN: "in use", FROM_FILE: ""}
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    until_loaded(use, MEADOW)
    use.window.composer.open_model_list()
    (row,) = [row for row in use.window.findChildren(ModelRow) if row.isVisible()]
    assert "meadow.jinja" in row.accessibleDescription()
    press(Qt.Key.Key_Escape)
    open_menu(use)
    assert in_use(use) == {OWN: "", FROM_FILE: "in use: meadow.jinja"}
    assert QApplication.focusWidget() is rows(use)[FROM_FILE]
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    until_loaded(use, None)
    use.send("Hi")
    use.until_answered("Hi", "Hello")


def test_the_template_is_there_at_the_next_start(start: OpenWindow, meadow: Path) -> None:
    """It belongs to the model until somebody changes it."""
    with start(FakeEngine()) as first:
        choose(first, FROM_FILE)
        until_loaded(first, MEADOW)
    with start(FakeEngine()) as second:
        second.send("Hi")
        second.until_answered("Hi", "Hello")
        assert {load.template for load in second.engine.loads} == {MEADOW}


def test_a_button_in_the_row_opens_the_same_menu(use: Use) -> None:
    """With the mouse; Escape leaves everything as it is, with the keyboard in the editor."""
    until_loaded(use, None)
    use.window.composer.open_model_list()
    (row,) = [row for row in use.window.findChildren(ModelRow) if row.isVisible()]
    button = next(each for each in row.findChildren(IconButton) if each.accessibleName().startswith("Chat template of"))
    click(button)
    assert list(rows(use)) == [OWN, FROM_FILE]
    press(Qt.Key.Key_Escape)
    assert use.window.composer.editor.hasFocus()
    assert len(use.engine.loads) == 1


def test_a_file_that_is_no_template_is_said_and_changes_nothing(use: Use, meadow: Path) -> None:
    """The next message is answered as before."""
    meadow.write_text("{% for %}")
    choose(use, FROM_FILE)
    use.until(lambda: "meadow.jinja cannot be used as a chat template" in use.notice())
    use.send("Hi")
    use.until_answered("Hi", "Hello")
    assert {load.template for load in use.engine.loads} == {None}


def test_nothing_chosen_is_nothing_changed(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever leaves the dialog keeps what is there."""
    pick(monkeypatch, "")
    until_loaded(use, None)
    choose(use, FROM_FILE)
    assert use.desktop.parts.models.find("starter").template is None
    assert use.notice() == ""


def test_a_model_without_a_template_is_said_with_what_helps(use: Use, meadow: Path, tmp_path: Path) -> None:
    """The button of the hint opens the menu; with a template the hint is gone."""
    until_loaded(use, None)
    use.engine.has_template = False
    use.window.files_dropped.emit([TinyModel(template=None).write(tmp_path / "bare.gguf")])
    use.until(lambda: "brings no chat template" in use.notice())
    assert "choose it for this model" in use.notice()
    use.press("notice_action_button")
    use.engine.has_template = True
    click(rows(use)[FROM_FILE])
    until_loaded(use, MEADOW)
    use.until(lambda: use.notice() == "")
    use.send("Hi")
    use.until_answered("Hi", "Hello")
    assert use.window.transcript.column.messages[-1].note == ""


def test_a_chosen_template_that_cannot_be_loaded_leads_to_the_menu(use: Use, meadow: Path) -> None:
    """It is said to be the user's, and the way back is one button away."""
    until_loaded(use, None)
    use.engine.will_fail_to_load(ChatTemplateError("It has a mistake: {reason}", reason="nonsense"))
    choose(use, FROM_FILE)
    use.until(lambda: "The chat template that you chose cannot be used: “nonsense”." in use.notice())
    use.press("notice_action_button")
    click(rows(use)[OWN])
    until_loaded(use, None)
    use.until(lambda: use.notice() == "")
