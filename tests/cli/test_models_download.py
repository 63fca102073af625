"""`models add` of a model of the hub: cut off and begun again, refused before anything comes, with a hub in trouble."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.starter import SHA256
from app.paths import find_paths
from tests.cli.running import PROJECT, run
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import SpeedCap
from tests.hub_server.repositories import HubFile, HubRepository, starter_repository
from tests.hub_server.server import HubServer, hub_server
from tests.models.shelf import write_parts

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
