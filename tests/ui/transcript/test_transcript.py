"""A conversation on the screen: opened, read, written, stopped, in trouble."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, SignalInstance
from PySide6.QtGui import QGuiApplication, QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.conversation import MessageStatus, Role, Trouble
from app.ui.theme import Theme
from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.code import CodeView
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.trouble_card import TroubleCard
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.live_strips import AnyView
from app.ui.transcript.strips import Words
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import RECEIPT, MakeMessage
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY

pytestmark = pytest.mark.ui

V = TypeVar("V", bound=AnyView)
USER, ASSISTANT = Role.USER, Role.ASSISTANT
STREAMING = MessageStatus.STREAMING


def fill(view: Transcript, make: MakeMessage, turns: int) -> None:
    """Open a conversation of so many turns."""
    view.show_messages(
        [make(USER, f"Question {at // 2}") if at % 2 == 0 else make(ASSISTANT, CODE_REPLY) for at in range(2 * turns)]
    )


def visible(view: Transcript, kind: type[V]) -> list[V]:
    """The strips of a kind that are on the screen, from top to bottom."""
    found = [live for _, live in view.live.items() if isinstance(live, kind) and live.isVisible()]
    return sorted(found, key=lambda live: live.y())


def everything(view: Transcript) -> list[AnyView]:
    """All strips that are on the screen, from top to bottom."""
    return sorted((live for _, live in view.live.items() if live.isVisible()), key=lambda live: live.y())


def shown_text(view: Transcript) -> str:
    """All words that replies show on the screen."""
    return "\n".join(live.text.toPlainText() for live in visible(view, WordsView))


def heard(signal: SignalInstance) -> list[str]:
    """What a signal says from now on."""
    words: list[str] = []
    signal.connect(words.append)
    return words


def click(widget: QWidget, place: QPoint | None = None) -> None:
    """Press the left button on a widget, in its middle unless said."""
    where = widget.rect().center() if place is None else place
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


def screen_y(view: Transcript, strip: AnyView) -> int:
    """Where a strip is, from the top of the viewport."""
    return strip.mapTo(view.viewport(), QPoint(0, 0)).y()


def test_a_conversation_opens_at_its_end(view: Transcript, make: MakeMessage) -> None:
    """The last words are in sight, and the reader follows the end."""
    fill(view, make, 30)
    assert view.is_following_end
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert "less than 40 MB of memory." in shown_text(view)
    assert view.message_ids() == [str(at) for at in range(60)]


def test_a_long_conversation_costs_no_more_than_a_short_one(view: Transcript, make: MakeMessage) -> None:
    """Two thousand messages: only what is in sight is read, and few widgets are made."""
    fill(view, make, 1000)
    assert len(view.live) < 40
    assert view.live.made < 40
    assert sum(message.is_open for message in view.column.messages) < 20


def test_scrolling_up_uses_widgets_again(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """Wherever one reads, few widgets exist, and what was in sight moves by what was scrolled and no more."""
    fill(view, make, 100)
    for _ in range(60):
        before = {key: screen_y(view, live) for key, live in view.live.items() if live.isVisible()}
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 150)
        after = {key: screen_y(view, live) for key, live in view.live.items() if live.isVisible()}
        moved = {after[key] - y for key, y in before.items() if key in after and 0 <= y < 600}
        assert moved <= {150}
    assert not view.is_following_end
    assert len(view.live) < 40
    assert view.live.made < 90


def test_the_first_message_can_be_reached(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """Home goes to the very beginning, End back."""
    fill(view, make, 50)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: "Question 0" in [bubble.text.toPlainText() for bubble in visible(view, BubbleView)])
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.is_following_end


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


def test_own_words_are_always_brought_into_sight(view: Transcript, make: MakeMessage) -> None:
    """Who sends a message wants to see it, wherever they were reading."""
    fill(view, make, 10)
    view.verticalScrollBar().setValue(0)
    view.add_message(make(USER, "And now?"))
    assert view.is_following_end
    assert visible(view, BubbleView)[-1].text.toPlainText() == "And now?"


def test_what_the_user_typed_is_not_markdown(view: Transcript, make: MakeMessage) -> None:
    """Stars, tags and spaces stay as they were typed."""
    text = "**not bold** <b>x</b>\n    four spaces"
    view.show_messages([make(USER, text)])
    assert visible(view, BubbleView)[0].text.toPlainText() == text


def test_code_is_copied_whole(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """The button of a block of code copies the code and nothing else."""
    view.show_messages([make(ASSISTANT, "```python\nx = 1\n\ny = 2\n```")])
    code = visible(view, CodeView)[0]
    with qtbot.waitSignal(view.copied):
        click(code.copy_button)
    assert QGuiApplication.clipboard().text() == "x = 1\n\ny = 2"


def test_a_reply_is_copied_as_it_was_written(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """The footer's button gives the Markdown."""
    view.show_messages([make(ASSISTANT, CONVERSATION_REPLY)])
    with qtbot.waitSignal(view.copied):
        visible(view, FooterView)[0].copy_button.click()
    assert QGuiApplication.clipboard().text() == CONVERSATION_REPLY


