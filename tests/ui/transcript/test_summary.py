"""What stands for the messages above the fence can be read, rewritten, saved and given up."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest

from app.ui.theme import Theme
from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.fence import FenceView
from app.ui.transcript.block_widgets.summary import SummaryView
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.screen import USER, click, everything, fill, heard, visible

pytestmark = pytest.mark.ui

TEXT = "Vera lets a flat, and the deposit is ordinary."


@pytest.fixture
def card(view: Transcript, make: MakeMessage) -> SummaryView:
    """A summary at the fence, above the third of three messages."""
    view.show_messages([make(USER, "One?"), make(USER, "Two?"), make(USER, "Three?")])
    view.set_left_out(["0", "1"])
    view.set_summary(TEXT)
    return visible(view, SummaryView)[0]


def test_a_summary_stands_at_the_fence(view: Transcript, card: SummaryView) -> None:
    """Below the line and above the words that the model still sees; None takes it away."""
    fence, last = visible(view, FenceView)[0], visible(view, BubbleView)[-1]
    assert fence.geometry().bottom() < card.y() < card.geometry().bottom() < last.y()
    assert card.title.text() == "Summary of what lies above"
    assert card.text.toPlainText() == TEXT
    assert not card.editor.isVisible()
    view.set_summary(None)
    assert visible(view, SummaryView) == []
    view.set_summary(TEXT)
    view.set_left_out([])
    assert visible(view, SummaryView) == [], "without a line there is nothing that it could stand for"


def test_a_summary_is_rewritten_and_saved(view: Transcript, card: SummaryView) -> None:
    """The pencil makes it an editor with the cursor at its end; Ctrl+Enter saves and gives the keyboard back."""
    edited, begun = heard(view.summary_edited), QSignalSpy(view.summary_edit_began)
    click(card.edit_button)
    assert begun.count() == 1
    assert card.editor.hasFocus()
    QTest.keyClicks(card.editor, " Rent is 950.")
    QTest.keyClick(card.editor, Qt.Key.Key_Return)
    QTest.keyClicks(card.editor, "She is kind.")
    QTest.keyClick(card.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert edited == [f"{TEXT} Rent is 950.\nShe is kind."]
    assert card.text.toPlainText() == edited[0]
    assert card.text.isVisible()
    assert card.edit_button.hasFocus()


def test_escape_gives_the_change_up(view: Transcript, card: SummaryView) -> None:
    """The summary stays as it was, nothing is reported, and no reply is stopped by that key."""
    edited = heard(view.summary_edited)
    click(card.edit_button)
    QTest.keyClicks(card.editor, "nonsense")
    QTest.keyClick(card.editor, Qt.Key.Key_Escape)
    assert card.text.toPlainText() == TEXT
    click(card.edit_button)
    assert card.editor.toPlainText() == TEXT
    click(card.cancel_button)
    assert edited == []
    assert not card.editor.isVisible()


def test_an_empty_summary_is_not_saved(view: Transcript, card: SummaryView) -> None:
    """It would say that nothing was said; saving what was not changed reports nothing, either."""
    edited = heard(view.summary_edited)
    click(card.edit_button)
    click(card.save_button)
    assert not card.editor.isVisible()
    click(card.edit_button)
    card.editor.selectAll()
    QTest.keyClick(card.editor, Qt.Key.Key_Delete)
    assert not card.save_button.isEnabled()
    QTest.keyClick(card.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert card.editor.isVisible()
    assert edited == []


def test_the_editor_grows_with_its_words(view: Transcript, card: SummaryView) -> None:
    """All of it is in sight, nothing overlaps, and its lines stand as the text's do."""
    click(card.edit_button)
    for _ in range(12):
        QTest.keyClick(card.editor, Qt.Key.Key_Return)
    assert card.editor.height() >= card.editor.document().size().height()
    strips = everything(view)
    assert all(upper.geometry().bottom() < lower.y() for upper, lower in itertools.pairwise(strips))
    assert card.editor.verticalScrollBar().value() == 0


def test_a_draft_survives_looking_elsewhere(view: Transcript, make: MakeMessage) -> None:
    """Scrolled out of sight, moved by the line, or left for another conversation: what was written is kept."""
    fill(view, make, 100)
    view.set_left_out([str(at) for at in range(100)])
    view.set_summary(TEXT)
    view.show_message("100")
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 150)
    card = visible(view, SummaryView)[0]
    click(card.edit_button)
    QTest.keyClicks(card.editor, " More.")
    view.scroll_to_end()
    assert visible(view, SummaryView) == []
    view.set_left_out([str(at) for at in range(102)])
    view.show_message("102")
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 150)
    card = visible(view, SummaryView)[0]
    assert card.editor.toPlainText() == f"{TEXT} More."
    click(card.save_button)
    assert card.text.toPlainText() == f"{TEXT} More."


def test_a_new_summary_does_not_take_the_words_away(view: Transcript, card: SummaryView) -> None:
    """While it is rewritten the model may make another one; what the user writes stays."""
    click(card.edit_button)
    QTest.keyClicks(card.editor, " Mine.")
    view.set_summary("The model's next one.")
    assert card.editor.toPlainText() == f"{TEXT} Mine."
    QTest.keyClick(card.editor, Qt.Key.Key_Escape)
    assert card.text.toPlainText() == "The model's next one."


def test_the_keyboard_reaches_all_of_it(view: Transcript, card: SummaryView) -> None:
    """Tab walks from the pencil down the page, and inside the editor's card to its buttons."""
    card.edit_button.setFocus()
    QTest.keyClick(card.edit_button, Qt.Key.Key_Space)
    reached = [view.focusWidget()]
    for _ in range(2):
        QTest.keyClick(view.focusWidget(), Qt.Key.Key_Tab)
        reached.append(view.focusWidget())
    assert reached == [card.editor, card.save_button, card.cancel_button]
    assert all(part.accessibleName() for part in card.buttons())
    QTest.keyClick(card.cancel_button, Qt.Key.Key_Space)
    QTest.keyClick(card.edit_button, Qt.Key.Key_Tab)
    assert view.focusWidget().mapTo(view.canvas, QPoint(0, 0)).y() > card.geometry().bottom()


@pytest.mark.parametrize(("button", "kept"), [("save_button", f"{TEXT} More."), ("cancel_button", TEXT)])
def test_enter_presses_the_button_that_the_keyboard_is_on(card: SummaryView, button: str, kept: str) -> None:
    """And only that looks focused: the editor's border is quiet as soon as the keyboard leaves it."""
    click(card.edit_button)
    QTest.keyClicks(card.editor, " More.")
    corner = QPoint(card.editor.x() + card.editor.width() // 2, card.editor.y())
    accent, quiet = (card.surroundings.theme.color(name) for name in ("accent", "border_control"))
    assert card.grab().toImage().pixelColor(corner) == accent
    pressed = card.save_button if button == "save_button" else card.cancel_button
    pressed.setFocus(Qt.FocusReason.TabFocusReason)
    assert card.grab().toImage().pixelColor(corner) == quiet
    QTest.keyClick(pressed, Qt.Key.Key_Return)
    assert not card.editor.isVisible()
    assert card.text.toPlainText() == kept


def test_the_theme_changes_under_the_pen(view: Transcript, card: SummaryView, theme: Theme) -> None:
    """Dark and larger type are taken up; what is being written stays."""
    click(card.edit_button)
    QTest.keyClicks(card.editor, " Mine." * 30)
    height = card.height()
    theme.set_choice("dark")
    theme.set_zoom(200)
    assert card.editor.toPlainText() == TEXT + " Mine." * 30
    assert card.height() > height
    view.grab()
