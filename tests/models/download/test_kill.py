"""The command that downloads a model, killed at random moments, again and again."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading

import pytest

from app.paths import find_paths
from app.settings.values import NetworkSettings
from tests.cli.running import PROJECT, run
from tests.conftest import Campaign
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import SpeedCap
from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import HubServer, hub_server

BYTES_PER_S = 8e6
LEAST_BYTES, MOST_BYTES = 500_000, 8_000_000
"""Between these much comes from one kill to the next: ten of them fit into the file."""


@pytest.mark.campaign
def test_a_download_survives_being_killed(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real starter model's file: killed ten times it is right in the end, and hardly a byte came twice.

    Whether it fits was asked before: not one of the commands reads the header again.
    """
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    kills, dice = campaign.rounds(sample=3, full=10), random.Random()  # noqa: S311 - moments, not secrets
    repository = starter_repository()
    file = repository.files[-1]
    with hub_server(repository) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        assert run("models", "fit", repository.id, "--yes").returncode == 0
        hub.log.clear()
        hub.faults.append(SpeedCap(BYTES_PER_S, burst_s=0.01))
        for _ in range(kills):
            kill_after(dice.randint(LEAST_BYTES, MOST_BYTES), hub, repository.id, file.path)
        most = most_at_a_time(hub)
        hub.faults.clear()
        ended = run("models", "add", repository.id, "--yes")
        assert ended.returncode == 0, ended.stderr
        hub.log.wait_until_quiet()
        twice = hub.log.bytes_sent_twice(file.path)
    print(f"{kills} kills: {twice:,} bytes of {file.size_bytes:,} came twice, {twice / file.size_bytes:.2%}")  # noqa: T201
    (whole,) = (path for path in find_paths().models.iterdir() if path.is_file())
    assert hashlib.sha256(whole.read_bytes()).hexdigest() == file.sha256
    assert most == NetworkSettings().connections_per_file
    assert twice < 0.01 * file.size_bytes


def kill_after(size_bytes: int, hub: HubServer, repository: str, file: str) -> None:
    """Begin or go on with the download, and end it by force when so much more of it has come."""
    goal = hub.log.sent_bytes(file) + size_bytes
    command = [sys.executable, str(PROJECT / "main.py"), "models", "add", repository, "--yes"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while hub.log.sent_bytes(file) < goal:
            assert process.poll() is None
            threading.Event().wait(0.005)
        process.kill()


def most_at_a_time(hub: HubServer) -> int:
    """How many connections of one run had their part of the file."""
    of_runs, count = list[int](), 0
    for request in hub.log.of(Kind.RESOLVE, Kind.DELIVERY):
        is_first_byte = request.range == "bytes=0-0"
        count = 0 if is_first_byte else count + (request.asked.kind is Kind.DELIVERY)
        of_runs.append(count)
    return max(of_runs)