def test_selected_words_are_copied_with_their_numbers(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """What helps the layout is left out, what was written is there, bullets included."""
    view.show_messages([make(ASSISTANT, "Take `a` and\n\n1. one 🦙\n2. two")])
    words = visible(view, WordsView)[0].text
    words.selectAll()
    QTest.keyClick(words, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Take a and\n1. one 🦙\n2. two"


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


def test_a_link_is_reported_and_not_opened(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """A click says which address; what happens then is decided elsewhere."""
    view.show_messages([make(ASSISTANT, "[here](https://example.org/x)")])
    words = visible(view, WordsView)[0].text
    place = words.cursorRect(QTextCursor(words.document())).center() + QPoint(12, 0)
    addresses = heard(view.link_activated)
    click(words.viewport(), place)
    assert addresses == ["https://example.org/x"]


def test_statistics_are_quiet_and_complete(view: Transcript, make: MakeMessage) -> None:
    """The newest reply shows its figures, others only when pointed at; nothing moves for it."""
    view.show_messages(
        [make(ASSISTANT, "One", receipt=RECEIPT), make(USER, "?"), make(ASSISTANT, "Two", receipt=RECEIPT)]
    )
    older, newest = visible(view, FooterView)
    assert newest.statistics == "214 tokens · 11.8 tok/s · first word after 0.6 s · 3,105 reused"
    assert newest.is_visible_now
    assert not older.is_visible_now
    before = view.column.total
    older.surroundings.requests.strip_pointed_at.emit(visible(view, WordsView)[0])
    assert older.is_visible_now
    assert view.column.total == before


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


def test_the_theme_changes_in_place(view: Transcript, make: MakeMessage, theme: Theme) -> None:
    """Dark and larger type are taken up by what is on the screen, and the text stays."""
    view.show_messages([make(USER, "Hello"), make(ASSISTANT, CODE_REPLY)])
    before, text = view.column.total, shown_text(view)
    theme.set_zoom(150)
    assert view.column.total > before
    theme.set_choice("dark")
    assert shown_text(view) == text
    ground = view.grab().toImage().pixelColor(3, 3)
    assert ground.name().upper() == theme.tokens.window
    words = visible(view, WordsView)[0].text
    cursor = QTextCursor(words.document())
    cursor.setPosition(1)
    assert cursor.charFormat().foreground().color().name().upper() == theme.tokens.text


def test_a_narrow_window_keeps_its_margins(view: Transcript, make: MakeMessage) -> None:
    """The column is as wide as the window allows, and stays in its middle."""
    view.show_messages([make(ASSISTANT, CONVERSATION_REPLY)])
    view.resize(600, 700)
    assert view.column.width == 560
    view.resize(1600, 700)
    assert view.column.width == 720


def test_an_empty_conversation_shows_what_it_was_given(view: Transcript, make: MakeMessage) -> None:
    """The widget stands in the middle while there is nothing else, and above the first words after."""
    label = QLabel("Your words stay inside the fence")
    view.set_empty_state(label)
    alone = label.mapTo(view, QPoint(0, 0)).y()
    assert label.isVisible()
    assert alone > 200
    view.show_messages([make(USER, "Hello")])
    assert label.mapTo(view, QPoint(0, 0)).y() < alone
    assert visible(view, BubbleView)[0].y() > label.geometry().bottom()
    view.set_empty_state(None)
    view.show_messages([])
    assert view.message_ids() == []


def test_system_messages_are_not_shown(view: Transcript, make: MakeMessage) -> None:
    """What steers the model is not part of what is read."""
    view.show_messages([make(Role.SYSTEM, "Be brief."), make(USER, "Hello")])
    assert len(view.message_ids()) == 1


def test_the_wheel_scrolls_the_conversation_over_any_strip(view: Transcript, make: MakeMessage) -> None:
    """Text does not take the wheel from the page."""
    fill(view, make, 10)
    words = visible(view, WordsView)[-1].text.viewport()
    up = QPoint(0, 120)
    place = QPointF(5, 5)
    turned = QWheelEvent(
        place,
        words.mapToGlobal(place),
        QPoint(),
        up,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QGuiApplication.sendEvent(words, turned)
    assert not turned.isAccepted(), "so that Qt offers it to the page"


def test_tab_walks_down_the_page(view: Transcript, make: MakeMessage) -> None:
    """The keyboard reaches the buttons in the order in which they are read."""
    view.show_messages(
        [make(ASSISTANT, "```\nfirst\n```\n\n```\nsecond\n```"), make(ASSISTANT, "x", MessageStatus.CANCELLED)]
    )
    view.setFocus()
    reached: list[int] = []
    for _ in range(4):
        QTest.keyClick(view.focusWidget(), Qt.Key.Key_Tab)
        reached.append(view.focusWidget().mapTo(view.canvas, QPoint(0, 0)).y())
    assert len(set(reached)) == 4
    assert reached == sorted(reached)


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
