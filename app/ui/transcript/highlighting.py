"""Which parts of code are keywords, strings, comments: five kinds, because more colours say less."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String
from pygments.util import ClassNotFound

LONGEST_CODE: Final = 100_000
LONGEST_LINE: Final = 4_000
"""Beyond these code stays plain: a lexer is a pile of regular expressions, and the text is anybody's."""


class Kind(Enum):
    """What a coloured part is; the value is the token of its colour."""

    KEYWORD = "syntax_keyword"
    STRING = "syntax_string"
    COMMENT = "syntax_comment"
    NAME = "syntax_name"
    NUMBER = "syntax_number"


Mark: TypeAlias = tuple[int, int, Kind]
"""Start and length in a line, counted in UTF-16 units as Qt does, and the kind."""

_KINDS: Final[tuple[tuple[tuple[str, ...], Kind], ...]] = (
    (Comment, Kind.COMMENT),
    (String, Kind.STRING),
    (Number, Kind.NUMBER),
    (Keyword.Constant, Kind.NUMBER),
    (Keyword.Type, Kind.NUMBER),
    (Keyword, Kind.KEYWORD),
    (Operator.Word, Kind.KEYWORD),
    (Name.Builtin.Pseudo, Kind.KEYWORD),
    (Name.Builtin, Kind.NUMBER),
    (Name.Function, Kind.NAME),
    (Name.Class, Kind.NAME),
    (Name.Decorator, Kind.NAME),
    (Name.Tag, Kind.KEYWORD),
    (Name.Attribute, Kind.NAME),
)


def marks_of(code: str, language: str) -> Iterator[tuple[Mark, ...]]:
    """Give the coloured parts of each line, one line after the other; nothing for an unknown language."""
    lexer = _lexer_for(language.lower())
    if lexer is None or len(code) > LONGEST_CODE or any(len(line) > LONGEST_LINE for line in code.split("\n")):
        return
    marks: list[Mark] = []
    at = 0
    for token, value in lexer.get_tokens(code):
        kind = _kind_of(token)
        for number, part in enumerate(value.split("\n")):
            if number:
                yield tuple(marks)
                marks, at = [], 0
            width = _units(part)
            if kind is not None and width:
                marks.append((at, width, kind))
            at += width
    yield tuple(marks)


@lru_cache(maxsize=64)
def _lexer_for(language: str) -> Lexer | None:
    try:
        return find_lexer_class_by_name(language)(stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _kind_of(token: tuple[str, ...]) -> Kind | None:
    return next((kind for parent, kind in _KINDS if token[: len(parent)] == parent), None)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
