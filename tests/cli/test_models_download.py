"""`models add` of a model of the hub: cut off and begun again, refused before anything comes, with a hub in trouble."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from app.cli.consent import Consent
from app.models.library import ModelLibrary
from app.models.starter import SHA256, find_starter
from app.paths import find_paths
from app.settings.file import SettingsFile
from tests.cli.running import PROJECT, run
from tests.gguf_files import TinyModel
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import (
    DELIVERIES,
    DropsEvery,
    Failing,
    Fault,
    SpeedCap,
    Times,
    TooManyRequests,
    WrongContentRange,
)
from tests.hub_server.repositories import HubFile, HubRepository, starter_repository
from tests.hub_server.server import HubServer, hub_server
from tests.models.shelf import write_model, write_parts

REPOSITORY = "HuggingFaceTB/SmolLM2-135M-Instruct-GGUF"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub with the starter model's file, which the commands are told to ask."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with hub_server(starter_repository()) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


def _deliveries(hub: HubServer) -> int:
    return sum(request.asked.kind is Kind.DELIVERY for request in hub.log.requests)


def _last_write() -> int:
    """When something of a file came last."""
    return max((part.stat().st_mtime_ns for part in find_paths().models.glob("*.part")), default=0)


def _cut_off(number: signal.Signals) -> int:
    """Begin the download, send the signal when some of it has come, and give how the command ended."""
    before = _last_write()
    command = [sys.executable, str(PROJECT / "main.py"), "models", "add", REPOSITORY, "--yes"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until = time.monotonic() + 60
        while _last_write() <= before:
            assert running.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        running.send_signal(number)
        return running.wait(60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_same_command_goes_on_with_what_was_cut_off(hub: HubServer, number: signal.Signals) -> None:
    """Each time again; what came before is not fetched anew, and the file is right in the end."""
    cap = SpeedCap(8e6)
    hub.faults.append(cap)
    expected = {signal.SIGINT: 130, signal.SIGKILL: -signal.SIGKILL}[number]
    assert [_cut_off(number), _cut_off(number)] == [expected, expected]
    hub.faults.remove(cap)
    ended = run("models", "add", REPOSITORY, "--yes", "--json")
    assert ended.returncode == 0, ended.stderr
    assert hashlib.sha256(Path(json.loads(ended.stdout)["path"]).read_bytes()).hexdigest() == SHA256


@pytest.mark.parametrize("named", ["meadow/Part-GGUF", "meadow/Part-GGUF:part"])
def test_an_upload_that_is_not_whole_is_refused_before_anything_comes(
    hub: HubServer, named: str, tmp_path: Path
) -> None:
    """Its parts would be of no use."""
    first, _, third = write_parts(tmp_path, 3, "part")
    hub.publish(HubRepository("meadow/Part-GGUF", tuple(HubFile(path.name, path) for path in (first, third))))
    ended = run("models", "add", named, "--yes")
    assert ended.returncode == 1
    assert "part is not complete on the hub" in ended.stderr
    assert not _deliveries(hub)


@pytest.mark.parametrize(
    "fault",
    [
        Failing(500, Times(3), kinds=DELIVERIES),
        TooManyRequests(60, Times(1), kinds=DELIVERIES),
        WrongContentRange(times=Times(1)),
    ],
)
def test_a_header_that_cannot_be_read_now_keeps_no_download_from_beginning(hub: HubServer, fault: Fault) -> None:
    """Only whether it fits is not known; the download itself has more patience."""
    hub.faults.append(fault)
    ended = run("models", "add", REPOSITORY, "--yes")
    assert ended.returncode == 0, ended.stderr
    assert "Whether it fits cannot be said before the download." in ended.stderr


def test_the_licence_in_the_header_counts_beside_the_hubs_and_stays_with_the_model(
    hub: HubServer, tmp_path: Path
) -> None:
    """The stricter one has to be accepted; the list shows what was, beside what the file states."""
    freer = write_model(tmp_path / "freer.gguf", "Freer", general__license="mit")
    stricter = write_model(tmp_path / "stricter.gguf", "Stricter", general__license="llama3.1")
    for file, tag in ((freer, "gemma"), (stricter, "mit")):
        hub.publish(HubRepository(f"meadow/{file.stem}", (HubFile(file.name, file),), tags=("gguf", f"license:{tag}")))
        SettingsFile(find_paths().settings).change("network.policy", "allow")
        unasked = run("models", "add", f"meadow/{file.stem}")
        assert "has to be accepted" in unasked.stderr
        agreed = run("models", "add", f"meadow/{file.stem}", "--yes")
        assert agreed.returncode == 0, agreed.stderr
        assert "MIT" in agreed.stderr
        assert "do not state one licence" in agreed.stderr
    _, first, second = run("models", "list").stdout.splitlines()
    assert "MIT, gemma" in first
    assert "llama3.1" in second


def test_a_licence_that_paddock_does_not_know_is_read_where_it_lies(hub: HubServer, tmp_path: Path) -> None:
    """It is not called anything else, and its text is named with its page."""
    file = write_model(tmp_path / "odd.gguf", "Odd", general__license="other", general__license__name="my-lic")
    files = (HubFile(file.name, file), HubFile("LICENSE", b"You may look at it."))
    card = {"license": "other", "license_name": "my-lic"}
    hub.publish(HubRepository("meadow/odd", files, tags=("gguf", "license:other"), card_data=card))
    ended = run("models", "add", "meadow/odd", "--yes")
    assert ended.returncode == 0, ended.stderr
    assert "my-lic. Paddock does not know this licence." in ended.stderr
    assert "not open source" not in ended.stderr
    assert f"Its full text: LICENSE at {hub.address}/meadow/odd" in ended.stderr


def test_a_licence_text_that_does_not_come_keeps_no_download_from_beginning(hub: HubServer, tmp_path: Path) -> None:
    """Its page is named in its place, as the window does."""
    file = write_model(tmp_path / "odd.gguf", "Odd", general__license="other", general__license__name="my-lic")
    files = (HubFile(file.name, file), HubFile("LICENSE", b"You may look at it."))
    card = {"license": "other", "license_name": "my-lic"}
    hub.publish(HubRepository("meadow/odd", files, tags=("gguf", "license:other"), card_data=card))
    hub.faults.append(DropsEvery(3, suffix="LICENSE"))
    ended = run("models", "add", "meadow/odd", "--yes")
    assert ended.returncode == 0, ended.stderr
    assert f"Its full text: {hub.address}/meadow/odd" in ended.stderr


def test_the_full_text_can_be_read_before_it_is_accepted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a stranger wrote there says nothing to the terminal."""
    monkeypatch.setattr("sys.stdin", StringIO("t\ny\n"))
    assert Consent(yes=False).agree("Do you accept this licence?", "You may\nlook\x1b[2J at it.")
    assert "You may\nlook[2J at it.\nDo you" in capsys.readouterr().err.replace("\r\x1b[K", "")


