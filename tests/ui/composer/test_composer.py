"""The composer: writing, sending, stopping, and choosing who answers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QRect, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.composer import Composer, EngineCondition, EngineState, ModelChoice
from app.ui.composer.model_list import ModelRow
from app.ui.icons import Icons
from app.ui.theme import Theme
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui

STARTER = ModelChoice("starter", "Starter model", 98_000_000, "Q4_1", "Apache-2.0")
QWEN = ModelChoice("qwen", "Qwen3 4B Instruct", 2_497_000_000, "Q4_K_M", None, is_added=True)


@pytest.fixture
def window(qapp: QApplication) -> QWidget:
    """The window that the composer is in."""
    widget = QWidget()
    widget.resize(900, 700)
    return widget


@pytest.fixture
def composer(qtbot: QtBot, window: QWidget, theme: Theme, icons: Icons) -> Composer:
    """A composer at the foot of a window, with two models; the starter will answer."""
    made = Composer(theme, icons)
    layout = QVBoxLayout(window)
    layout.addStretch(1)
    layout.addWidget(made)
    made.set_models([STARTER, QWEN])
    made.set_current_model(STARTER)
    made.set_engine_state(EngineState(EngineCondition.LOADED, device="CPU"))
    show_active(qtbot, window)
    made.focus_editor()
    return made


def button(composer: Composer, name: str) -> QAbstractButton:
    """The button called `name`."""
    found = composer.findChild(QAbstractButton, name)
    assert isinstance(found, QAbstractButton)
    return found


def rows(composer: Composer) -> list[str]:
    """The accessible names of what the open list offers."""
    return [row.accessibleName() for row in composer.window().findChildren(ModelRow)]


def test_enter_sends_and_shift_enter_breaks_the_line(composer: Composer) -> None:
    """What was written arrives as it was written; clearing is the business of who sends."""
    sent = emitted(composer.send_requested)
    QTest.keyClicks(composer.editor, "Dear tenant,")
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.editor, "thank you.")
    press(Qt.Key.Key_Return)
    assert sent == [("Dear tenant,\nthank you.",)]
    assert composer.text() == "Dear tenant,\nthank you."


def test_nothing_but_spaces_is_not_sent_and_the_button_says_why(composer: Composer) -> None:
    """A button that is off explains itself."""
    sent = emitted(composer.send_requested)
    composer.set_text("  \n ")
    press(Qt.Key.Key_Return)
    assert sent == []
    assert not button(composer, "send_button").isEnabled()
    assert button(composer, "send_button").toolTip() == "Write a message first"


def test_the_button_sends_too(composer: Composer) -> None:
    """One click does what Enter does."""
    sent = emitted(composer.send_requested)
    composer.set_text("Hello")
    click(button(composer, "send_button"))
    assert sent == [("Hello",)]


def test_without_a_model_the_words_are_kept_and_the_way_is_said(composer: Composer) -> None:
    """Nothing is sent into the void."""
    composer.set_current_model(None)
    composer.set_text("Hello")
    sent = emitted(composer.send_requested)
    press(Qt.Key.Key_Return)
    assert sent == []
    assert composer.text() == "Hello"
    wanted = "Choose a model to continue. Everything you wrote is kept."
    assert button(composer, "send_button").toolTip() == wanted


def test_while_a_reply_runs_enter_keeps_the_words_and_escape_stops(composer: Composer) -> None:
    """Stop stands where Send stood; the next message waits in the editor."""
    sent, stopped = emitted(composer.send_requested), emitted(composer.stop_requested)
    composer.set_text("And another thing")
    composer.set_reply_running(True)
    press(Qt.Key.Key_Return)
    assert sent == []
    assert composer.text() == "And another thing"
    assert not button(composer, "send_button").isVisible()
    assert "Esc" in button(composer, "stop_button").toolTip()
    press(Qt.Key.Key_Escape)
    click(button(composer, "stop_button"))
    assert stopped == [(), ()]
    composer.set_reply_running(False)
    assert button(composer, "send_button").isVisible()


def test_escape_at_rest_stops_nothing(composer: Composer) -> None:
    """There is nothing to stop."""
    stopped = emitted(composer.stop_requested)
    press(Qt.Key.Key_Escape)
    assert stopped == []


def test_who_stopped_by_keyboard_goes_on_writing(composer: Composer) -> None:
    """The button that had the keyboard is gone; the editor takes it."""
    composer.set_reply_running(True)
    button(composer, "stop_button").setFocus()
    composer.set_reply_running(False)
    assert composer.editor.hasFocus()


def test_pasted_words_lose_their_clothes(composer: Composer) -> None:
    """Bold red words from a web page are words here, and no address in them is followed."""
    rich = QMimeData()
    rich.setHtml("<b style='color:red'>bold</b><img src='file:///etc/hostname'>")
    rich.setText("bold")
    QGuiApplication.clipboard().setMimeData(rich)
    composer.editor.paste()
    assert composer.text() == "bold"
    assert "red" not in composer.editor.toHtml()
    assert "img" not in composer.editor.toHtml()


def test_files_are_left_to_the_window(composer: Composer) -> None:
    """A dropped model file does not become its own path in the message."""
    files = QMimeData()
    files.setUrls([QUrl("file:///home/me/model.gguf")])
    files.setText("file:///home/me/model.gguf")
    assert not composer.editor.canInsertFromMimeData(files)


def test_enter_that_only_accepts_a_suggestion_does_not_send(composer: Composer) -> None:
    """While an input method composes, Enter is its key."""
    sent = emitted(composer.send_requested)
    composer.set_text("I live in ")
    QApplication.sendEvent(composer.editor, QInputMethodEvent("とうきょう", []))
    press(Qt.Key.Key_Return)
    assert sent == []
    committed = QInputMethodEvent()
    committed.setCommitString("東京")
    QApplication.sendEvent(composer.editor, committed)
    press(Qt.Key.Key_Return)
    assert sent == [("I live in 東京",)]


def test_undo_brings_back_what_was_deleted_and_stops_at_the_draft(composer: Composer) -> None:
    """The draft that was there from the start is not something to undo."""
    composer.set_text("Kept words")
    composer.editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(composer.editor, " and more")
    composer.editor.undo()
    assert composer.text() == "Kept words"
    composer.editor.undo()
    assert composer.text() == "Kept words"
    composer.editor.redo()
    assert composer.text() == "Kept words and more"


def test_the_editor_grows_with_its_words_and_then_scrolls(qtbot: QtBot, composer: Composer) -> None:
    """It takes at most about two fifths of the window."""
    one_line = composer.editor.height()
    composer.set_text("a\nb\nc")
    qtbot.waitUntil(lambda: composer.editor.height() >= 3 * one_line - 8)
    composer.set_text("line\n" * 100)
    qtbot.waitUntil(lambda: composer.editor.height() == round(700 * 0.4))
    assert composer.editor.verticalScrollBar().maximum() > 0
    composer.clear()
    qtbot.waitUntil(lambda: composer.editor.height() == one_line)


def test_the_draft_is_told_at_each_change(composer: Composer) -> None:
    """So that it can be kept before the window closes."""
    drafts = emitted(composer.draft_changed)
    QTest.keyClicks(composer.editor, "Hi")
    assert drafts == [("H",), ("Hi",)]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (EngineState(EngineCondition.LOADED, device="CPU"), "Model: Starter model, CPU"),
        (EngineState(EngineCondition.NOT_LOADED), "Model: Starter model, not loaded"),
        (EngineState(EngineCondition.LOADING, 0.404), "Model: Starter model, loading 40 %"),
        (EngineState(EngineCondition.LOADING), "Model: Starter model, loading"),
        (EngineState(EngineCondition.FAILED), "Model: Starter model, stopped"),
    ],
)
def test_the_picker_says_in_words_what_its_dot_shows(composer: Composer, state: EngineState, words: str) -> None:
    """Colour never speaks alone; each state also looks different."""
    composer.set_engine_state(EngineState(EngineCondition.LOADED, device="GPU"))
    before = composer.picker.grab().toImage()
    composer.set_engine_state(state)
    assert composer.picker.accessibleName() == words
    assert composer.picker.grab().toImage() != before


def test_a_loading_dot_turns_until_the_model_is_there(qtbot: QtBot, composer: Composer, theme: Theme) -> None:
    """It moves only while something happens, and never with reduced motion."""
    theme.set_reduced_motion(False)
    composer.set_engine_state(EngineState(EngineCondition.LOADING, 0.1))
    first = dot(composer)
    qtbot.waitUntil(lambda: dot(composer) != first)
    theme.set_reduced_motion(True)
    composer.set_engine_state(EngineState(EngineCondition.LOADING, 0.2))
    assert dot(composer) == first


def dot(composer: Composer) -> QImage:
    """How the place of the dot looks."""
    return composer.picker.grab(QRect(0, 0, 20, 30)).toImage()


def test_a_model_is_chosen_with_the_keyboard(qtbot: QtBot, composer: Composer) -> None:
    """The list opens on the present model; Down and Enter choose the next."""
    chosen = emitted(composer.model_chosen)
    composer.picker.setFocus()
    press(Qt.Key.Key_Return)
    assert rows(composer) == ["Starter model", "Qwen3 4B Instruct"]
    focused = QApplication.focusWidget()
    assert isinstance(focused, ModelRow)
    assert focused.isChecked()
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    assert chosen == [("qwen",)]
    qtbot.waitUntil(lambda: not rows(composer))
    assert composer.editor.hasFocus()


def test_a_row_tells_size_quantization_and_licence_as_far_as_known(composer: Composer) -> None:
    """What is unknown is left out, not guessed."""
    assert STARTER.details == "98 MB · Q4_1 · Apache-2.0"
    assert QWEN.details == "2.5 GB · Q4_K_M"
    composer.open_model_list()
    described = [row.accessibleDescription() for row in composer.window().findChildren(ModelRow)]
    assert described == [STARTER.details, QWEN.details]


def test_the_list_leads_to_more_models(composer: Composer) -> None:
    """The last row leads to models that are not here yet, the one above it asks for a file; each once."""
    asked, more = emitted(composer.add_model_requested), emitted(composer.more_models_requested)
    composer.open_model_list()
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    assert (asked, more) == ([], [()])
    composer.open_model_list()
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    assert (asked, more) == ([()], [()])


def test_only_added_models_can_be_taken_from_the_list(composer: Composer) -> None:
    """Delete on the starter does nothing; on an added one it asks to forget it."""
    removed = emitted(composer.remove_model_requested)
    composer.open_model_list()
    press(Qt.Key.Key_Delete)
    assert removed == []
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Delete)
    assert removed == [("qwen",)]


def test_the_list_opens_without_any_model(composer: Composer) -> None:
    """Then it still offers to add one."""
    composer.set_models([])
    composer.set_current_model(None)
    asked = emitted(composer.add_model_requested)
    composer.open_model_list()
    press(Qt.Key.Key_Return)
    assert asked == [()]


def test_escape_closes_the_list_and_stops_nothing(composer: Composer) -> None:
    """Even while a reply runs, Escape belongs to what lies on top."""
    composer.set_reply_running(True)
    stopped = emitted(composer.stop_requested)
    composer.open_model_list()
    press(Qt.Key.Key_Escape)
    assert stopped == []
    assert composer.editor.hasFocus()


def test_the_empty_field_says_whom_one_writes_to(composer: Composer) -> None:
    """The placeholder names the model, and names none when there is none."""
    assert composer.editor.placeholderText() == "Message Starter model"
    composer.set_current_model(None)
    assert composer.editor.placeholderText() == "Write a message"


@pytest.mark.parametrize("name", ["send_button", "model_picker"])
def test_each_control_has_its_name(composer: Composer, name: str) -> None:
    """For assistive technology, and for scripts."""
    assert button(composer, name).accessibleName()
    assert composer.editor.objectName() == "prompt_editor"
    assert composer.editor.accessibleName() == "Message"
