"""Widgets that wait to be used again show the next message as if they had been made for it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect

from app.ui.theme import Theme
from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.table import TableView
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.strips import Words
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.screen import ASSISTANT, USER, shown_text, visible

pytestmark = pytest.mark.ui

SHORT, LONGER = "Hello", "Write a Python function that re"
SEVERAL_LINES = "Write a Python function that reads a file, line by line, and counts its words. " * 4


def bubble_of(view: Transcript, make: MakeMessage, text: str) -> tuple[QRect, QRect]:
    """Open a conversation of one question: where its ground is in the column, and its words in it."""
    view.show_messages([make(USER, text)])
    bubble = visible(view, BubbleView)[0]
    assert bubble.text.toPlainText() == text
    return bubble.geometry(), bubble.text.geometry()


@pytest.mark.parametrize("width", [320, 640, 1000, 1600])
@pytest.mark.parametrize("zoom", [80, 100, 200])
def test_a_bubble_is_as_wide_as_its_own_words(
    view: Transcript, theme: Theme, make: MakeMessage, width: int, zoom: int
) -> None:
    """After shorter and after longer questions it is what a new one is: nothing is cut off, nothing stands empty."""
    view.resize(width, 800)
    theme.set_zoom(zoom)
    fresh: dict[str, tuple[QRect, QRect]] = {}
    for text in (SHORT, LONGER, SEVERAL_LINES):
        theme.changed.emit()  # those that wait are thrown away
        view.live.keep_only(set())
        theme.changed.emit()
        fresh[text] = bubble_of(view, make, text)
    for text in (SHORT, LONGER, SHORT, SEVERAL_LINES, LONGER, SEVERAL_LINES, SHORT):
        made = view.live.made
        assert bubble_of(view, make, text) == fresh[text]
        assert view.live.made == made
    assert fresh[SHORT][1].width() < fresh[LONGER][1].width()


@pytest.mark.parametrize(("first", "second"), [(SHORT, LONGER), (LONGER, SHORT)])
def test_the_whole_question_is_painted(view: Transcript, make: MakeMessage, first: str, second: str) -> None:
    """Opened after another one, the question has just the room that its words need."""
    bubble_of(view, make, first)
    bubble_of(view, make, second)
    text = visible(view, BubbleView)[0].text
    needed = text.document().idealWidth()
    assert needed <= text.viewport().width() <= needed + 2


def test_words_that_could_not_be_shown_never_leave_others_in_their_place(
    view: Transcript, make: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a strip fails to show its words, the widget that it was to use again is gone, and not seen once more."""
    view.show_messages([make(ASSISTANT, "Words of the first.")])

    def fail(_: WordsView, strip: Words) -> None:
        raise RuntimeError(strip.paragraphs[0].text)

    with monkeypatch.context() as broken:
        broken.setattr(WordsView, "show_strip", fail)
        with pytest.raises(RuntimeError, match="Words of the second"):
            view.show_messages([make(ASSISTANT, "Words of the second.")])
        assert shown_text(view) == ""
    view.arrange()
    assert shown_text(view) == "Words of the second."


def test_another_table_begins_at_its_first_column(view: Transcript, make: MakeMessage) -> None:
    """A wide table that was scrolled leaves nothing of that to the next one."""
    row = "|" + " a column that is rather wide |" * 12
    table = "\n".join((row, "|" + "---|" * 12, row))
    view.show_messages([make(ASSISTANT, table)])
    bar = visible(view, TableView)[0].bar
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    view.show_messages([make(ASSISTANT, table.replace("wide", "broad"))])
    assert visible(view, TableView)[0].bar.value() == 0
