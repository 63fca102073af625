"""The page without words: what it offers, and what it never does by itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.ui.empty_state import EmptyState
from app.ui.icons import Icons
from app.ui.pasture import Pasture
from app.ui.plain_label import PlainLabel
from app.ui.theme import Theme
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui

QUESTION = "What can you help me with when I have no internet?"


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, icons: Icons) -> EmptyState:
    """The page at the first start."""
    made = EmptyState(theme, icons)
    made.resize(900, 600)
    show_active(qtbot, made)
    return made


def question(page: EmptyState) -> QAbstractButton:
    """The question that stands ready."""
    found = page.findChild(QAbstractButton, "question_button")
    assert isinstance(found, QAbstractButton)
    return found


def words(page: EmptyState) -> list[str]:
    """What can be read."""
    return [label.text() for label in page.findChildren(PlainLabel) if label.isVisible()]


def test_the_first_start_greets_and_has_a_question_ready(page: EmptyState) -> None:
    """Title, two sentences, the pasture; and nothing is sent."""
    assert words(page)[0] == "Your words stay inside the fence"
    assert len(words(page)) == 3
    assert question(page).text() == QUESTION
    pasture = page.findChild(Pasture)
    assert isinstance(pasture, Pasture)
    assert pasture.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_question_is_asked_by_one_key(page: EmptyState, key: Qt.Key) -> None:
    """Tab to it, then one key."""
    asked = emitted(page.question_chosen)
    question(page).setFocus(Qt.FocusReason.TabFocusReason)
    assert asked == []
    press(key)
    assert asked == [(QUESTION,)]


def test_the_question_is_asked_by_one_click(page: EmptyState) -> None:
    """The same by mouse."""
    asked = emitted(page.question_chosen)
    click(question(page))
    assert asked == [(QUESTION,)]


def test_a_later_new_conversation_is_quieter(page: EmptyState) -> None:
    """One sentence, no drawing, no question that was answered already."""
    page.show_new_conversation()
    assert words(page) == ["What is on your mind?"]
    assert not question(page).isVisible()
    page.show_first_start()
    assert question(page).isVisible()


def test_without_a_model_the_page_says_what_to_do(page: EmptyState) -> None:
    """The sentence of the house."""
    page.show_no_model()
    assert words(page)[1] == "Choose a model to continue. Everything you wrote is kept."


def test_a_low_window_keeps_the_title_and_drops_the_rest_in_order(page: EmptyState) -> None:
    """First the drawing goes, then the sentences, then the question."""
    page.resize(600, 300)
    assert (len(words(page)), question(page).isVisible()) == (3, True)
    page.resize(600, 200)
    assert (len(words(page)), question(page).isVisible()) == (1, True)
    page.resize(600, 120)
    assert (len(words(page)), question(page).isVisible()) == (1, False)
    page.resize(600, 600)
    assert len(words(page)) == 3
