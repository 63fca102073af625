"""A real engine process in its sandbox: it loads and writes, and reaches nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.engine.child_process import ChildProcessEngine
from app.engine.engine import ModelFileError
from app.engine.interruption import Interruption
from app.engine.needed_files import confinement_for
from app.engine.requests import Adapter, LoadRequest
from app.settings.values import LoadSettings
from tests.engine.conftest import ignore
from tests.engine.stories import GREEDY, ask, user

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what macOS and Windows do is in docs/UNVERIFIED.md")

SETTINGS = LoadSettings(context=512, threads=2)
ATTEMPTS = """
import json, os, socket, subprocess, sys, threading
from pathlib import Path
from app.engine import process_main

home = Path.home()
attempts = {
    "secret": lambda: (home / ".ssh" / "config").read_text(),
    "tcp": lambda: socket.create_connection(("127.0.0.1", 9)),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "local": lambda: socket.socket(socket.AF_UNIX),
    "program": lambda: subprocess.run(["/bin/true"]),
    "kill": lambda: os.kill(os.getppid(), 9),
    "beside the model": lambda: list((home / "models").iterdir()),
    "another model": lambda: (home / "models" / "other.gguf").read_bytes(),
    "change the model": lambda: (home / "models" / "tiny.gguf").open("r+b"),
    "note": lambda: (home / "note").write_text("x"),
    "model": lambda: (home / "models" / "tiny.gguf").read_bytes()[:4].decode(),
    "state": lambda: (home / "state" / "kept").write_text("x"),
}
def outcome(attempt):
    try:
        return str(attempt())
    except Exception as error:
        return type(error).__name__

def build_one_that_tries(pulse, build=process_main._build_engine):
    engine = build(pulse)
    generate = engine.generate
    def try_then_generate(request, interruption):
        tried = {name: outcome(attempt) for name, attempt in attempts.items()}
        threads = len(os.listdir("/proc/self/task"))
        print("TRIED", json.dumps({"threads": threads, **tried}), flush=True)
        yield from generate(request, interruption)
    engine.generate = try_then_generate
    return engine

process_main._build_engine = build_one_that_tries
process_main.main()
"""


@dataclass(frozen=True)
class House:
    """A home with a secret, two models and a folder for states."""

    home: Path

    @property
    def request(self) -> LoadRequest:
        """Load the tiny model, and keep states."""
        return LoadRequest(self.home / "models" / "tiny.gguf", SETTINGS, state_folder=self.home / "state")


@pytest.fixture
def house(tmp_path: Path, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A home for the processes that a test starts."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "config").write_text("Host secret")
    (home / "models").mkdir()
    for name in ("tiny.gguf", "other.gguf"):
        (home / "models" / name).write_bytes(tiny_llama.read_bytes())
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parent.parent.parent))
    return House(home)


@pytest.fixture
def trying(tmp_path: Path) -> Iterator[ChildProcessEngine]:
    """The engine process, except that before each reply it tries what it must not be able to."""
    engine = ChildProcessEngine([sys.executable, "-c", ATTEMPTS], tmp_path / "engine.log")
    yield engine
    engine.close()


def tried(tmp_path: Path) -> dict[str, str | int]:
    """What came of the attempts."""
    lines = (tmp_path / "engine.log").read_text().splitlines()
    return json.loads(next(line for line in lines if line.startswith("TRIED")).removeprefix("TRIED "))


def test_it_writes_and_reaches_nothing_else(trying: ChildProcessEngine, house: House, tmp_path: Path) -> None:
    """In the very process that has the model in memory no socket opens and no secret is read."""
    model = trying.load(house.request, ignore, Interruption())
    assert model.sandbox is not None
    assert (model.sandbox.network, model.sandbox.files, model.sandbox.missing) == (True, True, "")
    assert ask(trying, user("Tell.")).finished.tokens == GREEDY.max_tokens
    outcomes = tried(tmp_path)
    assert int(outcomes.pop("threads")) >= 3  # it has threads: the one that reads orders, and the one that beats
    allowed = {name: outcomes.pop(name) for name in ("model", "state")}
    assert allowed == {"model": "GGUF", "state": "1"}
    assert set(outcomes.values()) == {"PermissionError"}, outcomes
    assert (house.home / "state" / "kept").read_text() == "x"


def test_without_a_state_folder_nothing_can_be_written(
    trying: ChildProcessEngine, house: House, tmp_path: Path
) -> None:
    """What is not named in the order is not allowed."""
    (house.home / "state").mkdir()
    trying.load(LoadRequest(house.request.path, SETTINGS), ignore, Interruption())
    ask(trying, user("Tell."))
    assert tried(tmp_path)["state"] == "PermissionError"


def test_a_link_to_a_model_is_followed(child: ChildProcessEngine, house: House, tmp_path: Path) -> None:
    """Downloads of other programs are links into a store: what they lead to is the model."""
    link = tmp_path / "link.gguf"
    link.symlink_to(house.request.path)
    child.load(LoadRequest(link, SETTINGS), ignore, Interruption())
    assert ask(child, user("Tell.")).text


EXCHANGE = """
from pathlib import Path
from app.engine import process_main

def confine_then_exchange(confinement, confine=process_main.confine_this_process):
    home = Path.home()
    report = confine(type(confinement)(confinement.read, (home,)))  # the home too, so that folders in it can be moved
    (home / "models").rename(home / "gone")
    (home / "exchanged").rename(home / "models")
    return report

process_main.confine_this_process = confine_then_exchange
process_main.main()
"""


def test_a_model_that_was_exchanged_is_a_sentence(house: House, tmp_path: Path) -> None:
    """A link that is put in the model's place after the fence is up leads outside of it."""
    (house.home / "exchanged").mkdir()
    (house.home / "exchanged" / "tiny.gguf").symlink_to("/etc/passwd")
    engine = ChildProcessEngine([sys.executable, "-c", EXCHANGE], tmp_path / "engine.log")
    with pytest.raises(ModelFileError, match="Paddock may not read"):
        engine.load(house.request, ignore, Interruption())
    engine.close()


def test_what_a_load_needs(tmp_path: Path) -> None:
    """All parts of a split model, the draft model and the adapters; what is missing, or a folder, is left out."""
    names = [f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    for name in (*names, "draft.gguf", "style.gguf", "alone-00001-of-x.gguf"):
        (tmp_path / name).touch()
    (tmp_path / "folder.gguf").mkdir()
    request = LoadRequest(
        tmp_path / names[0],
        SETTINGS,
        adapters=(Adapter(tmp_path / "style.gguf"), Adapter(tmp_path / "folder.gguf"), Adapter(tmp_path / "gone.gguf")),
        draft=tmp_path / "draft.gguf",
        state_folder=tmp_path / "deep" / "state",
    )
    needed = confinement_for(request)
    assert {path.name for path in needed.read} == {*names, "draft.gguf", "style.gguf"}
    assert needed.write == (tmp_path / "deep" / "state",)
    assert needed.write[0].is_dir()
    alone = confinement_for(LoadRequest(tmp_path / "alone-00001-of-x.gguf", SETTINGS))
    assert (alone.read, alone.write) == ((tmp_path / "alone-00001-of-x.gguf",), ())
