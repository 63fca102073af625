"""The line of forgetting: what the model no longer sees is said, and nothing jumps for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QTextCursor
from PySide6.QtWidgets import QTextEdit

from app.conversation import Message
from app.ui.theme import Theme
from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.code import CodeView
from app.ui.transcript.block_widgets.fence import FenceView
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.summary import SummaryView
from app.ui.transcript.block_widgets.table import TableView
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.live_strips import AnyView
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY
from tests.ui.transcript.screen import ASSISTANT, STREAMING, USER, everything, fill, screen_y, visible

pytestmark = pytest.mark.ui

WORDS = "Above this line the model no longer sees the conversation"


def colour(text: QTextEdit) -> str:
    """The colour of the first letter."""
    cursor = QTextCursor(text.document())
    cursor.setPosition(1)
    return cursor.charFormat().foreground().color().name().upper()


def first_in_sight(view: Transcript) -> AnyView:
    """The words at the top of the page."""
    words = (strip for strip in everything(view) if not isinstance(strip, FenceView))
    return next(strip for strip in words if screen_y(view, strip) + strip.height() > 0)


def talk(view: Transcript, make: MakeMessage) -> list[Message]:
    """Show two short turns."""
    messages = [make(USER, "One?"), make(ASSISTANT, "One."), make(USER, "Two?"), make(ASSISTANT, "Two.")]
    view.show_messages(messages)
    return messages


def test_the_fence_stands_above_what_the_model_still_sees(view: Transcript, make: MakeMessage, theme: Theme) -> None:
    """It says what it means and how many are behind it; those are quieter; without it all is as before."""
    first, answer, second, _ = talk(view, make)
    height = view.column.total
    view.set_left_out([first.id, answer.id])
    fence = visible(view, FenceView)[0]
    above, below = visible(view, BubbleView)
    assert above.geometry().bottom() < fence.y() < fence.geometry().bottom() < below.y()
    assert fence.words.text() == WORDS
    assert fence.accessibleName() == f"{WORDS}: 2 messages"
    assert [colour(words.text) for words in (above, below)] == [theme.tokens.text_3, theme.tokens.text]
    assert [colour(words.text) for words in visible(view, WordsView)] == [theme.tokens.text_3, theme.tokens.text]
    assert below.text.toPlainText() == second.text
    view.set_left_out([])
    assert visible(view, FenceView) == []
    assert {colour(words.text) for words in visible(view, BubbleView)} == {theme.tokens.text}
    assert view.column.total == height


def test_all_that_is_behind_the_fence_is_quieter(view: Transcript, make: MakeMessage, theme: Theme) -> None:
    """Code and tables, too, in the light and in the dark; nothing of them moves for that."""
    view.show_messages([make(USER, "?"), make(ASSISTANT, f"{CODE_REPLY}\n\n{CONVERSATION_REPLY}"), make(USER, "!")])
    view.resize(1000, 1600)
    before = [strip.geometry() for strip in everything(view)][:-1]
    view.set_left_out(["0", "1"])
    behind = [strip for strip in everything(view) if not isinstance(strip, FenceView)][:-1]
    assert [strip.geometry() for strip in behind] == before
    for choice in ("dark", "light"):
        theme.set_choice(choice)
        quiet = theme.tokens.text_3
        assert {colour(code.text) for code in visible(view, CodeView)} == {quiet}
        assert all(
            not block.layout().formats()
            for code in visible(view, CodeView)
            for block in [code.text.document().firstBlock()]
        )
        cells = [cell for table in visible(view, TableView) for row in table.grid.rows for cell in row]
        assert {
            look.format.foreground().color().name().upper() for cell in cells for look in cell.layout.formats()
        } == {quiet}
        view.grab()


def test_what_is_pinned_keeps_its_strength(view: Transcript, make: MakeMessage, theme: Theme) -> None:
    """The model sees it wherever it stands, and the fence counts it apart."""
    first, answer, second, _ = talk(view, make)
    view.update_message(replace(first, pinned=True))
    view.set_left_out([first.id, answer.id])
    fence = visible(view, FenceView)[0]
    assert fence.count.text() == "1 message · 1 pinned stays in view"
    assert colour(visible(view, BubbleView)[0].text) == theme.tokens.text
    view.update_message(first)
    assert visible(view, FenceView)[0].count.text() == "2 messages"
    assert colour(visible(view, BubbleView)[0].text) == theme.tokens.text_3
    assert colour(visible(view, BubbleView)[1].text) == theme.tokens.text
    assert second.text == visible(view, BubbleView)[1].text.toPlainText()


def test_nothing_jumps_when_the_line_moves(view: Transcript, make: MakeMessage) -> None:
    """Wherever one reads, and wherever the line comes, goes or moves: the words stay in their place."""
    fill(view, make, 30)
    bar = view.verticalScrollBar()
    for place in (0.3, 0.6):
        bar.setValue(round(bar.maximum() * place))
        read = first_in_sight(view)
        y = screen_y(view, read)
        key = view.live.key_of(read)
        assert key is not None
        near = key[0] - key[0] % 2
        for last in (2, near, near + 2, 50, near, 0, 10, near - 2):
            view.set_left_out([str(at) for at in range(last)])
            assert screen_y(view, view.live[key]) == y
    assert not view.is_following_end


def test_the_end_stays_in_sight_when_the_line_moves(view: Transcript, make: MakeMessage) -> None:
    """While a reply is written the line comes in above it, and the reader stays at the end."""
    fill(view, make, 5)
    reply = make(ASSISTANT, "", STREAMING)
    view.add_message(reply)
    view.set_left_out([str(at) for at in range(8)])
    view.append_piece(reply.id, CODE_REPLY)
    view.flush()
    assert view.is_following_end
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_an_unseen_line_costs_nothing(view: Transcript, make: MakeMessage) -> None:
    """Two thousand messages, the line far up: nothing is read or made for it; scrolled to, it is there."""
    fill(view, make, 1000)
    view.grab()
    made = view.live.made
    read = sum(message.is_open for message in view.column.messages)
    for last in (500, 600, 550):
        view.set_left_out([str(at) for at in range(last)])
    assert view.live.made == made
    assert sum(message.is_open for message in view.column.messages) <= read + 2
    assert visible(view, FenceView) == []
    view.show_message("550")
    bubble = next(live for live in view.live_of_message(550) if isinstance(live, BubbleView))
    assert 0 <= screen_y(view, bubble) < 100, "a message that is shown begins with its own words"
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 200)
    assert len(visible(view, FenceView)) == 1


def test_the_fence_stands_at_the_end_where_all_is_left_out(view: Transcript, make: MakeMessage) -> None:
    """A long draft pushes out every turn; the fence goes above the next message, and away with the draft."""
    messages = talk(view, make)
    height = view.column.total
    ids = [message.id for message in messages]
    view.set_left_out(ids)
    fence = visible(view, FenceView)[0]
    last = visible(view, FooterView)[-1]
    assert fence.y() > last.geometry().bottom()
    assert fence.geometry().bottom() <= view.column.total
    assert fence.count.text() == "4 messages"
    view.set_summary("Numbers were said.")
    assert [strip.y() > fence.y() for strip in visible(view, SummaryView)] == [True]
    view.set_summary(None)
    view.add_message(make(USER, "Three?"))
    fence = visible(view, FenceView)[0]
    assert fence.geometry().bottom() < visible(view, BubbleView)[-1].y()
    view.show_messages(messages)
    view.set_left_out([])
    assert visible(view, FenceView) == []
    assert view.column.total == height


def test_a_reply_grows_above_the_fence_at_the_end(view: Transcript, make: MakeMessage) -> None:
    """The strips that end a reply stay the same widgets while the fence comes and goes."""
    first, reply = make(USER, "One?"), make(ASSISTANT, "", STREAMING)
    view.show_messages([first, reply])
    view.set_left_out([first.id, reply.id])
    view.append_piece(reply.id, CODE_REPLY)
    view.flush()
    assert len(visible(view, FenceView)) == 1
    made = view.live.made
    for left_out in ([], [first.id, reply.id], []):
        view.set_left_out(left_out)
        view.grab()
    assert view.live.made == made


def test_another_conversation_has_no_line_until_it_is_said(view: Transcript, make: MakeMessage) -> None:
    """What is left out of one is not said of another; the same one again keeps its line."""
    messages = talk(view, make)
    view.set_left_out([messages[0].id, messages[1].id])
    view.set_summary("One was said.")
    view.show_messages(messages[:3])
    assert len(visible(view, FenceView)) == 1
    others = talk(view, make)
    assert visible(view, FenceView) == []
    view.set_left_out([others[0].id, others[1].id])
    assert [strip.words.text() for strip in visible(view, FenceView)] == [WORDS]
    assert "One was said." not in [child.toPlainText() for child in view.findChildren(QTextEdit) if child.isVisible()]


def test_the_fence_is_heard(view: Transcript, make: MakeMessage) -> None:
    """Its words are static text, and every message says whether the model sees it."""
    messages = talk(view, make)
    view.update_message(replace(messages[1], pinned=True))
    view.set_left_out([messages[0].id])
    words = QAccessible.queryAccessibleInterface(visible(view, FenceView)[0].words)
    assert words.role() is QAccessible.Role.StaticText
    assert words.text(QAccessible.Text.Name) == WORDS
    heard = QAccessible.queryAccessibleInterface(view)
    assert [heard.child(at).text(QAccessible.Text.Description) for at in range(3)] == [
        "The model no longer sees this message.",
        "Pinned: it stays in view of the model.",
        "",
    ]


@pytest.mark.parametrize("width", [320, 500, 1600])
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_sentence_is_whole_at_any_width(
    view: Transcript, make: MakeMessage, width: int, direction: Qt.LayoutDirection
) -> None:
    """Where there is little room the sentence takes two lines, and the count is in the tooltip."""
    view.setLayoutDirection(direction)
    view.resize(width, 800)
    messages = talk(view, make)
    view.set_left_out([messages[0].id])
    fence = visible(view, FenceView)[0]
    assert fence.words.height() >= fence.words.heightForWidth(fence.words.width())
    assert fence.rect().contains(fence.words.geometry())
    assert fence.count.isVisible() == (width > 320)
    assert fence.toolTip() == "1 message"


def test_quiet_words_can_be_read(theme: Theme) -> None:
    """On every ground that a message may have, words behind the fence have a contrast of 4.5 to 1."""
    for choice in ("light", "dark"):
        theme.set_choice(choice)
        for ground in ("window", "user", "inset"):
            assert contrast(theme, "text_3", ground) >= 4.5
        assert contrast(theme, "hay", "window") >= 4.5


def contrast(theme: Theme, words: str, ground: str) -> float:
    """The contrast of two tokens as the guidelines for accessible pages reckon it."""

    def light(name: str) -> float:
        color = theme.color(name)
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((light(words), light(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
