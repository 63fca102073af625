"""The document of a run of words, kept up with little work, is the one that would be written at once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtGui import QTextDocument

from app.ui.theme import Theme
from app.ui.transcript.blocks import Block, Paragraph
from app.ui.transcript.markdown import blocks_of
from app.ui.transcript.rich_text import WordsWriter
from app.ui.transcript.stream_splitter import StreamSplitter
from app.ui.transcript.text_formats import TextFormats
from tests.ui.transcript.markdown_texts import pieces

Looks = list[tuple[str, int, list[tuple[int, int, str, bool, bool, str]]]]


def looks_of(document: QTextDocument) -> Looks:
    """Everything a document shows: its words, their fonts and colours, and where its paragraphs stand."""
    looks: Looks = []
    block = document.firstBlock()
    while block.isValid():
        place = round(block.blockFormat().topMargin() * 1000 + block.blockFormat().leftMargin())
        spans: list[tuple[int, int, str, bool, bool, str]] = []
        fragments = block.begin()
        while not fragments.atEnd():
            part = fragments.fragment()
            look = part.charFormat()
            font = look.font()
            color = look.foreground().color().name()
            spans.append((part.position(), part.length(), font.key(), font.italic(), font.strikeOut(), color))
            fragments += 1
        looks.append((block.text(), place, spans))
        block = block.next()
    return looks


def words_of(blocks: Iterable[Block]) -> tuple[Paragraph, ...]:
    """Only the paragraphs."""
    return tuple(block for block in blocks if isinstance(block, Paragraph))


@given(pieces())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_growing_document_is_the_whole_document(theme: Theme, case: tuple[str, list[str]]) -> None:
    """After any pieces, the document looks like one that was written from the whole text."""
    text, cut = case
    formats = TextFormats(theme)
    grown, whole = QTextDocument(), QTextDocument()
    writer = WordsWriter(lambda: grown, formats)
    splitter = StreamSplitter()
    for piece in cut:
        splitter.feed(piece)
        writer.write(words_of((*splitter.frozen, *splitter.tail)))
    splitter.finish()
    writer.write(words_of((*splitter.frozen, *splitter.tail)))
    WordsWriter(lambda: whole, formats).write(words_of(blocks_of(text)))
    assert looks_of(grown) == looks_of(whole)


def test_only_the_last_paragraph_is_touched(theme: Theme) -> None:
    """Words that come in at the end leave everything before them alone."""
    document = QTextDocument()
    document.documentLayout()  # a document tells nobody of its changes before it has a layout
    writer = WordsWriter(lambda: document, TextFormats(theme))
    blocks = words_of(blocks_of("one\n\ntwo\n\nthree"))
    writer.write(blocks)
    changes: list[int] = []

    def note(position: int, _removed: int, _added: int) -> None:
        changes.append(position)

    document.contentsChange.connect(note)
    writer.write((*blocks[:2], *words_of(blocks_of("three and more"))))
    assert changes == [len("one\ntwo\nthree")]


@pytest.mark.parametrize("word", ["x" * 200_000, "https://example.org/" + "a" * 100_000])
def test_a_very_long_word_is_laid_out_quickly(theme: Theme, word: str) -> None:
    """It may be broken anywhere, so that no line is looked for in all of it."""
    document = QTextDocument()
    document.setTextWidth(700)
    WordsWriter(lambda: document, TextFormats(theme)).write(words_of(blocks_of(word)))
    words = document.toPlainText().split("\u200b")
    assert max(len(part) for part in words) <= 2000
