"""`ask --schema`, as another program uses it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.cli.schema_file import grammar_from_file
from app.engine.engine import GrammarError
from app.given_text import TextFileError
from tests.cli.running import run

SCHEMA = {
    "type": "object",
    "properties": {"animal": {"enum": ["llama", "donkey"]}, "legs": {"type": "integer", "minimum": 1, "maximum": 8}},
    "required": ["animal", "legs"],
}


@pytest.mark.model
def test_the_reply_is_json_that_fits(tmp_path: Path) -> None:
    """At temperature 1, from the starter model, also behind a byte order mark; the text is the whole document."""
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8-sig")
    ended = run("ask", "Which animal?", "--schema", str(schema), "--temperature", "1", "--seed", "3", "--no-save")
    assert ended.returncode == 0, ended.stderr
    written = json.loads(ended.stdout)
    assert written["animal"] in ("llama", "donkey")
    assert written["legs"] in range(1, 9)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The schema is not JSON"),
        (b"\xff\xfe", "is not a text"),
        (b" " * 70_000, "longer than 65,536 characters"),
        (b" " * 300_000, "longer than 65,536 characters"),
        (b'{"properties": {"a": {"not": {}}}}', "\u201cnot\u201d at #/properties/a"),
    ],
)
def test_a_bad_schema_is_refused_before_a_model_is_loaded(tmp_path: Path, content: bytes, sentence: str) -> None:
    """In one sentence that names the place."""
    schema = tmp_path / "schema.json"
    schema.write_bytes(content)
    with pytest.raises((TextFileError, GrammarError), match=sentence):
        grammar_from_file(schema)


@pytest.mark.model
def test_the_reply_fits_a_grammar(tmp_path: Path) -> None:
    """A file whose name ends in `.gbnf` is one: here of a text that no model would write by itself."""
    grammar = tmp_path / "answer.gbnf"
    grammar.write_text('root ::= "~" [xy] [xy] "~"', encoding="utf-8")
    ended = run("ask", "Which animal?", "--schema", str(grammar), "--temperature", "1", "--seed", "3", "--no-save")
    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch("~[xy][xy]~\n", ended.stdout)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("answer.gbnf", "{}", "The grammar cannot be read at"),
        ("answer.GBNF", 'top ::= "a"', "no rule named “root”"),
        ("answer.gbnf", 'root ::= "a" root', "has no end"),
        ("answer.json", 'root ::= "a"', "The schema is not JSON"),
    ],
)
def test_a_bad_grammar_is_refused_before_a_model_is_loaded(
    tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    """In one sentence; only the file's name tells which of both it is."""
    grammar = tmp_path / name
    grammar.write_text(content, encoding="utf-8")
    with pytest.raises(GrammarError, match=sentence):
        grammar_from_file(grammar)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """Exit status 1, nothing on standard output; a folder and a name of nothing are no files either."""
    for path, sentence in ((str(tmp_path / "nowhere.json"), "There is no file"), (str(tmp_path), "is not a file")):
        ended = run("ask", "Hello", "--schema", path, "--json", "--no-save")
        assert (ended.returncode, ended.stdout) == (1, "")
        assert sentence in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