def test_what_cannot_be_remembered_is_said_and_told_all_the_same() -> None:
    """Reading needs no place to write; the exit status tells of the file."""
    for path in (find_paths().model_hashes, find_paths().speeds):
        path.with_name(f"{path.name}.lock").mkdir(parents=True)  # as little to be written as on a read-only disk
    verified = run("models", "verify", "starter", "--json")
    assert json.loads(verified.stdout)["ok"] is True
    judged = run("models", "fit", "starter", "--json")
    assert json.loads(judged.stdout)["tokens_per_s"] > 0
    assert [verified.returncode, judged.returncode] == [0, 0]
    assert all("could not be saved" in ended.stderr for ended in (verified, judged))


@pytest.mark.model
def test_a_file_that_was_found_damaged_is_marked_wherever_it_is_used(tmp_path: Path) -> None:
    """Its name says what the hub calls it, and finds it by that."""
    starter = find_starter()
    assert starter is not None
    path = tmp_path / f"{'0' * 12}-Smol.Q4_K_M.gguf"
    path.write_bytes(starter.path.read_bytes())
    added = json.loads(run("models", "add", str(path), "--json").stdout)
    assert json.loads(run("models", "show", "smol.q4_k_m", "--json").stdout)["id"] == added["id"]
    assert run("models", "verify", added["id"]).returncode == 0
    with path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x00" if starter.path.read_bytes()[-1:] != b"\x00" else b"\x01")
    assert run("models", "verify", added["id"]).returncode == 1
    assert "changed or damaged" in run("models", "list").stdout
    asked = run("ask", "Say hello.", "--model", "Smol.Q4_K_M", "--max-tokens", "4")
    assert "has changed since it was added, or is damaged" in asked.stderr


def test_a_download_that_was_found_damaged_is_refused_before_it_is_loaded() -> None:
    """With what helps; to add it by its path is the word that it is used all the same."""
    paths = find_paths()
    paths.create()
    paths.models.mkdir(parents=True, exist_ok=True)
    path = TinyModel().write(paths.models / f"{'0' * 12}-Tiny.gguf")
    model = ModelLibrary(paths, None).add_downloaded(path, repository="a/b", licence="mit", sha256="0" * 64)
    assert run("models", "verify", model.id).returncode == 1
    refused = run("ask", "Say hello.", "--model", model.id, "--max-tokens", "4")
    assert refused.returncode == 1
    assert "is not loaded: its file is not what its publisher offers" in refused.stderr
    assert "Download it again" in refused.stderr
    assert run("models", "add", str(path)).returncode == 0
    assert run("ask", "Say hello.", "--model", model.id, "--max-tokens", "4").returncode == 0


def test_what_belongs_to_no_download_is_told_beside_the_list(hub: HubServer) -> None:
    """Not what the next command goes on with; and only on the terminal, where somebody reads it."""
    assert hub.address
    _cut_off(signal.SIGKILL)
    assert not run("models", "list").stderr
    paths = find_paths()
    (paths.models / "0123456789ab-Forgotten.gguf.part").write_bytes(b"x" * 50_000)
    told = run("models", "list")
    assert told.returncode == 0
    assert "1 unfinished file that belongs to no download" in told.stderr
    assert "Forgotten" not in told.stdout
    assert not run("models", "list", "--json").stderr
