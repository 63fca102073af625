"""A message can be kept in the model's view; the button asks for it, and the mark says that it is so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.header import HeaderView
from app.ui.transcript.block_widgets.pin_button import PinButton
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.screen import ASSISTANT, USER, click, visible

pytestmark = pytest.mark.ui


def asked(view: Transcript) -> list[tuple[str, bool]]:
    """What is asked for from now on."""
    requests: list[tuple[str, bool]] = []

    def note(message_id: str, is_pinned: bool) -> None:
        requests.append((message_id, is_pinned))

    view.pin_requested.connect(note)
    return requests


def test_a_pin_is_asked_for_and_shown_once_it_is_so(view: Transcript, make: MakeMessage) -> None:
    """Under a reply and beside a question: a click asks, the message answers, another click asks for the contrary."""
    question, reply = make(USER, "My name is Vera."), make(ASSISTANT, "Noted.")
    view.show_messages([question, reply])
    requests = asked(view)
    bubble, footer = visible(view, BubbleView)[0], visible(view, FooterView)[0]
    for message, button in ((question, bubble.pin_button), (reply, footer.pin_button)):
        assert button.toolTip() == button.accessibleName() == "Keep in view of the model"
        click(button)
        assert not button.isChecked(), "only the message knows"
        view.update_message(replace(message, pinned=True))
        assert button.isChecked()
        assert button.toolTip() == "Unpin: no longer keep in view of the model"
        QTest.keyClick(button, Qt.Key.Key_Return)
    assert requests == [(question.id, True), (question.id, False), (reply.id, True), (reply.id, False)]


def test_the_mark_is_always_in_sight(view: Transcript, make: MakeMessage) -> None:
    """Pinned messages say so without being pointed at; others show the way to it only then."""
    question, reply = make(USER, "My name is Vera."), make(ASSISTANT, "Noted.")
    view.show_messages([question, reply])
    bubble, header = visible(view, BubbleView)[0], visible(view, HeaderView)[0]
    height = view.column.total
    assert not bubble.shows_pin
    bubble.surroundings.requests.strip_pointed_at.emit(bubble)
    assert bubble.shows_pin
    bubble.surroundings.requests.strip_pointed_at.emit(header)
    assert not bubble.shows_pin
    bubble.pin_button.setFocus()
    assert bubble.shows_pin
    view.setFocus()
    bare = header.grab().toImage()
    view.update_message(replace(question, pinned=True))
    view.update_message(replace(reply, pinned=True))
    assert bubble.shows_pin
    assert bubble.accessibleName() == "pinned"
    assert header.accessibleName() == "Qwen3 4B Instruct, pinned"
    assert header.grab().toImage() != bare
    assert view.column.total == height, "nothing moves for a pin"


def test_a_pin_stands_beside_its_words(view: Transcript, make: MakeMessage) -> None:
    """At any width, in either direction: inside of the column and not on the words."""
    view.show_messages([make(USER, "word " * 200), make(USER, "Hi")])
    for width in (320, 500, 1000):
        view.resize(width, 800)
        for direction in (Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight):
            view.setLayoutDirection(direction)
            view.arrange()
            for bubble in visible(view, BubbleView):
                assert bubble.rect().contains(bubble.pin_button.geometry())
                assert not bubble.pin_button.geometry().intersects(bubble.text.geometry().adjusted(-14, -10, 14, 10))


def test_a_bubble_that_is_used_again_forgets_the_pin(view: Transcript, make: MakeMessage) -> None:
    """The next conversation's question has its own state, and its own id."""
    view.show_messages([replace(make(USER, "First"), pinned=True)])
    second = make(USER, "Second")
    view.show_messages([second])
    bubble = visible(view, BubbleView)[0]
    assert not bubble.shows_pin
    requests = asked(view)
    click(bubble.pin_button)
    assert requests == [(second.id, True)]


def test_tab_finds_each_pin(view: Transcript, make: MakeMessage) -> None:
    """In reading order, once for each message."""
    view.show_messages([make(USER, "One?"), make(ASSISTANT, "One."), make(USER, "Two?")])
    view.setFocus()
    found: list[int] = []
    for _ in range(4):
        QTest.keyClick(view.focusWidget(), Qt.Key.Key_Tab)
        widget = view.focusWidget()
        if isinstance(widget, PinButton):
            found.append(widget.mapTo(view.canvas, widget.rect().center()).y())
    assert len(found) == 3
    assert found == sorted(found)
