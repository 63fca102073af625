"""The words inside a paragraph or cell: tokens -> spans. Nothing here can make a view load anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.translation import tr
from app.ui.transcript.blocks import Span, Spans, Style

if TYPE_CHECKING:
    from markdown_it.token import Token

_SCHEMES: Final = ("http://", "https://", "mailto:")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`|]+", re.IGNORECASE)
_NOT_AT_THE_END: Final = ".,;:!?*_)]}»”’"  # noqa: RUF001 - a typographic quotation mark is meant
_OPENS: Final = {"strong_open": "strong", "em_open": "emphasis", "s_open": "strike"}
_CLOSES: Final = {"strong_close": "strong", "em_close": "emphasis", "s_close": "strike"}


def spans_of(tokens: Iterable[Token]) -> Spans:
    """Give the children of an inline token as spans; neighbours of one style are one span."""
    reader = _SpanReader()
    for token in tokens:
        reader.read(token)
    return tuple(piece for span in reader.spans for piece in _with_addresses(span))


def safe_address(address: str) -> str:
    """Give `address` if a click on it may be offered, else nothing: only the web and mail, never files or programs."""
    return address if address.lower().startswith(_SCHEMES) else ""


def _with_addresses(span: Span) -> Iterator[Span]:
    """Make links of web addresses that stand in the words; what closes a sentence or a bracket is not part of them."""
    at = 0
    if not span.style.href and not span.style.code:
        for match in _ADDRESS.finditer(span.text):
            address = match.group().rstrip(_NOT_AT_THE_END)
            if address.count("(") > address.count(")") and span.text[match.start() + len(address) :].startswith(")"):
                address += ")"
            if match.start() > at:
                yield Span(span.text[at : match.start()], span.style)
            yield Span(address, replace(span.style, href=address))
            at = match.start() + len(address)
    if at < len(span.text):
        yield Span(span.text[at:], span.style)


class _SpanReader:
    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._style = Style()

    def read(self, token: Token) -> None:
        if token.type in _OPENS:
            self._style = replace(self._style, **{_OPENS[token.type]: True})
        elif token.type in _CLOSES:
            self._style = replace(self._style, **{_CLOSES[token.type]: False})
        elif token.type == "link_open":
            self._style = replace(self._style, href=safe_address(str(token.attrGet("href") or "")))
        elif token.type == "link_close":
            self._style = replace(self._style, href="")
        else:
            self._add(token)

    def _add(self, token: Token) -> None:
        if token.type == "code_inline":
            self._append(token.content, replace(self._style, code=True))
        elif token.type == "image":
            self._append(tr("[image: {words}]", words=token.content), self._style)
        elif token.type in {"softbreak", "hardbreak"}:
            self._append("\n", self._style)
        else:
            self._append(token.content, self._style)

    def _append(self, text: str, style: Style) -> None:
        if not text:
            return
        if self.spans and self.spans[-1].style == style:
            self.spans[-1] = Span(self.spans[-1].text + text, style)
        else:
            self.spans.append(Span(text, style))
