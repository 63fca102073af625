"""However a reply arrives, it ends up as the same blocks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given

from app.ui.transcript.blocks import Block, Code, Paragraph, Table
from app.ui.transcript.markdown import blocks_of
from app.ui.transcript.stream_splitter import StreamSplitter
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY, pieces


def streamed(cut: Sequence[str]) -> tuple[Block, ...]:
    """The blocks of a reply that came in the pieces of `cut`."""
    splitter = StreamSplitter()
    for piece in cut:
        splitter.feed(piece)
    splitter.finish()
    return (*splitter.frozen, *splitter.tail)


@given(pieces())
def test_streaming_gives_what_reading_the_whole_gives(case: tuple[str, list[str]]) -> None:
    """Any text, cut anywhere: the same blocks in the end."""
    text, cut = case
    assert streamed(cut) == blocks_of(text)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("text", [CONVERSATION_REPLY, CODE_REPLY], ids=["table and list", "code and list"])
def test_a_real_reply_in_even_steps(text: str, step: int) -> None:
    """Replies as models write them, a few characters at a time."""
    assert streamed([text[at : at + step] for at in range(0, len(text), step)]) == blocks_of(text)


@given(pieces())
def test_what_is_frozen_never_changes(case: tuple[str, list[str]]) -> None:
    """A frozen block is never touched again: it may be on the screen for good."""
    splitter = StreamSplitter()
    before: list[Block] = []
    for piece in case[1]:
        splitter.feed(piece)
        assert splitter.frozen[: len(before)] == before
        before = list(splitter.frozen)


def test_a_finished_paragraph_is_frozen_when_the_next_begins() -> None:
    """The tail holds what is open, and no more."""
    splitter = StreamSplitter()
    splitter.feed("One.\n\nTwo\n\nThr")
    assert [block.text for block in splitter.frozen if isinstance(block, Paragraph)] == ["One."]
    splitter.feed("ee\n")
    assert [block.text for block in splitter.frozen if isinstance(block, Paragraph)] == ["One.", "Two"]


def test_a_long_list_freezes_its_items() -> None:
    """Of a list only the last item is read again; the numbers go on."""
    splitter = StreamSplitter()
    splitter.feed("".join(f"1. item {number}\n" for number in range(30)))
    assert len(splitter.frozen) == 29
    assert len(splitter.tail) == 1
    assert isinstance(splitter.tail[0], Paragraph)
    assert splitter.tail[0].marker == "30."


def test_an_open_fence_shows_its_lines_but_not_its_end() -> None:
    """Back quotes that may become the closing fence do not flicker through the code."""
    splitter = StreamSplitter()
    splitter.feed("```py\nx = 1\n``")
    assert splitter.tail == (Code("x = 1", "py"),)
    splitter.feed("`\nafter")
    assert splitter.frozen == [Code("x = 1", "py")]


def test_a_table_grows_by_complete_rows() -> None:
    """Half a row is not shown as a row."""
    splitter = StreamSplitter()
    splitter.feed("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 ")
    table = splitter.tail[0]
    assert isinstance(table, Table)
    assert len(table.rows) == 1
    splitter.feed("| 4 |\n")
    grown = splitter.tail[0]
    assert isinstance(grown, Table)
    assert len(grown.rows) == 2


def test_plain_words_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that follow words are appended without the parser."""
    splitter = StreamSplitter()
    splitter.feed("Once upon a time")
    monkeypatch.setattr("app.ui.transcript.stream_splitter.groups_of", None)
    splitter.feed(" there was a llama, and it was happy")
    assert [block.text for block in splitter.tail if isinstance(block, Paragraph)] == [
        "Once upon a time there was a llama, and it was happy"
    ]
