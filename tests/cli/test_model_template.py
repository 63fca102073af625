"""`models template`: what a model is used with, through every command that uses it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.gguf_files import TinyModel

MEADOW = (
    "{% for m in messages %}[{{ m.role }}] {{ m.content }}|{% endfor %}{% if add_generation_prompt %}[me] {% endif %}"
)


@pytest.fixture
def meadow(tmp_path: Path) -> Path:
    """A chat template of the user's."""
    path = tmp_path / "meadow.jinja"
    path.write_text(MEADOW)
    return path


def test_a_template_is_chosen_and_given_back(meadow: Path) -> None:
    """Each form prints what is in use afterwards, for people and for programs."""
    assert "of its own file" in run("models", "template", "starter").stdout
    assert "the chat template meadow.jinja" in run("models", "template", "starter", str(meadow)).stdout
    told = json.loads(run("models", "template", "starter", "--json").stdout)
    sha256 = hashlib.sha256(MEADOW.encode()).hexdigest()
    assert told == {
        "id": "starter",
        "name": "Starter model",
        "template": {"name": "meadow.jinja", "sha256": sha256},
    }
    assert json.loads(run("models", "template", "starter", "--own", "--json").stdout)["template"] is None
    assert run("models", "template", "starter", str(meadow), "--own").returncode == 2


def test_what_is_no_template_leaves_the_one_that_is_in_use(meadow: Path, tmp_path: Path) -> None:
    """One sentence, exit status 1, and nothing is changed."""
    run("models", "template", "starter", str(meadow))
    broken = tmp_path / "broken.jinja"
    broken.write_text("{% for %}")
    for file, words in ((str(broken), "broken.jinja cannot be used"), ("gone.jinja", "There is no file gone.jinja.")):
        ended = run("models", "template", "starter", file, "--json")
        assert (ended.returncode, ended.stdout) == (1, "")
        assert words in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
    assert json.loads(run("models", "template", "starter", "--json").stdout)["template"]["name"] == "meadow.jinja"


@pytest.mark.model
def test_every_command_uses_it_and_receipts_name_it(meadow: Path, tmp_path: Path) -> None:
    """The prompt is written with it; what was said without it is repeated without it."""
    model = str(TinyModel().write(tmp_path / "tiny.gguf"))
    run("models", "add", model)
    question = ("ask", "Hi", "--model", model, "--max-tokens", "4", "--seed", "1", "--context", "512", "--json")
    before = _finished(run(*question).stdout)
    run("models", "template", model, str(meadow))
    messages = tmp_path / "messages.json"
    messages.write_text(json.dumps([{"role": "user", "content": "Hi"}]))
    shown = json.loads(
        run("prompt", "--model", model, "--messages", str(messages), "--context", "512", "--json").stdout
    )
    assert shown["text"] == "[user] Hi|[me] "
    after = _finished(run(*question).stdout)
    sha256 = hashlib.sha256(MEADOW.encode()).hexdigest()
    assert after["receipt"]["template_sha256"] == sha256
    assert before["receipt"]["template_sha256"] not in (sha256, None)
    for reply in (before, after):
        again = run("ask", "--replay", str(reply["message"]), "--json")
        assert again.returncode == 0
        assert _finished(again.stdout)["receipt"]["template_sha256"] == reply["receipt"]["template_sha256"]
    run("models", "template", model, "--own")
    assert _finished(run(*question).stdout)["receipt"]["template_sha256"] == before["receipt"]["template_sha256"]


@pytest.mark.model
def test_a_template_that_refuses_is_said_to_be_the_users(tmp_path: Path) -> None:
    """Another file of the model would not help, so nobody is told to look for one."""
    choosy = tmp_path / "choosy.jinja"
    choosy.write_text(
        "{% for m in messages %}{% if m.content == 'Hi' %}{{ raise_exception('No greetings.') }}{% endif %}"
        "{{ m.content }}{% endfor %}"
    )
    model = str(TinyModel().write(tmp_path / "tiny.gguf"))
    assert run("models", "template", model, str(choosy)).returncode == 0
    ended = run("ask", "Hi", "--model", model, "--context", "512")
    assert ended.returncode == 1
    assert "The chat template that you chose cannot be used: “No greetings”." in ended.stderr
    assert "use its file's own" in ended.stderr


def _finished(output: str) -> dict[str, dict[str, object]]:
    """The last event of a stream."""
    return json.loads(output.splitlines()[-1])
