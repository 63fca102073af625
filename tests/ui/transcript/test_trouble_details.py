"""The log of a card in trouble: one click away, and in nobody's way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.conversation import MessageStatus, Trouble
from app.ui.transcript.block_widgets.trouble_card import TroubleCard
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.screen import ASSISTANT, USER, click, screen_y, visible

pytestmark = pytest.mark.ui

LOG = "\n".join(f"llama_decode: line {number} of what the engine printed last" for number in range(200))
TROUBLE = Trouble("The engine crashed.", "A new engine starts with your next step.", f"exit code -11\n{LOG}")


def card_of(view: Transcript, make: MakeMessage, turns: int, trouble: Trouble = TROUBLE) -> TroubleCard:
    """The card under the last reply of a conversation."""
    told = [make(USER if at % 2 == 0 else ASSISTANT, f"Words {at}") for at in range(2 * turns)]
    reply = make(ASSISTANT, "Half a", MessageStatus.ERROR, trouble=trouble)
    view.show_messages([*told, make(USER, "Why?"), reply])
    return visible(view, TroubleCard)[-1]


@pytest.mark.parametrize("turns", [0, 3, 30])
@pytest.mark.parametrize("height", [260, 500, 800])
def test_details_leave_cause_advice_and_button_on_the_screen(
    view: Transcript, make: MakeMessage, turns: int, height: int
) -> None:
    """The card begins where it was, or as much higher as its log needs; the log begins at its beginning."""
    view.resize(1000, height)
    card = card_of(view, make, turns)
    before = screen_y(view, card)
    click(card.details_button)
    assert 0 <= screen_y(view, card) <= before
    shown = card.details_button.geometry().bottom() + screen_y(view, card)
    assert shown <= view.viewport().height()
    whole_fits = card.height() + 48 <= view.viewport().height()
    assert not whole_fits or screen_y(view, card) + card.height() <= view.viewport().height()
    assert card.details.height() <= 220
    assert card.details.text.verticalScrollBar().value() == 0


def test_details_that_have_room_move_nothing(view: Transcript, make: MakeMessage) -> None:
    """A conversation that ends in the upper half stays as it stands, opened and closed."""
    card = card_of(view, make, 0)
    before = screen_y(view, card)
    click(card.details_button)
    assert screen_y(view, card) == before
    click(card.details_button)
    assert screen_y(view, card) == before


def test_the_keyboard_stays_on_the_details_button(view: Transcript, make: MakeMessage) -> None:
    """Space opens and closes again, however far the page went for it."""
    card = card_of(view, make, 30)
    card.details_button.setFocus()
    for is_open in (True, False, True):
        QTest.keyClick(card.details_button, Qt.Key.Key_Space)
        assert card.details.isVisible() is is_open
        assert QApplication.focusWidget() is card.details_button


def test_the_log_is_read_to_its_end_with_the_keyboard(view: Transcript, make: MakeMessage) -> None:
    """Tab goes on from the button into the log, where the keys of a page move the log and not the page."""
    card = card_of(view, make, 3)
    card.details_button.setFocus()
    card.details_button.click()
    QTest.keyClick(card.details_button, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is card.details.text
    page = view.verticalScrollBar().value()
    QTest.keyClick(card.details.text, Qt.Key.Key_End)
    bar = card.details.text.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    assert view.verticalScrollBar().value() == page


def test_a_short_log_is_as_high_as_its_lines(view: Transcript, make: MakeMessage) -> None:
    """Nothing scrolls where there is nothing more."""
    card = card_of(view, make, 0, Trouble("The engine crashed.", "", "exit code -11"))
    click(card.details_button)
    assert card.details.height() < 60
    assert card.details.text.verticalScrollBar().maximum() == 0


def test_a_button_that_goes_away_gives_the_keyboard_to_the_page(view: Transcript, make: MakeMessage) -> None:
    """When *Continue* has been used its card is gone; what is typed next does not go into nowhere."""
    reply = make(ASSISTANT, "Half a", MessageStatus.ERROR, trouble=TROUBLE)
    view.show_messages([make(USER, "Why?"), reply])
    card = visible(view, TroubleCard)[0]
    card.button.setFocus()
    view.update_message(replace(reply, status=MessageStatus.STREAMING, trouble=None))
    assert not card.isVisible()
    assert QApplication.focusWidget() is view
