"""A reply on the screen: written, finished, stopped, in trouble."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.conversation import Generation, MessageStatus, Trouble
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.notice import NoticeView
from app.ui.transcript.block_widgets.trouble_card import TroubleCard
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.strips import Words
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import RECEIPT, MakeMessage
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY
from tests.ui.transcript.screen import (
    ASSISTANT,
    STREAMING,
    USER,
    click,
    everything,
    fill,
    heard,
    screen_y,
    shown_text,
    visible,
)

pytestmark = pytest.mark.ui


def test_a_reply_appears_while_it_is_written(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """Pieces become words on the screen, a caret stands behind them, and the painting is reported."""
    view.show_messages([make(USER, "Tell me a story")])
    reply = make(ASSISTANT, "", STREAMING)
    view.add_message(reply)
    paintings: list[tuple[str, int]] = []

    def note(message_id: str, count: int) -> None:
        paintings.append((message_id, count))

    view.painted.connect(note)
    for piece in ("Once ", "upon ", "a time"):
        view.append_piece(reply.id, piece)
    qtbot.waitUntil(lambda: (reply.id, len("Once upon a time")) in paintings)
    assert "Once upon a time" in shown_text(view)
    assert any(words.text.has_caret for words in visible(view, WordsView))
    assert view.message_text(reply.id) == "Once upon a time"


def test_pieces_are_drawn_together(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """A hundred pieces at once are one drawing."""
    reply = make(ASSISTANT, "", STREAMING)
    view.add_message(reply)
    drawings: list[int] = []

    def note(_: str, count: int) -> None:
        drawings.append(count)

    view.painted.connect(note)
    for _ in range(100):
        view.append_piece(reply.id, "word ")
    qtbot.waitUntil(lambda: drawings[-1:] == [500])
    assert len(drawings) == 1


def test_a_finished_reply_looks_like_one_that_was_opened(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """Written piece by piece or read from disk: the same strips of the same heights."""
    text = CONVERSATION_REPLY + "\n" + CODE_REPLY
    reply = make(ASSISTANT, "", STREAMING)
    view.add_message(reply)
    for at in range(0, len(text), 9):
        view.append_piece(reply.id, text[at : at + 9])
        if at % 27 == 0:
            view.flush()
    whole = make(ASSISTANT, text, receipt=RECEIPT)
    view.update_message(replace(whole, id=reply.id))
    streamed = [(place.y, place.height) for place in view.column.places(0, view.column.total)]
    words = [strip.paragraphs for strip in view.column.messages[0].strips if isinstance(strip, Words)]
    view.show_messages([whole])
    assert [strip.paragraphs for strip in view.column.messages[0].strips if isinstance(strip, Words)] == words
    assert [(place.y, place.height) for place in view.column.places(0, view.column.total)] == streamed


def test_only_the_tail_is_drawn_again(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """Words at the end of a reply repaint their own strip, not the page."""
    reply = make(ASSISTANT, CODE_REPLY + "\n\nSome words", STREAMING)
    view.show_messages([make(USER, "Hello"), reply])
    with qtbot.waitSignal(view.painted):
        view.append_piece(reply.id, " and")
    before = view.canvas.painted_pixels
    with qtbot.waitSignal(view.painted):
        view.append_piece(reply.id, " more")
    assert view.canvas.painted_pixels - before < view.width() * view.height() / 4


def test_the_end_is_followed_only_by_who_reads_there(view: Transcript, make: MakeMessage) -> None:
    """A reply that grows does not pull the page away from somebody who reads further up."""
    fill(view, make, 10)
    reply = make(ASSISTANT, "", STREAMING)
    view.add_message(reply)
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 400)
    top = everything(view)[0]
    place = screen_y(view, top)
    view.append_piece(reply.id, CODE_REPLY)
    view.flush()
    assert not view.is_following_end
    assert screen_y(view, top) == place
    assert view.jump_button.isVisible()
    view.jump_button.click()
    assert view.is_following_end
    view.append_piece(reply.id, CODE_REPLY)
    view.flush()
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert not view.jump_button.isVisible()


def test_a_reply_is_copied_as_it_was_written(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """The footer's button gives the Markdown."""
    view.show_messages([make(ASSISTANT, CONVERSATION_REPLY)])
    with qtbot.waitSignal(view.copied):
        visible(view, FooterView)[0].copy_button.click()
    assert QGuiApplication.clipboard().text() == CONVERSATION_REPLY


