"""What a model writes is shown, whatever it is, and makes nothing happen."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.transcript.blocks import Alignment, Block, Code, Container, Paragraph, Rule, Span, Style, Table, text_of
from app.ui.transcript.markdown import blocks_of
from tests.ui.transcript.markdown_texts import CONVERSATION_REPLY

LIST_ITEM, QUOTE = Container.LIST_ITEM, Container.QUOTE


def all_text(blocks: tuple[Block, ...]) -> str:
    """Everything the blocks say."""
    return "\n".join(text_of(block) for block in blocks)


def addresses(text: str) -> list[str]:
    """The addresses that could be clicked on."""
    return [span.style.href for block in blocks_of(text) if isinstance(block, Paragraph) for span in block.spans]


def test_a_reply_becomes_blocks() -> None:
    """Words, a table and a numbered list stand on their own."""
    kinds = [type(block) for block in blocks_of(CONVERSATION_REPLY)]
    assert kinds == [Paragraph, Table, Paragraph, Paragraph, Paragraph]


def test_styles_are_kept() -> None:
    """Bold, soft, struck and code are told apart, also inside one another."""
    (paragraph,) = blocks_of("a **b *c*** ~~d~~ `e`")
    assert isinstance(paragraph, Paragraph)
    assert paragraph.spans == (
        Span("a "),
        Span("b ", Style(strong=True)),
        Span("c", Style(strong=True, emphasis=True)),
        Span(" "),
        Span("d", Style(strike=True)),
        Span(" "),
        Span("e", Style(code=True)),
    )


def test_lists_are_numbered_and_nested() -> None:
    """Each item knows its number or bullet and how deep it is, and code inside an item stays inside."""
    blocks = blocks_of("3. three\n3. four\n   - inside\n\n   ```sh\n   ls\n   ```\n> - quoted")
    assert blocks == (
        Paragraph((Span("three"),), (LIST_ITEM,), marker="3."),
        Paragraph((Span("four"),), (LIST_ITEM,), marker="4."),
        Paragraph((Span("inside"),), (LIST_ITEM, LIST_ITEM), marker="•"),
        Code("ls", "sh", (LIST_ITEM,)),
        Paragraph((Span("quoted"),), (QUOTE, LIST_ITEM), marker="•"),
    )


def test_a_table_knows_its_sides() -> None:
    """Columns keep to the side that is asked for, and short rows are filled up."""
    (table,) = blocks_of("| a | b | c |\n|---|:-:|--:|\n| 1 |\n")
    assert isinstance(table, Table)
    assert table.alignments == (Alignment.LEADING, Alignment.CENTRE, Alignment.TRAILING)
    assert table.rows == (((Span("1"),), (), ()),)


def test_a_rule_and_a_line_break() -> None:
    """A rule is a block; a line that was broken stays broken, as in a poem."""
    assert blocks_of("one\ntwo\n\n---\n") == (Paragraph((Span("one\ntwo"),)), Rule())


@pytest.mark.parametrize(
    "html",
    [
        "a <br> b",
        "<think>so</think>",
        "<img src='file:///etc/passwd'>",
        "<script>x</script>",
        "<div>\nin\n</div>\n\nafter",
    ],
)
def test_html_is_shown_as_it_was_written(html: str) -> None:
    """Tags are words like others, and nothing after them is lost."""
    assert all_text(blocks_of(html)).replace("\n", "") == html.replace("\n", "")


def test_an_image_is_words() -> None:
    """What a picture shows is said; where it lies is not asked."""
    assert all_text(blocks_of("![a map](https://example.org/x.png)")) == "[image: a map]"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "//host/share",
        "javascript:alert(1)",
        "smb://h/s",
        "vscode:x",
        "data:text/html,x",
        "C:\\x",
        "/x",
    ],
)
def test_only_the_web_and_mail_can_be_clicked_on(address: str) -> None:
    """Everything else stays words."""
    assert set(addresses(f"[a]({address}) <{address}>")) <= {""}


def test_links_are_found() -> None:
    """Links with words, in angle brackets, and addresses that just stand there, without the sentence's end."""
    text = "[a](https://a.org) <b@c.org> see (https://d.org/e_(f)), or http://g.org."
    assert [address for address in addresses(text) if address] == [
        "https://a.org",
        "mailto:b@c.org",
        "https://d.org/e_(f)",
        "http://g.org",
    ]


def test_what_looks_like_a_definition_is_not_swallowed() -> None:
    """A play's dialogue, and references that could smuggle an address in, stay as they were written."""
    text = "[Alice]: Hello\n\n![x][1]\n\n[1]: https://example.org/leak"
    assert "[Alice]: Hello" in all_text(blocks_of(text))
    assert "![x][1]" in all_text(blocks_of(text))


@pytest.mark.parametrize("opening", ["> ", "- ", ">", "1. "])
def test_words_that_are_nested_too_deep_are_not_lost(opening: str) -> None:
    """Beyond what can be drawn inside one another, the text is shown as it was written."""
    text = "before\n\n" + opening * 200 + "hello\n\nafter"
    shown = all_text(blocks_of(text))
    assert "before" in shown
    assert "hello" in shown
    assert "after" in shown


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "![" * 5_000,
        "*a **b " * 2_000,
        "`" * 10_000,
        "> " * 5_000,
        "|" * 5_000,
        "w" * 200_000,
        "<" * 10_000,
    ],
    ids=["brackets", "images", "emphasis", "ticks", "quotes", "pipes", "word", "angles"],
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    """No text keeps the window waiting; the bound is loose, a bad parser would take minutes."""
    start = time.thread_time()
    blocks_of(text)
    assert time.thread_time() - start < 5


@given(st.lists(st.text(alphabet="abcdefg ", min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_plain_words_come_through(paragraphs: list[str]) -> None:
    """Paragraphs of plain words are those words."""
    text = "\n\n".join(part.strip() for part in paragraphs)
    assert all_text(blocks_of(text)) == "\n".join(part.strip() for part in paragraphs)
