"""A process that is killed in the middle of a download, again and again."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from app.models.download.part_file import part_path
from app.models.download.part_notes import noted_bytes
from app.models.download.safe_name import local_name
from tests.conftest import Campaign
from tests.hub_server.exchange import Asked, Reply
from tests.hub_server.faults import Fault, SpeedCap
from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import hub_server

ROOT = Path(__file__).resolve().parents[3]
CONNECTIONS = 4


CRUMB_BYTES = 4096


class Crumbles(Fault):
    """A file comes in small blocks: the last one that goes to a dead process counts as sent, and is not large."""

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return dataclasses.replace(reply, body=self._crumbs(reply))

    @staticmethod
    def _crumbs(reply: Reply) -> Iterator[bytes]:
        for block in reply.body:
            for begin in range(0, len(block), CRUMB_BYTES):
                yield block[begin : begin + CRUMB_BYTES]


@pytest.mark.campaign
def test_a_download_survives_being_killed(tmp_path: Path, campaign: Campaign) -> None:
    """The real starter model's file: killed ten times it is right in the end, and hardly a byte came twice."""
    kills = campaign.rounds(sample=3, full=10)
    repository = starter_repository()
    file = repository.files[-1]
    with hub_server(repository) as hub:
        hub.faults += [Crumbles(), SpeedCap(8e6)]
        url = f"{hub.address}/{repository.id}/resolve/main/{file.path}"
        arguments = [url, str(tmp_path), file.sha256, str(file.size_bytes), str(CONNECTIONS)]
        command = [sys.executable, "-m", "tests.models.download.one_download", *arguments]
        part = part_path(tmp_path / "models" / local_name("Model.gguf", file.sha256))
        for number in range(1, kills + 1):
            with subprocess.Popen(command, cwd=ROOT) as process:
                wait_until_noted(part, file.size_bytes // 25 * number, process)
                process.kill()
        hub.faults.clear()
        assert subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.startswith(b"done")
        twice = hub.log.bytes_sent_twice(file.path)
        print(f"{kills} kills: {twice:,} bytes of {file.size_bytes:,} came twice, {twice / file.size_bytes:.2%}")  # noqa: T201
    (whole,) = (tmp_path / "models").iterdir()
    assert hashlib.sha256(whole.read_bytes()).hexdigest() == file.sha256
    assert twice < 0.01 * file.size_bytes


def wait_until_noted(part: Path, received_bytes: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so much of the file came."""
    while noted_bytes(part) < received_bytes:
        assert process.poll() is None
        threading.Event().wait(0.02)
