"""Which licences were accepted, and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.errors import PaddockError
from app.models.acceptances import Acceptances, DamagedAcceptancesError, fingerprint

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXT = fingerprint("You may.\nYou may not.\n")


class Heard:
    """Keeps what was to be said."""

    def __init__(self) -> None:
        self.errors: list[PaddockError] = []

    def __call__(self, error: PaddockError) -> None:
        """Keep it."""
        self.errors.append(error)


def silent(error: PaddockError) -> None:
    """Nothing is to be said here."""
    raise error


def test_what_was_accepted_is_known_after_a_restart(tmp_path: Path) -> None:
    """With its moment, for this model, this licence and this text only."""
    path = tmp_path / "data" / "acceptances.json"
    Acceptances(path, silent).accept("llama3.2", "bartowski/Llama-3.2-3B-Instruct-GGUF", TEXT, NOON)
    acceptances = Acceptances(path, silent)
    accepted = acceptances.accepted("llama3.2", "bartowski/Llama-3.2-3B-Instruct-GGUF", TEXT)
    assert accepted is not None
    assert accepted.at == NOON
    assert acceptances.accepted("llama3.2", "bartowski/Llama-3.2-1B-Instruct-GGUF", TEXT) is None
    assert acceptances.accepted("llama3.1", "bartowski/Llama-3.2-3B-Instruct-GGUF", TEXT) is None


def test_another_text_must_be_accepted_anew(tmp_path: Path) -> None:
    """Publishers change their terms; what was not read was not accepted."""
    acceptances = Acceptances(tmp_path / "acceptances.json", silent)
    acceptances.accept("gemma", "google/gemma", TEXT, NOON)
    assert acceptances.accepted("gemma", "google/gemma", fingerprint("You may not.")) is None


def test_accepting_again_leaves_one_entry_with_the_new_moment(tmp_path: Path) -> None:
    """In whatever time zone the laptop is by then."""
    acceptances = Acceptances(tmp_path / "acceptances.json", silent)
    acceptances.accept("gemma", "google/gemma", TEXT, NOON)
    acceptances.accept("mrl", "mistral/large", TEXT, NOON)
    later = (NOON + timedelta(days=1)).astimezone(timezone(timedelta(hours=5)))
    acceptances.accept("gemma", "google/gemma", TEXT, later)
    assert [(each.licence, each.at) for each in acceptances.all()] == [("mrl", NOON), ("gemma", later)]
    assert json.loads((tmp_path / "acceptances.json").read_text())["acceptances"][1]["at"] == "2026-11-24T12:00:00Z"


def test_two_windows_keep_each_others_acceptances(tmp_path: Path) -> None:
    """A command beside the open window writes the same file."""
    window, command = (Acceptances(tmp_path / "acceptances.json", silent) for _ in range(2))
    window.accept("gemma", "a/a", TEXT, NOON)
    command.accept("llama2", "b/b", TEXT, NOON)
    assert {each.licence for each in window.all()} == {"gemma", "llama2"}


@pytest.mark.parametrize("content", ["{", "[]", '{"acceptances": [{"licence": 1}]}', '{"acceptances": {"a": 1}}'])
def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, content: str) -> None:
    """The user is asked again; what the file held is kept beside it."""
    path = tmp_path / "acceptances.json"
    path.write_text(content)
    heard = Heard()
    acceptances = Acceptances(path, heard)
    assert acceptances.accepted("gemma", "a/a", TEXT) is None
    assert [type(error) for error in heard.errors] == [DamagedAcceptancesError]
    assert [file.read_text() for file in tmp_path.glob("*.damaged-*")] == [content]
    acceptances.accept("gemma", "a/a", TEXT, NOON)
    assert acceptances.accepted("gemma", "a/a", TEXT) is not None


def test_a_text_is_the_same_whatever_its_lines_end_with() -> None:
    """A repository may hold its licence as Windows writes it."""
    assert fingerprint("a\r\nb\r\n") == fingerprint("a\nb")
    assert fingerprint("a b") != fingerprint("a\nb")
