"""The field for the access token: nothing of it is seen, kept behind, or left in the clipboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.ui.settings.token_card import TokenCard, TokenState, TokenTone
from app.ui.theme import Theme
from tests.ui.hands import emitted, show_active

pytestmark = pytest.mark.ui
TOKEN = "hf_OnlyForThisTest1"  # noqa: S105 - opens nothing


@pytest.fixture
def card(qtbot: QtBot, theme: Theme) -> TokenCard:
    """The card of somebody without a token."""
    made = TokenCard(theme)
    made.show_state(TokenState.NONE)
    made.resize(800, 300)
    show_active(qtbot, made)
    return made


def test_it_tells_how_one_comes_to_a_token(card: TokenCard) -> None:
    """Folded away until it is wanted; then the keyboard is in the field."""
    assert not card.field.isVisible()
    card.add_button.click()
    assert card.field.hasFocus()
    assert not card.keep_button.isEnabled()
    said = " ".join(label.text() for label in card.findChildren(type(card.sentence)) if label.isVisible())
    assert "Agree on the model's page" in said
    assert "to no other host" in said


def test_nobody_sees_or_hears_it(card: TokenCard) -> None:
    """Dots on the screen, nothing for a screen reader, and no way to copy it out again."""
    card.add_button.click()
    QTest.keyClicks(card.field, TOKEN)
    assert card.field.echoMode() is QLineEdit.EchoMode.Password
    assert TOKEN not in card.field.displayText()
    spoken = QAccessible.queryAccessibleInterface(card.field)
    assert bool(spoken.state().passwordEdit)
    assert TOKEN not in spoken.text(QAccessible.Text.Value)
    card.field.selectAll()
    QGuiApplication.clipboard().setText("before")
    QTest.keyClick(card.field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"


def test_keeping_it_takes_it_out_of_the_field_and_of_the_clipboard(card: TokenCard) -> None:
    """Where it was pasted from, it would lie open for every other program."""
    card.add_button.click()
    QGuiApplication.clipboard().setText(TOKEN)
    card.field.paste()
    wishes = emitted(card.keep_requested)
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    assert wishes == [(TOKEN,)]
    card.kept()
    assert card.field.text() == ""
    assert QGuiApplication.clipboard().text() == ""
    card.field.undo()
    assert card.field.text() == ""
    assert not card.field.isVisible()


def test_what_else_is_in_the_clipboard_stays_there(card: TokenCard) -> None:
    """Only the token itself is nobody's business."""
    card.add_button.click()
    QTest.keyClicks(card.field, TOKEN)
    QGuiApplication.clipboard().setText("a recipe")
    card.kept()
    assert QGuiApplication.clipboard().text() == "a recipe"


def test_escape_gives_it_up(card: TokenCard) -> None:
    """Nothing of what was typed stays, and a test that runs is waited for no more."""
    card.add_button.click()
    QTest.keyClicks(card.field, TOKEN)
    card.show_busy(is_busy=True, can_stop=True)
    card.stop_requested.connect(lambda: card.show_busy(is_busy=False))
    stopped = emitted(card.stop_requested)
    QTest.keyClick(card.field, Qt.Key.Key_Escape)
    assert stopped == [()]
    assert card.field.text() == ""
    assert not card.field.isVisible()
    assert card.add_button.hasFocus()


def test_while_it_is_busy_nothing_more_can_be_asked(card: TokenCard) -> None:
    """The answer comes to the words that were there."""
    card.add_button.click()
    QTest.keyClicks(card.field, TOKEN)
    card.show_busy(is_busy=True)
    assert card.field.isReadOnly()
    assert not card.keep_button.isEnabled()
    assert not card.test_button.isEnabled()
    card.show_busy(is_busy=False)
    assert card.keep_button.isEnabled()


@pytest.mark.parametrize(
    ("state", "why", "sentence", "has_token"),
    [
        (TokenState.NONE, "", "None. A token would be kept by the keyring of your system, never in a file.", False),
        (TokenState.NONE, "There is no keyring.", "None. There is no keyring.", False),
        (TokenState.IN_KEYRING, "", "There is one, kept by the keyring of your system.", True),
        (TokenState.IN_SESSION, "Why.", "There is one, kept in memory only: until Paddock is closed. Why.", True),
    ],
)
def test_it_says_where_the_token_is(
    card: TokenCard, state: TokenState, why: str, sentence: str, has_token: bool
) -> None:
    """And offers to forget and to test only what there is."""
    card.show_state(state, why)
    assert card.sentence.text() == sentence
    assert card.forget_button.isVisible() is has_token
    assert card.test_kept_button.isVisible() is has_token
    card.show_result("It works.", TokenTone.GOOD)
    assert card.result.isVisible()
