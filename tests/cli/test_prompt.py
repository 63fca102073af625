"""`prompt`: what a model would be given, as another program asks for it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.cli.messages_file import MessagesFileError, read_messages
from app.conversation import Role
from app.given_text import TextFileError
from tests.cli.running import run
from tests.gguf_files import TinyModel

MESSAGES = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Grüße! " * 200},
    {"role": "assistant", "content": "Hello."},
    {"role": "user", "content": "Again?", "comment": "nobody reads this"},
]


def file_of(folder: Path, content: object) -> str:
    """A messages file; a string is written as it is."""
    path = folder / "messages.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


@pytest.mark.model
def test_the_starter_models_prompt_as_json(tmp_path: Path) -> None:
    """The stable surface: text, tokens, where each message lies, and what was left out."""
    asked = run("prompt", "--model", "starter", "--messages", file_of(tmp_path, MESSAGES), "--context", "512", "--json")
    shown = json.loads(asked.stdout)
    assert set(shown) == {"text", "tokens", "spans", "left_out", "notes"}
    assert shown["left_out"] == [1, 2]
    assert shown["text"].startswith("<|im_start|>system\nBe kind.<|im_end|>")
    assert [span["message"] for span in shown["spans"]] == [0, 3]
    assert all(set(span) == {"message", "start", "end"} for span in shown["spans"])
    assert all(0 <= span["start"] < span["end"] <= len(shown["tokens"]) for span in shown["spans"])
    assert asked.stderr == ""


def test_people_see_the_text_and_what_each_message_takes(tmp_path: Path) -> None:
    """The prompt, a line for each message, and how full the window is; standard input is read where asked."""
    model = str(TinyModel(template=None).write(tmp_path / "tiny.gguf"))
    shown = run("prompt", "--model", model, "--messages", "-", "--context", "256", given=json.dumps(MESSAGES)).stdout
    assert "User: Again?" in shown
    assert "Grüße" not in shown
    lines = shown.splitlines()
    assert any(line.split()[:2] == ["1", "user"] and "left out" in line for line in lines)
    assert any(line.split()[:2] == ["3", "user"] and "tokens" in line for line in lines)
    assert "the context window holds 256" in shown
    assert "plain transcript" in shown
    as_json = run("prompt", "--model", model, "--messages", "-", "--json", given=json.dumps(MESSAGES)).stdout
    assert json.loads(as_json)["notes"] == ["plain_transcript"]


def test_room_is_kept_as_for_a_reply(tmp_path: Path, paddock_home: Path) -> None:
    """Where replies are to be short, less is left out: as it would be if the messages were sent."""
    (paddock_home / "config").mkdir(parents=True, exist_ok=True)
    (paddock_home / "config" / "settings.json").write_text('{"sampling.max_tokens": 16}')
    model = str(TinyModel(template=None).write(tmp_path / "tiny.gguf"))
    asked = run("prompt", "--model", model, "--messages", file_of(tmp_path, MESSAGES), "--context", "256")
    assert "of which 16 are kept for the reply" in asked.stdout


def test_what_cannot_be_shown_is_one_sentence(tmp_path: Path) -> None:
    """A message that does not fit, and a model that is not there: nothing on standard output."""
    model = str(TinyModel().write(tmp_path / "tiny.gguf"))
    book = file_of(tmp_path, [{"role": "user", "content": "word " * 500}])
    for arguments, words in (
        (("--model", model, "--messages", book, "--context", "256"), "the context window holds 256"),
        (("--model", "nothing", "--messages", book), "There is no"),
        (("--model", model, "--messages", "nowhere.json"), "There is no file nowhere.json."),
    ):
        ended = run("prompt", *arguments, "--json")
        assert (ended.returncode, ended.stdout) == (1, "")
        assert words in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
    assert run("prompt", "--model", model).returncode == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 200_000, "is nested too deeply"),
        ("1" * 10_000, "is not JSON"),
        ("{}", "is no list of messages"),
        ("[1]", "message 0 has no role"),
        ('[{"role": "user", "content": ""}, {"role": "tool", "content": "x"}]', "message 1 has no role"),
        ('[{"role": ["user"], "content": "x"}]', "message 0 has no role"),
        ('[{"role": "user"}]', "the content of message 0 is not a text"),
        ('[{"role": "user", "content": ["x"]}]', "the content of message 0 is not a text"),
    ],
)
def test_anything_else_than_messages_is_a_sentence(tmp_path: Path, content: str, words: str) -> None:
    """Whatever is wrong with the file is said, with the message's number."""
    with pytest.raises(MessagesFileError, match=words):
        read_messages(Path(file_of(tmp_path, content)))


def test_a_file_that_is_no_text_is_named_by_its_path(tmp_path: Path) -> None:
    """As it was said on the command line."""
    with pytest.raises(TextFileError, match=f"^{re.escape(str(tmp_path))} is not a file."):
        read_messages(tmp_path)


def test_a_byte_order_mark_is_no_trouble(tmp_path: Path) -> None:
    """Some editors write one."""
    path = tmp_path / "marked.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(MESSAGES).encode())
    assert [message.role for message in read_messages(path)] == [Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER]


def test_a_pin_is_read_and_what_is_unknown_is_not(tmp_path: Path) -> None:
    """As the window's pins; a reader ignores keys that it does not know."""
    path = tmp_path / "pinned.json"
    path.write_text(json.dumps([{"role": "user", "content": "Stay.", "pinned": True, "colour": "red"}, *MESSAGES]))
    first, *others = read_messages(path)
    assert first.pinned
    assert not any(message.pinned for message in others)
