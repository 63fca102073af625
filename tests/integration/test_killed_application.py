"""`kill -9` of the whole application while a reply streams: what was on the screen is on the disk."""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from app.conversation import Message, MessageStatus, Role
from app.paths import find_paths
from app.storage.conversations import ConversationStore
from app.ui.paint_witness import VARIABLE
from tests.conftest import Campaign

PROJECT = Path(__file__).resolve().parents[2]
PROMISED_S = 0.25
START_S = 60
LONGEST_STREAM_S = 2.5
ENGINE_GONE_S = 5
QUESTION = "Write a long story about a llama that crosses the mountains."


@dataclass(slots=True)
class Witness:
    """What the window said it had painted: for each message, when how much of it was on the screen."""

    descriptor: int
    painted: list[tuple[str, int, float]] = field(default_factory=list[tuple[str, int, float]])
    _rest: bytes = b""

    def listen(self, until: float) -> bool:
        """Take down lines until `until` (monotonic seconds); False when the application has closed its end."""
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.descriptor], [], [], left)[0]:
                break
            if not self._read():
                return False
        return True

    def wait_for_words(self) -> None:
        """Wait until the first characters of a message that grows have been painted."""
        deadline = time.monotonic() + START_S
        while not self._reply_grows():
            assert time.monotonic() < deadline, "the window painted no reply"
            assert self.listen(time.monotonic() + 0.02), "the application ended by itself"

    def read_rest(self) -> None:
        """Take down what was written before the application died."""
        while self._read():
            pass

    def longest_before(self, moment: float) -> dict[str, int]:
        """Give for each message how much of it was on the screen at `moment`."""
        shown: dict[str, int] = {}
        for message_id, length, at in self.painted:
            if at <= moment:
                shown[message_id] = max(shown.get(message_id, 0), length)
        return shown

    def _reply_grows(self) -> bool:
        lengths: dict[str, set[int]] = {}
        for message_id, length, _ in self.painted:
            lengths.setdefault(message_id, set()).add(length)
        return any(len(different) > 1 for different in lengths.values())

    def _read(self) -> bool:
        data = os.read(self.descriptor, 65536)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            message_id, length, moment = line.decode().split()
            self.painted.append((message_id, int(length), float(moment)))
        return bool(data)


@pytest.mark.model
@pytest.mark.campaign
def test_killed_while_a_reply_streams(tmp_path: Path, campaign: Campaign) -> None:
    """Whenever it is killed, everything that had been on the screen for longer than 250 ms is in the database."""
    dice = random.Random(campaign.rounds(sample=1, full=2))  # noqa: S311 - only the moment of a kill
    interrupted = 0
    for round_number in range(campaign.rounds(sample=5, full=100)):
        home = tmp_path / f"home-{round_number}"
        interrupted += _kill_once(home, dice.uniform(0.0, LONGEST_STREAM_S))
    print(f"{campaign.rounds(sample=5, full=100)} kills, {interrupted} in the middle of a reply")  # noqa: T201
    assert interrupted > 0


def _kill_once(home: Path, after_s: float) -> bool:
    read_end, write_end = os.pipe()
    environment = {**os.environ, VARIABLE: str(write_end), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, str(PROJECT / "tests/integration/driven_window.py"), str(home), QUESTION]
    application = subprocess.Popen(command, pass_fds=(write_end,), env=environment, cwd=PROJECT)
    os.close(write_end)
    witness = Witness(read_end)
    try:
        witness.wait_for_words()
        witness.listen(time.monotonic() + after_s)
        engines = psutil.Process(application.pid).children(recursive=True)
        killed_at = time.monotonic()
        application.kill()
        application.wait()
        _assert_gone(engines)
        witness.read_rest()
    finally:
        application.kill()
        application.wait()
        os.close(read_end)
    return _look(home, witness.longest_before(killed_at - PROMISED_S))


def _assert_gone(engines: list[psutil.Process]) -> None:
    """The engine does not outlive the window."""
    assert engines, "there was no engine process"
    _, alive = psutil.wait_procs(engines, timeout=ENGINE_GONE_S)
    assert alive == []


def _look(home: Path, shown: dict[str, int]) -> bool:
    """Start again on what is on the disk, and compare; True if a reply was interrupted."""
    store = ConversationStore.open(find_paths(home))
    try:
        assert store.integrity() == "ok"
        messages = [message for entry in store.conversations() for message in store.branch(entry.id)]
    finally:
        store.close()
    kept = {message.id: message for message in messages}
    for message_id, length in shown.items():
        assert len(kept[message_id].text) >= length, f"{length} characters were shown of {kept[message_id]}"
    reply = _reply_of(messages)
    assert reply.status in (MessageStatus.INTERRUPTED, MessageStatus.COMPLETE)
    return reply.status is MessageStatus.INTERRUPTED


def _reply_of(messages: list[Message]) -> Message:
    return next(message for message in messages if message.role is Role.ASSISTANT)
