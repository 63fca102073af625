"""The file behind `ask --schema`."""

from __future__ import annotations

from pathlib import Path

from app.engine.engine import GrammarError
from app.engine.json_schema.plain import LONGEST_SCHEMA, plain_schema
from app.engine.requests import Grammar, GrammarKind
from app.given_text import read_text, whole_characters


def grammar_from_file(path: Path) -> Grammar:
    """Give the grammar that the JSON schema in `path` means, looked at before any model is loaded.

    Raises `TextFileError` or `GrammarError`.
    """
    text = read_text(path, whole_characters(str(path)))
    if len(text) > LONGEST_SCHEMA:
        raise GrammarError("The schema is longer than {size} characters.", size=f"{LONGEST_SCHEMA:,}")
    plain_schema(text)
    return Grammar(GrammarKind.JSON_SCHEMA, text)