def test_a_selection_survives_the_words_that_come_in(view: Transcript, make: MakeMessage) -> None:
    """Selecting in a reply that is being written selects those words, not all that follow."""
    reply = make(ASSISTANT, "Once upon a time", STREAMING)
    view.show_messages([reply])
    words = visible(view, WordsView)[0].text
    cursor = words.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.movePosition(QTextCursor.MoveOperation.StartOfWord, QTextCursor.MoveMode.KeepAnchor)
    words.setTextCursor(cursor)
    view.append_piece(reply.id, " there was")
    view.flush()
    assert words.selected_text() == "time"


def test_statistics_are_quiet_and_complete(view: Transcript, make: MakeMessage) -> None:
    """The newest reply shows its figures, others only when pointed at; nothing moves for it."""
    view.show_messages(
        [make(ASSISTANT, "One", receipt=RECEIPT), make(USER, "?"), make(ASSISTANT, "Two", receipt=RECEIPT)]
    )
    older, newest = visible(view, FooterView)
    figures = "214 tokens · 11.8 tok/s · first word after 0.6 s of reading · 3,105 of 3,200 tokens reused"
    assert newest.statistics == newest.toolTip() == f"{figures} · seed 1 · on CPU"
    assert newest.is_visible_now
    assert not older.is_visible_now
    before = view.column.total
    older.surroundings.requests.strip_pointed_at.emit(visible(view, WordsView)[0])
    assert older.is_visible_now
    assert view.column.total == before


def test_a_continued_reply_is_counted_as_one(view: Transcript, make: MakeMessage) -> None:
    """Its tokens and seconds are those of all its generations; its first word came in the first."""
    reply = make(ASSISTANT, "One two", receipt=RECEIPT)
    second = replace(RECEIPT, tokens_out=86, reused=0, timings={"generation": 1.87, "first_token": 9.0})
    generations = (*reply.generations, Generation(1, 3, receipt=second))
    view.show_messages([make(USER, "?"), replace(reply, generations=generations)])
    figures = "300 tokens · 15.0 tok/s · first word after 0.6 s of reading"
    assert visible(view, FooterView)[0].toolTip().startswith(figures)


def test_a_reply_without_a_token_has_no_figures(view: Transcript, make: MakeMessage) -> None:
    """There is no first word to have waited for."""
    none = replace(RECEIPT, tokens_out=0, reused=0, timings={"generation": 0.0, "first_token": 0.0})
    view.show_messages([make(USER, "?"), make(ASSISTANT, "", MessageStatus.CANCELLED, receipt=none)])
    assert visible(view, FooterView)[0].toolTip() == "seed 1 · on CPU"


def test_a_turn_that_fills_the_window_alone_cannot_go_on(view: Transcript, make: MakeMessage) -> None:
    """While there are older turns that can fall out it can; then it says where there is room."""
    full = replace(RECEIPT, n_ctx=RECEIPT.tokens_in + RECEIPT.tokens_out)
    turn = (make(USER, "?"), make(ASSISTANT, "Words", receipt=full))
    older = (make(USER, "One?"), make(ASSISTANT, "One."))
    view.show_messages([*older, *turn])
    assert [notice.button.isVisible() for notice in visible(view, NoticeView)] == [True]
    view.show_messages(turn)
    assert [notice.button.isVisible() for notice in visible(view, NoticeView)] == [False]
    assert "A new conversation has room again." in visible(view, NoticeView)[0].sentence.text()
    alone = make(ASSISTANT, "Words", receipt=replace(full, left_out_messages=2))
    view.show_messages([*older, turn[0], alone])
    assert [notice.button.isVisible() for notice in visible(view, NoticeView)] == [False]


@pytest.mark.parametrize("status", [MessageStatus.INTERRUPTED, MessageStatus.CANCELLED])
def test_a_reply_that_ended_early_can_go_on(
    qtbot: QtBot, view: Transcript, make: MakeMessage, status: MessageStatus
) -> None:
    """One quiet line, and *Continue*."""
    reply = make(ASSISTANT, "Once upon", status)
    view.show_messages([reply])
    button = view.findChild(QPushButton, "continue_button")
    assert isinstance(button, QPushButton)
    requests = heard(view.continue_requested)
    click(button)
    assert requests == [reply.id]


