"""Heights, places and groups: the arithmetic of the column, without widgets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.conversation import Role
from app.ui.transcript.blocks import Code, Container, Paragraph, Span
from app.ui.transcript.column import Column
from app.ui.transcript.highlighting import Kind, marks_of
from app.ui.transcript.markdown import blocks_of
from app.ui.transcript.prefix_heights import PrefixHeights
from app.ui.transcript.shown_message import ShownMessage
from app.ui.transcript.strips import CodeStrip, Strip, Words, add_blocks, quote_bars
from tests.ui.transcript.conftest import MakeMessage

HEIGHTS = st.lists(st.integers(1, 90), min_size=1, max_size=30)


@given(HEIGHTS, st.data())
def test_prefix_heights_agree_with_plain_sums(heights: list[int], data: st.DataObject) -> None:
    """However heights change, each begins where those above it end."""
    prefix = PrefixHeights(heights)
    for _ in range(5):
        index = data.draw(st.integers(0, len(heights) - 1))
        heights[index] = data.draw(st.integers(1, 90))
        prefix[index] = heights[index]
        at = data.draw(st.integers(0, len(heights)))
        assert prefix.top(at) == sum(heights[:at])
    y = data.draw(st.integers(0, sum(heights) - 1))
    found = prefix.index_at(y)
    assert prefix.top(found) <= y < prefix.top(found + 1)


def test_words_in_different_quotes_do_not_join() -> None:
    """A run of words stands in one quote, or in none, so that the bar beside it is right."""
    strips: list[Strip] = []
    add_blocks(strips, blocks_of("one\n\n- two\n\n> three\n>\n> four\n\nfive"))
    assert [len(strip.paragraphs) for strip in strips if isinstance(strip, Words)] == [2, 2, 1]


def test_code_is_a_strip_of_its_own() -> None:
    """Words before and after code are two strips."""
    strips: list[Strip] = []
    add_blocks(strips, (Paragraph((Span("a"),)), Code("b"), Paragraph((Span("c"),))))
    assert [type(strip) for strip in strips] == [Words, CodeStrip, Words]


def test_bars_of_quotes_inside_lists() -> None:
    """Each quote has its bar where it begins."""
    assert quote_bars((Container.QUOTE, Container.LIST_ITEM, Container.QUOTE)) == (0, 38)
    assert quote_bars((Container.LIST_ITEM,)) == ()


def test_an_anchor_stays_where_it_is(make: MakeMessage) -> None:
    """When heights above become known, the anchor's strip keeps its distance from the top of the viewport."""
    column = Column()
    column.replace([ShownMessage(make(Role.ASSISTANT, "word " * 300)) for _ in range(5)])
    column.set_measure(720, 1.0)
    column.open_between(0, column.total)
    top = column.place(3, 1).y - 40
    places = list(column.places(top, top + 600))
    column.measure(places[1], 333)
    anchor = column.anchor_at(top, top + 600)
    assert anchor is not None
    for message in range(3):
        column.measure(column.place(message, 1), 777)
    moved = column.top_for(anchor)
    assert moved != top
    assert column.place(anchor.message, anchor.strip).y - moved == anchor.offset


def test_only_messages_in_sight_are_read(make: MakeMessage) -> None:
    """Opening a long conversation reads what is on the screen, not what is in the conversation."""
    column = Column()
    column.replace([ShownMessage(make(Role.ASSISTANT, "some words")) for _ in range(1000)])
    column.open_between(column.total - 800, column.total)
    assert sum(message.is_open for message in column.messages) < 20


def test_code_has_its_five_colours() -> None:
    """Keywords, strings, comments, names and numbers are found line by line, counted as Qt counts."""
    lines = list(marks_of('def f():  # 🦙 x\n    return "a", 1\n', "python"))
    assert (0, 3, Kind.KEYWORD) in lines[0]
    assert (4, 1, Kind.NAME) in lines[0]
    assert (10, 6, Kind.COMMENT) in lines[0]
    assert {kind for _, _, kind in lines[1]} == {Kind.KEYWORD, Kind.STRING, Kind.NUMBER}


def test_an_unknown_language_is_plain() -> None:
    """A made-up name of a language is no reason to fail."""
    assert list(marks_of("x", "no such thing")) == []
    assert list(marks_of("x" * 200_000, "python")) == []
