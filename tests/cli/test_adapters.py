"""The adapters of a conversation in commands: worn, named in receipts, and missed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import run
from tests.gguf_files import TinyAdapter, TinyModel

LENGTH = ("--max-tokens", "8", "--seed", "3", "--context", "512", "--json")


def finished(output: str) -> dict[str, Any]:
    """The last line that `ask` printed."""
    last: dict[str, Any] = json.loads(output.splitlines()[-1])
    return last


def wear(paddock_home: Path, *adapters: dict[str, object]) -> None:
    """Let all conversations have these adapters."""
    options = json.dumps({"adapters": adapters})
    with closing(sqlite3.connect(paddock_home / "data" / "conversations.db")) as database:
        database.execute("UPDATE conversation SET options = ?", (options,))
        database.commit()


@pytest.mark.model
def test_a_reply_with_an_adapter_is_repeated_with_it_or_not_at_all(paddock_home: Path, tmp_path: Path) -> None:
    """Added later it is not worn; at another strength that is a doubt; without its file nothing is written."""
    model = str(TinyModel().write(tmp_path / "tiny.gguf"))
    assert run("models", "add", model).returncode == 0
    poet, lawyer = (TinyAdapter(seed=seed).write(tmp_path / f"{seed}.gguf") for seed in (5, 6))
    plain = finished(run("ask", "Hi", "--model", model, *LENGTH).stdout)
    assert plain["receipt"]["adapters"] == []
    wear(paddock_home, {"path": str(poet), "scale": 0.5})
    written = finished(run("ask", "And?", "--conversation", plain["conversation"], *LENGTH).stdout)
    assert written["receipt"]["adapters"] == ["5.gguf (0.5)"]

    wear(paddock_home, {"path": str(poet), "scale": 0.5}, {"path": str(lawyer), "scale": 1.0})
    again = finished(run("ask", "--replay", written["message"], "--json").stdout)
    assert again["receipt"]["adapters"] == ["5.gguf (0.5)"]
    assert again["replay"]["identical"]
    assert "Other adapters were used then." not in again["replay"]["doubts"]

    wear(paddock_home, {"path": str(poet), "scale": 0.7})
    again = finished(run("ask", "--replay", written["message"], "--json").stdout)
    assert "Other adapters were used then." in again["replay"]["doubts"]

    wear(paddock_home, {"path": str(poet), "scale": 0.5})
    poet.unlink()
    for command, said in (
        (("ask", "--replay", written["message"]), "is not there any more. Put it back"),
        (("ask", "Hm?", "--conversation", plain["conversation"]), "Remove the adapter 5.gguf from this conversation"),
    ):
        refused = run(*command)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert said in refused.stderr
    assert finished(run("ask", "--replay", plain["message"], "--json").stdout)["replay"]["identical"]
