"""A conversation on the screen: opened, read, scrolled, copied."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.conversation import MessageStatus, Role
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.code import CodeView
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.table import TableView
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY
from tests.ui.transcript.screen import (
    ASSISTANT,
    USER,
    click,
    fill,
    heard,
    screen_y,
    shown_text,
    visible,
)

pytestmark = pytest.mark.ui


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


def test_selected_words_are_copied_with_their_numbers(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """What helps the layout is left out, what was written is there, bullets included."""
    view.show_messages([make(ASSISTANT, "Take `a` and\n\n1. one 🦙\n2. two")])
    words = visible(view, WordsView)[0].text
    words.selectAll()
    QTest.keyClick(words, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Take a and\n1. one 🦙\n2. two"


def test_a_link_is_reported_and_not_opened(qtbot: QtBot, view: Transcript, make: MakeMessage) -> None:
    """A click says which address; what happens then is decided elsewhere."""
    view.show_messages([make(ASSISTANT, "[here](https://example.org/x)")])
    words = visible(view, WordsView)[0].text
    place = words.cursorRect(QTextCursor(words.document())).center() + QPoint(12, 0)
    addresses = heard(view.link_activated)
    click(words.viewport(), place)
    assert addresses == ["https://example.org/x"]


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
    view.set_lead(label)
    alone = label.mapTo(view, QPoint(0, 0)).y()
    assert label.isVisible()
    assert alone > 200
    view.show_messages([make(USER, "Hello")])
    assert label.mapTo(view, QPoint(0, 0)).y() < alone
    assert visible(view, BubbleView)[0].y() > label.geometry().bottom()
    view.set_lead(None)
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
    assert not turn(words, 0, 120).isAccepted(), "so that Qt offers it to the page"


def test_tab_walks_down_the_page(view: Transcript, make: MakeMessage) -> None:
    """The keyboard reaches the buttons in the order in which they are read."""
    view.show_messages(
        [make(ASSISTANT, "```\nfirst\n```\n\n```\nsecond\n```"), make(ASSISTANT, "x", MessageStatus.CANCELLED)]
    )
    view.setFocus()
    reached: list[int] = []
    for _ in range(6):
        QTest.keyClick(view.focusWidget(), Qt.Key.Key_Tab)
        reached.append(view.focusWidget().mapTo(view.canvas, QPoint(0, 0)).y())
    assert len(set(reached)) == 5, "the two buttons of the first footer stand beside one another"
    assert reached == sorted(reached)


def turn(widget: QWidget, across: int, down: int) -> QWheelEvent:
    """Turn the wheel over a widget."""
    place = QPointF(5, 5)
    event = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        QPoint(across, down),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QGuiApplication.sendEvent(widget, event)
    return event


def test_wide_code_scrolls_by_itself(view: Transcript, make: MakeMessage) -> None:
    """Long lines are reached sideways, from their beginning; down is the page's affair."""
    view.show_messages([make(ASSISTANT, "```sh\n" + "word " * 100 + "\n```")])
    code = visible(view, CodeView)[0]
    bar = code.text.horizontalScrollBar()
    assert bar.value() == 0
    assert not turn(code.text.viewport(), 0, -120).isAccepted()
    assert turn(code.text.viewport(), -120, 0).isAccepted()
    assert bar.value() == 60


def test_a_wide_table_scrolls_by_itself(view: Transcript, make: MakeMessage) -> None:
    """A table breaks its lines as far as words allow; beyond that it has a bar of its own."""
    row = "|" + "word|" * 14
    view.show_messages([make(ASSISTANT, f"{row}\n{'|' + '-|' * 14}\n{row}"), make(ASSISTANT, CONVERSATION_REPLY)])
    wide, narrow = visible(view, TableView)
    assert wide.bar.isVisible()
    assert not narrow.bar.isVisible()
    assert turn(wide, -120, 0).isAccepted()
    assert wide.bar.value() == 60


def test_a_link_in_a_table_is_reported(view: Transcript, make: MakeMessage) -> None:
    """Cells are painted, and their links work all the same."""
    view.show_messages([make(ASSISTANT, "| [here](https://example.org/x) |\n|---|\n| x |")])
    addresses = heard(view.link_activated)
    click(visible(view, TableView)[0], QPoint(12, 16))
    assert addresses == ["https://example.org/x"]


def test_keys_scroll_wherever_one_clicked(view: Transcript, make: MakeMessage) -> None:
    """A text that was clicked on does not swallow the keys that move the page."""
    fill(view, make, 10)
    words = visible(view, WordsView)[-1].text
    words.setFocus()
    QTest.keyClick(words, Qt.Key.Key_PageUp)
    assert not view.is_following_end
    QTest.keyClick(words, Qt.Key.Key_Home)
    assert view.verticalScrollBar().value() == 0


def test_there_is_one_selection(view: Transcript, make: MakeMessage) -> None:
    """Clicking into other words ends the selection that was made before."""
    view.show_messages([make(USER, "First"), make(ASSISTANT, "Second")])
    first = visible(view, BubbleView)[0].text
    click(first.viewport())
    first.selectAll()
    click(visible(view, WordsView)[0].text.viewport())
    assert first.selected_text() == ""


def test_a_conversation_that_is_opened_before_the_window_is_shown(
    qtbot: QtBot, theme: Theme, make: MakeMessage
) -> None:
    """Nothing is laid out for a width that the view will never have."""
    view = Transcript(theme, Icons(theme))
    qtbot.addWidget(view)
    view.show_messages([make(ASSISTANT, CODE_REPLY)])
    assert view.column.width > 400


def test_the_page_is_mirrored_for_who_reads_from_right_to_left(view: Transcript, make: MakeMessage) -> None:
    """One's own words stand at the other side; each paragraph keeps its own direction."""
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    view.show_messages([make(USER, "שלום"), make(ASSISTANT, "- שלום\n- hello")])
    bubble = visible(view, BubbleView)[0]
    assert bubble.text.geometry().center().x() < bubble.width() / 2
    document = visible(view, WordsView)[0].text.document()
    turned, straight = document.firstBlock().blockFormat(), document.lastBlock().blockFormat()
    assert turned.rightMargin() > turned.leftMargin()
    assert straight.leftMargin() > straight.rightMargin()


def test_a_button_that_goes_away_leaves_the_keyboard_to_the_page(view: Transcript, make: MakeMessage) -> None:
    """Scrolling a focused button out of reach moves neither the page nor the focus to some other strip."""
    fill(view, make, 20)
    visible(view, FooterView)[-1].copy_button.setFocus()
    view.verticalScrollBar().setValue(0)
    assert view.verticalScrollBar().value() == 0
    assert view.focusWidget() is view
