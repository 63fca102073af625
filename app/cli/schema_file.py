"""The file behind `ask --schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.engine.json_schema.plain import plain_schema
from app.engine.llama.sampling.gbnf import check_gbnf
from app.engine.requests import Grammar, GrammarKind
from app.given_text import read_text, whole_characters

_GRAMMAR_ENDING: Final = ".gbnf"


def grammar_from_file(path: Path) -> Grammar:
    """Give the grammar in `path`, or the one that its JSON schema means, looked at before any model is loaded.

    Raises `TextFileError` or `GrammarError`.
    """
    text = read_text(path, whole_characters(str(path)))
    if path.suffix.lower() == _GRAMMAR_ENDING:
        check_gbnf(text)
        return Grammar(GrammarKind.GBNF, text)
    plain_schema(text)
    return Grammar(GrammarKind.JSON_SCHEMA, text)
