"""The context gauge: what its numbers are made of, and how it explains itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.conversation import Role
from app.engine.events import PromptDescription, TokenSpan
from app.engine.requests import PromptMessage
from app.ui.composer.context_card import lines_of
from app.ui.composer.context_gauge import ContextGauge
from app.ui.composer.context_use import ContextUse, context_use
from app.ui.theme import Theme
from tests.ui.hands import show_active

pytestmark = pytest.mark.ui

USE = ContextUse(n_ctx=8192, system=412, conversation=3000, draft=138, reply=1024, messages=14, left_out=6)
MESSAGES = (
    PromptMessage(Role.SYSTEM, "Be brief."),
    PromptMessage(Role.USER, "One"),
    PromptMessage(Role.ASSISTANT, "1"),
    PromptMessage(Role.USER, "Two"),
)
DESCRIBED = PromptDescription(
    text="",
    tokens=tuple(range(30)),
    spans=(TokenSpan(0, 1, 5), TokenSpan(3, 20, 27)),
    left_out=(1, 2),
    n_ctx=32,
    reserve=8,
)


@pytest.fixture
def window(qapp: QApplication) -> QWidget:
    """The window that the gauge is in."""
    widget = QWidget()
    widget.resize(700, 500)
    return widget


@pytest.fixture
def gauge(qtbot: QtBot, window: QWidget, theme: Theme) -> ContextGauge:
    """A gauge at the foot of a window, with numbers."""
    made = ContextGauge(theme)
    layout = QHBoxLayout(window)
    layout.addWidget(QPushButton("before"), 0, Qt.AlignmentFlag.AlignBottom)
    layout.addWidget(made, 0, Qt.AlignmentFlag.AlignBottom)
    made.show_use(USE)
    show_active(qtbot, window)
    return made


def point_at(gauge: ContextGauge) -> None:
    """Move the pointer onto it."""
    QApplication.sendEvent(gauge, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))


def test_the_parts_add_up() -> None:
    """What the chat template puts between is the conversation's; what is left out is no part of the prompt."""
    use = context_use(MESSAGES, DESCRIBED, has_draft=True)
    assert (use.system, use.draft, use.conversation) == (4, 7, 19)
    assert use.tokens == 30
    assert use.reply == 2
    assert (use.messages, use.left_out) == (0, 2)
    without = context_use(MESSAGES, DESCRIBED, has_draft=False)
    assert (without.system, without.draft, without.conversation, without.messages) == (4, 0, 26, 1)


def test_without_a_message_the_rest_is_the_chat_template() -> None:
    """A new conversation has no messages whose tokens could be counted."""
    use = ContextUse(n_ctx=8192, system=0, conversation=30, draft=5, reply=1024)
    assert next((line.label, line.tokens) for line in lines_of(use)) == ("Chat template", 30)


def test_the_summary_is_a_part_of_its_own() -> None:
    """It is not the conversation's: it stands for messages that are not there."""
    use = context_use(MESSAGES, replace(DESCRIBED, summary_tokens=6), has_draft=True)
    assert [(line.label, line.tokens) for line in lines_of(use)][:3] == [
        ("System prompt", 4),
        ("Summary of what was left out", 6),
        ("Chat template", 13),
    ]
    assert use.tokens == 30


def test_it_has_role_value_and_words(gauge: ContextGauge) -> None:
    """Somebody who does not see the bar knows as much as somebody who does."""
    assert gauge.accessibleName() == "Context window"
    assert (gauge.value(), gauge.maximum()) == (3550, 8192)
    assert gauge.words == "3,550 / 8,192"
    for part in (
        "System prompt: 412.",
        "Conversation, 14 messages: 3,000.",
        "Your draft: 138.",
        "6 messages left out.",
    ):
        assert part in gauge.accessibleDescription()


@pytest.mark.parametrize(("n_ctx", "words"), [(8192, "3,550 / 8,192"), (32768, "3.5k / 32k"), (131072, "3.5k / 128k")])
def test_long_numbers_are_shortened(gauge: ContextGauge, n_ctx: int, words: str) -> None:
    """The card has them whole."""
    gauge.show_use(ContextUse(n_ctx, 412, 3000, 138, 1024))
    assert gauge.words == words
    assert f"of {n_ctx:,} tokens" in gauge.accessibleDescription()


def test_where_there_is_little_room_it_says_a_percentage(gauge: ContextGauge) -> None:
    """And takes less of it."""
    wide = gauge.sizeHint().width()
    gauge.set_narrow(True)
    assert gauge.words == "43 %"
    assert gauge.sizeHint().width() < wide


def test_it_explains_itself_when_pointed_at(gauge: ContextGauge, window: QWidget) -> None:
    """The card stands inside the window, above the gauge, and the keyboard stays where it was."""
    before = window.focusWidget()
    point_at(gauge)
    assert gauge.card.isVisible()
    assert window.rect().contains(gauge.card.card_geometry())
    assert gauge.card.card_geometry().bottom() < gauge.y()
    assert window.focusWidget() is before
    QApplication.sendEvent(gauge, QEvent(QEvent.Type.Leave))
    assert not gauge.card.isVisible()


def test_it_explains_itself_to_the_keyboard(gauge: ContextGauge, window: QWidget) -> None:
    """Tab shows the card, Escape puts it away, Space shows it again, and leaving ends it."""
    button = window.findChild(QPushButton)
    assert button is not None
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert gauge.hasFocus()
    assert gauge.card.isVisible()
    QTest.keyClick(gauge, Qt.Key.Key_Escape)
    assert not gauge.card.isVisible()
    QTest.keyClick(gauge, Qt.Key.Key_Space)
    assert gauge.card.isVisible()
    button.setFocus()
    assert not gauge.card.isVisible()


def test_without_numbers_it_is_not_there(gauge: ContextGauge) -> None:
    """Neither is its card: nothing is claimed that nobody has counted."""
    point_at(gauge)
    gauge.show_use(None)
    assert not gauge.isVisible()
    assert not gauge.card.isVisible()


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_bar_begins_where_one_reads(
    gauge: ContextGauge, window: QWidget, theme: Theme, direction: Qt.LayoutDirection
) -> None:
    """The system prompt's colour stands at its beginning, the empty rest at its end."""
    window.setLayoutDirection(direction)
    picture = gauge.grab().toImage()
    row = [QColor(picture.pixel(x, picture.height() // 2)) for x in range(picture.width())]
    beginning, rest = row.index(theme.color("gauge_1")), row.index(theme.color("border"))
    assert (beginning < rest) == (direction is Qt.LayoutDirection.LeftToRight)


def test_the_card_paints_in_both_directions(gauge: ContextGauge, window: QWidget, theme: Theme) -> None:
    """Each part's colour stands in it."""
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        window.setLayoutDirection(direction)
        point_at(gauge)
        picture = gauge.card.grab().toImage()
        colors = {picture.pixel(x, y) for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)}
        for token in ("gauge_1", "gauge_2", "gauge_4", "text_3"):
            assert theme.color(token).rgba() in colors