def test_a_reply_goes_on_in_the_same_message(view: Transcript, make: MakeMessage) -> None:
    """After *Continue* the words that come are appended to those that were there."""
    reply = make(ASSISTANT, "Once **upon", MessageStatus.INTERRUPTED)
    view.show_messages([reply])
    again = replace(reply, status=STREAMING)
    view.update_message(again)
    view.append_piece(reply.id, " a time**")
    view.flush()
    assert shown_text(view) == "Once upon a time"


def test_trouble_belongs_to_its_message(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """The card says what happened and what helps; the log is one click away, and moves nothing above it."""
    trouble = Trouble("This laptop ran out of memory.", "a smaller context window.", "signal 9\nn_ctx 16384")
    reply = make(ASSISTANT, "The second one", MessageStatus.ERROR, trouble=trouble)
    view.show_messages([make(USER, "Why?"), reply])
    card = view.findChild(TroubleCard, "engine_trouble_card")
    assert isinstance(card, TroubleCard)
    words = card.words.toPlainText()
    assert words == "This laptop ran out of memory. The words above are saved.\nWhat helps: a smaller context window."
    height = card.height()
    card.details_button.click()
    assert card.height() > height
    assert card.details.text.toPlainText() == "signal 9\nn_ctx 16384"
    card.details.copy_button.click()
    assert QGuiApplication.clipboard().text() == "signal 9\nn_ctx 16384"
    with qtbot.waitSignal(view.continue_requested):
        card.button.click()


def test_a_reply_without_words_can_be_tried_again(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """Where nothing was written there is nothing to continue."""
    reply = make(ASSISTANT, "", MessageStatus.ERROR, trouble=Trouble("The model file is damaged."))
    view.show_messages([reply])
    button = view.findChild(QPushButton, "retry_button")
    assert isinstance(button, QPushButton)
    requests = heard(view.retry_requested)
    click(button)
    assert requests == [reply.id]


def test_activity_is_said_until_the_reply_is_done(view: Transcript, make: MakeMessage) -> None:
    """The quiet line changes with what is being done, and gives way to the footer."""
    reply = make(ASSISTANT, "", STREAMING)
    view.add_message(reply)
    view.set_activity(reply.id, "Reading, 1,200 of 3,000 tokens")
    names = [live.accessibleName() for live in everything(view)]
    assert "Reading, 1,200 of 3,000 tokens" in names
    done = replace(reply, status=MessageStatus.COMPLETE, text="Done")
    view.update_message(done)
    assert len(visible(view, FooterView)) == 1
    assert shown_text(view) == "Done"


def test_a_note_stands_beside_the_model(view: Transcript, make: MakeMessage) -> None:
    """What is said of a model is said wherever it replies, also later."""
    view.show_messages([make(ASSISTANT, "One")])
    view.set_model_note("Qwen3 4B Instruct", "small, quick, often wrong")
    view.add_message(make(ASSISTANT, "Two"))
    names = [live.accessibleName() for live in everything(view)]
    assert names.count("Qwen3 4B Instruct, small, quick, often wrong") == 2


def test_a_message_of_another_conversation_is_none_of_ours(view: Transcript, make: MakeMessage) -> None:
    """A reply may still be written while another conversation is read."""
    elsewhere = make(ASSISTANT, "Far away", STREAMING)
    view.show_messages([make(USER, "Here")])
    view.append_piece(elsewhere.id, " and long ago")
    view.set_activity(elsewhere.id, "Writing")
    view.update_message(elsewhere)
    view.flush()
    assert len(view.message_ids()) == 1
    assert shown_text(view) == ""


def test_only_the_newest_reply_can_go_on(view: Transcript, make: MakeMessage) -> None:
    """What was answered since stands on the words as they are: the older reply offers nothing that would not work."""
    view.show_messages([make(ASSISTANT, "Once", MessageStatus.CANCELLED)])
    button = view.findChild(QPushButton, "continue_button")
    assert isinstance(button, QPushButton)
    assert button.isVisible()
    view.add_message(make(USER, "Another one"))
    assert not button.isVisible()
