"""Commands where something around them is wrong: files, disks, arguments, an impatient hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.ask import LONGEST_QUESTION_MB
from tests.cli.running import PROJECT, run
from tests.gguf_files import TinyModel
from tests.models.gguf_writer import CHAT_MODEL, build_gguf

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no such names and devices")


@posix_only
@pytest.mark.parametrize(
    "arguments",
    [("ask", "Hello", "--model"), ("models", "show"), ("conversations", "show"), ("ask", "Hello", "--conversation")],
)
def test_an_argument_that_is_no_text_is_answered_in_one_sentence(arguments: tuple[str, ...]) -> None:
    """Neither the sentence nor the log stumbles over it."""
    ended = run(*arguments, "\udcff")
    assert ended.returncode == 1
    assert ended.stderr.startswith("There is no ")
    assert "\ufffd" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@posix_only
def test_a_model_whose_name_is_no_text_is_listed_as_json(tmp_path: Path) -> None:
    """JSON is UTF-8, whatever a file is called."""
    path = tmp_path / "inv\udcff.gguf"
    path.write_bytes(build_gguf(CHAT_MODEL))
    assert run("models", "add", str(path)).returncode == 0
    listed = json.loads(run("models", "list", "--json").stdout)
    assert listed[-1]["path"] == str(tmp_path / "inv\ufffd.gguf")


def test_ctrl_c_before_anything_is_there_ends_quietly(paddock_home: Path) -> None:
    """The hand may be quicker than the imports: status 130, and no traceback."""
    program = (
        "import runpy, sys\n"
        "class Hand:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'app.parts': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Hand())\n"
        "sys.argv = ['main.py', 'models', 'list']\n"
        f"sys.path.insert(0, {str(PROJECT)!r})\n"
        f"runpy.run_path({str(PROJECT / 'main.py')!r}, run_name='__main__')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
    assert not paddock_home.exists()


def test_damaged_files_are_told_of(paddock_home: Path) -> None:
    """One sentence each on standard error; what was asked for is done all the same, and standard output is pure."""
    run("models", "list")
    (paddock_home / "config").mkdir(exist_ok=True)
    (paddock_home / "config" / "settings.json").write_text("")
    (paddock_home / "data" / "models.json").write_text("no list")
    ended = run("models", "list", "--json")
    assert ended.returncode == 0
    assert [model["id"] for model in json.loads(ended.stdout)] == ["starter"]
    settings, models = ended.stderr.splitlines()
    assert settings.startswith("The settings were damaged")
    assert models.startswith("The list of your models was damaged")
    assert run("models", "list").stderr == ""


def test_a_setting_of_the_wrong_kind_is_told_of(paddock_home: Path) -> None:
    """It stays in the file, unused."""
    (paddock_home / "config").mkdir(parents=True)
    (paddock_home / "config" / "settings.json").write_text('{"sampling.temperature": "warm"}')
    ended = run("conversations", "list", "--json")
    assert (ended.returncode, ended.stdout) == (0, "[]\n")
    assert ended.stderr == (
        "A value in the settings file cannot be used; the default is used instead."
        " Temperature cannot be “warm”. It takes a number from 0 to 2.\n"
    )


@pytest.mark.parametrize("damage", ["damaged", "a folder"])
def test_models_and_doctor_work_without_the_database(paddock_home: Path, tmp_path: Path, damage: str) -> None:
    """Doctor is for days when something does not work; it says what, and the rest of its report is whole."""
    database = paddock_home / "data" / "conversations.db"
    database.parent.mkdir(parents=True)
    if damage == "damaged":
        database.write_bytes(b"no database" * 100)
    else:
        database.mkdir()
    model = tmp_path / "meadow.gguf"
    model.write_bytes(build_gguf(CHAT_MODEL))
    assert run("models", "add", str(model)).returncode == 0
    assert len(json.loads(run("models", "list", "--json").stdout)) == 2
    assert json.loads(run("models", "show", "meadow", "--json").stdout)["architecture"] == "llama"
    refused = run("conversations", "list")
    assert refused.returncode == 1
    ended = run("doctor", "--json")
    assert ended.returncode == 0
    report = json.loads(ended.stdout)
    assert report["database"]["integrity"] == refused.stderr.rstrip("\n")
    assert report["folders"]["data"] == str(paddock_home / "data")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_output_that_cannot_be_written_is_told_of() -> None:
    """A full disk behind `>` is no bug of Paddock's."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, str(PROJECT / "main.py"), "models", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (1, "The output could not be written: no space left.\n")


def test_a_question_that_is_no_question_is_refused() -> None:
    """A wrong file on standard input costs neither memory nor disk: nothing of it is kept."""
    ended = run("ask", "-", given="a" * (LONGEST_QUESTION_MB * 1_000_000 + 1))
    assert ended.returncode == 1
    assert ended.stderr.startswith("The question is more than 8 MB long")
    assert json.loads(run("conversations", "list", "--json").stdout) == []


@posix_only
def test_a_closed_standard_input_asks_nothing() -> None:
    """As an empty one does."""
    command = 'exec "$0" "$1" ask - <&-'
    ended = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, str(PROJECT / "main.py")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("There is nothing to ask.")


@posix_only
@pytest.mark.parametrize(
    ("closed", "printed", "said"),
    [(">&-", False, True), ("2>&-", True, False), (">&- 2>&- <&-", False, False)],
)
def test_a_closed_stream_takes_whatever_comes(tmp_path: Path, closed: str, *, printed: bool, said: bool) -> None:
    """As /dev/null does: the answer is written and kept, and no file of ours is taken for the stream."""
    model = str(TinyModel(template=None).write(tmp_path / "tiny.gguf"))
    arguments = ["ask", "Hello", "--model", model, "--max-tokens", "3"]
    ended = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" "$@" {closed}', sys.executable, str(PROJECT / "main.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, bool(ended.stdout), bool(ended.stderr)) == (0, printed, said)
    assert len(json.loads(run("conversations", "list", "--json").stdout)) == 1
