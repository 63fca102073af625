"""The commands as another program uses them: exit status, standard output, standard error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.paths import find_paths
from app.storage.conversations import ConversationStore
from tests.cli.running import PROJECT, run
from tests.storage.stories import say, turn


def events(output: str) -> list[dict[str, object]]:
    """The events of a stream, one JSON object a line."""
    return [json.loads(line) for line in output.splitlines()]


def test_an_empty_place_says_so() -> None:
    """The first look at everything, before anything was said."""
    assert run("conversations", "list").stdout == "There are no conversations yet.\n"
    assert json.loads(run("conversations", "list", "--json").stdout) == []
    assert json.loads(run("conversations", "search", "llama", "--json").stdout) == []


def test_models_are_listed_with_the_starter_first() -> None:
    """What the stable surface promises of a model."""
    listed = json.loads(run("models", "list", "--json").stdout)
    assert [model["id"] for model in listed] == ["starter"]
    assert set(listed[0]) == {
        "id", "name", "path", "size_bytes", "architecture", "quantization", "licence", "source",
    }  # fmt: skip
    shown = json.loads(run("--json", "models", "show", "starter").stdout)
    assert shown["metadata"]["general.architecture"] == "llama"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("conversations", "show", "nothing"), "There is no"),
        (("models", "show", "nothing"), "There is no"),
        (("models", "add", "nowhere.gguf"), "nowhere.gguf"),
        (("ask", "   "), "There is nothing to ask."),
        (("ask", "Hello", "--model", "nothing"), "There is no"),
        (("ask", "Hello", "--conversation", "nothing"), "There is no"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    """Exit status 1, nothing on standard output, never a traceback."""
    ended = run(*arguments, "--json")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    """It is said which folder cannot be made."""
    taken = tmp_path / "taken"
    taken.write_text("I was here first.")
    ended = run("--home", str(taken), "conversations", "list")
    assert ended.returncode == 1
    assert str(taken) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_database_from_a_newer_paddock_is_refused(paddock_home: Path) -> None:
    """It is said, and the file stays as it is."""
    run("conversations", "list")
    database = paddock_home / "data" / "conversations.db"
    content = bytearray(database.read_bytes())
    content[60:64] = (999).to_bytes(4, "big")  # user_version, as the format of SQLite has it
    database.write_bytes(content)
    ended = run("conversations", "list")
    assert ended.returncode == 1
    assert "newer" in ended.stderr
    assert database.read_bytes() == bytes(content)


@pytest.mark.model
def test_the_same_seed_gives_the_same_answer() -> None:
    """The stream of the stable surface, twice the same text, and the pieces are what is kept."""
    question = ("ask", "Write one sentence about the sea.", "--json", "--seed", "7", "--temperature", "0")
    first, second = events(run(*question).stdout), events(run(*question).stdout)
    kinds = [event["event"] for event in first]
    assert kinds.count("prompt") == 1
    assert kinds[-1] == "finished"
    assert set(kinds[: kinds.index("prompt")]) <= {"loading"}
    prompt = first[kinds.index("prompt")]
    assert prompt["tokens"] == int(str(prompt["reused"])) + int(str(prompt["evaluated"]))
    text = "".join(str(event["text"]) for event in first if event["event"] == "piece")
    assert text == "".join(str(event["text"]) for event in second if event["event"] == "piece")
    end = first[-1]
    assert end["reason"] == "stop"
    shown = json.loads(run("conversations", "show", str(end["conversation"]), "--json").stdout)
    assert shown["messages"][-1]["id"] == end["message"]
    assert shown["messages"][-1]["text"] == text
    assert shown["messages"][-1]["receipt"]["seed"] == 7


@pytest.mark.model
def test_a_conversation_goes_on() -> None:
    """`--conversation` answers at the current leaf; standard input is read for “-”."""
    first = events(run("ask", "-", "--json", "--max-tokens", "4", given="My name is Ada.").stdout)[-1]
    assert first["reason"] == "length"
    assert first["tokens"] == 4
    conversation = str(first["conversation"])
    question = ("ask", "What is my name?", "--conversation", conversation)
    second = events(run(*question, "--max-tokens", "4", "--json").stdout)
    prompt = next(event for event in second if event["event"] == "prompt")
    assert int(str(prompt["reused"])) > int(str(prompt["evaluated"]))  # the command before left what it had read
    shown = json.loads(run("conversations", "show", conversation, "--json").stdout)
    assert [message["role"] for message in shown["messages"]] == ["user", "assistant", "user", "assistant"]
    parents = [message["parent_id"] for message in shown["messages"]]
    assert parents == [None, *(message["id"] for message in shown["messages"][:-1])]


@pytest.mark.model
def test_nothing_is_kept_when_that_is_wanted(paddock_home: Path) -> None:
    """`--no-save` leaves no conversation, and its ids are null."""
    end = events(run("ask", "Hello", "--json", "--no-save", "--max-tokens", "3").stdout)[-1]
    assert (end["conversation"], end["message"]) == (None, None)
    assert list((paddock_home / "data" / "states").iterdir()) == []
    assert json.loads(run("conversations", "list", "--json").stdout) == []


@pytest.mark.model
def test_ctrl_c_keeps_the_words(paddock_home: Path) -> None:
    """Exit status 130; the reply is there, as cancelled, with the words that were printed."""
    command = [sys.executable, str(PROJECT / "main.py"), "ask", "Write a very long story.", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        printed = [json.loads(asking.stdout.readline())]
        while sum(event["event"] == "piece" for event in printed) < 5:
            printed.append(json.loads(asking.stdout.readline()))
        os.kill(asking.pid, signal.SIGINT)
        printed += [json.loads(line) for line in asking.stdout]
        assert asking.wait() == 130
        assert asking.stderr is not None
        assert asking.stderr.read() == ""
    assert printed[-1]["reason"] == "cancelled"
    shown = json.loads(run("conversations", "show", printed[-1]["conversation"], "--json").stdout)
    assert shown["messages"][-1]["status"] == "cancelled"
    text = "".join(event["text"] for event in printed if event["event"] == "piece")
    assert shown["messages"][-1]["text"] == text


@pytest.mark.model
def test_doctor_finds_everything_well() -> None:
    """All parts of its report are there, and the engine really answers."""
    report = json.loads(run("doctor", "--json").stdout)
    assert set(report) == {"hardware", "engine", "sandbox", "folders", "database", "network"}
    assert report["engine"]["works"] is True
    assert report["database"]["integrity"] == "ok"


@pytest.mark.model
def test_a_message_that_was_too_long_does_not_block_its_conversation() -> None:
    """It is refused with its length; the next, short one is answered without it."""
    refused = run("ask", "-", given="word " * 20_000)
    assert refused.returncode == 1
    assert "tokens long" in refused.stderr
    conversation = json.loads(run("conversations", "list", "--json").stdout)[0]["id"]
    stream = events(run("ask", "Hello", "--conversation", conversation, "--json", "--max-tokens", "4").stdout)
    prompt = next(event for event in stream if event["event"] == "prompt")
    assert prompt["left_out_messages"] == 1
    assert stream[-1]["reason"] in ("stop", "length")


def test_each_message_is_shown_with_its_id_and_the_tree_with_its_branches(paddock_home: Path) -> None:
    """The id is what --replay takes; of several versions each stands apart, with what follows it below."""
    with closing(ConversationStore.open(find_paths(paddock_home))) as store:
        first = turn(store, "Tell me of llamas", "They spit.\n\nOften.", model_name="Tiny")
        other = store.begin_reply(first.user.id, model_name="Tiny").result()
        say(store, other, "They hum.")
        place = first.conversation.id
        more = turn(store, "Why?", "Who knows.", conversation_id=place, parent_id=other.id, model_name="Tiny")
    shown = run("conversations", "show", place).stdout.splitlines()
    assert shown[1:] == [
        "", f"You · {first.user.id}", "Tell me of llamas",
        "", f"Tiny · {other.id}", "They hum.",
        "", f"You · {more.user.id}", "Why?",
        "", f"Tiny · {more.reply.id}", "Who knows.",
    ]  # fmt: skip
    tree = run("conversations", "show", place, "--tree").stdout.splitlines()
    assert tree[1:] == [
        "", f"You · {first.user.id}", "Tell me of llamas",
        "", f"  Tiny · {first.reply.id} · 1 of 2", "  They spit.", "", "  Often.",
        "", f"  Tiny · {other.id} · 2 of 2", "  They hum.",
        "", f"  You · {more.user.id}", "  Why?",
        "", f"  Tiny · {more.reply.id}", "  Who knows.",
    ]  # fmt: skip
