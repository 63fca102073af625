"""The ledger: what it keeps when processes write together, die, or fill the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from app.network import ledger as room
from app.network.ledger import CANCELLED, COMPLETE, NOT_FINISHED, Ledger
from app.network.purpose import Purpose, PurposeKind
from app.private_file import PrivateFileError

SEARCH = Purpose(PurposeKind.SEARCH, "träume 🐎")
WRITE = """
import sys
from pathlib import Path
from app.network.ledger import Ledger
from app.network.purpose import Purpose, PurposeKind
ledger = Ledger(Path(sys.argv[1]))
for number in range(100):
    entry = ledger.begin(Purpose(PurposeKind.DOWNLOAD, f"{sys.argv[2]} {number}"), "hub.test")
    ledger.finish(entry, received=number, sent=1, result="complete")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path / "data" / "ledger.jsonl"


def test_the_end_of_a_request_takes_the_place_of_its_begin(path: Path) -> None:
    """The entries stand in the order in which the requests began; the newest is the last."""
    ledger = Ledger(path)
    first, second = ledger.begin(SEARCH, "a.test"), ledger.begin(SEARCH, "b.test")
    assert [entry.result for entry in ledger.read().entries] == [NOT_FINISHED, NOT_FINISHED]
    ledger.finish(second, received=7, sent=90, result=COMPLETE)
    ledger.finish(first, received=3, sent=80, result=CANCELLED)
    ledger.refuse(SEARCH, "c.test", "refused: offline")
    said = [(entry.host, entry.bytes, entry.sent, entry.result) for entry in ledger.read().entries]
    assert said == [
        ("a.test", 3, 80, "cancelled"),
        ("b.test", 7, 90, "complete"),
        ("c.test", 0, 0, "refused: offline"),
    ]


def test_a_line_is_json_with_a_moment_that_everybody_reads(path: Path) -> None:
    """RFC 3339 in UTC; the file is its owner's only."""
    Ledger(path).refuse(SEARCH, "a.test", "refused: offline")
    line = json.loads(path.read_text(encoding="utf-8"))
    assert line["at"].endswith("Z")
    assert line["purpose"] == "Search for “träume 🐎”"
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600


def test_no_ledger_is_an_empty_one(path: Path) -> None:
    """Before the first connection."""
    assert Ledger(path).read().entries == ()


def test_damaged_lines_are_left_out_and_counted(path: Path) -> None:
    """The others are read."""
    ledger = Ledger(path)
    ledger.refuse(SEARCH, "a.test", "refused: offline")
    good = path.read_bytes()
    path.write_bytes(b'\xff\xfe\n{"at": 1}\n[[[[\n\n' + b"[" * 100_000 + b"\n" + good + b'{"at": "2026-11-')
    ledger.refuse(SEARCH, "b.test", "refused: offline")
    content = ledger.read()
    assert [entry.host for entry in content.entries] == ["a.test", "b.test"]
    assert content.damaged_lines == 5


def test_two_processes_write_without_a_loss(path: Path) -> None:
    """The window downloads, and a command beside it."""
    writers = [subprocess.Popen([sys.executable, "-c", WRITE, str(path), name]) for name in ("window", "command")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    content = Ledger(path).read()
    assert content.damaged_lines == 0
    assert sorted(entry.purpose for entry in content.entries) == sorted(
        f"Download of {name} {number}" for name in ("window", "command") for number in range(100)
    )
    assert {entry.result for entry in content.entries} == {COMPLETE}


def test_the_newest_entries_stay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not grow without end, and a request that is open while it is shortened finds its end."""
    monkeypatch.setattr(room, "_LONGEST_FILE_BYTES", 20_000)
    monkeypatch.setattr(room, "_KEPT_BYTES", 10_000)
    monkeypatch.setattr(room, "LONGEST_LEDGER", 30)
    ledger = Ledger(path)
    entry = ledger.begin(SEARCH, "open.test")
    sizes: list[int] = []
    for number in range(300):
        ledger.refuse(SEARCH, f"{number}.test", "refused: offline")
        sizes.append(path.stat().st_size)
        if number % 20 == 0:
            ledger.finish(entry, received=number, sent=1, result=COMPLETE)
            entry = ledger.begin(SEARCH, "open.test")
    assert max(sizes) <= 20_000
    assert any(later < earlier for earlier, later in pairwise(sizes)), "it was shortened"
    entries = ledger.read().entries
    assert len(entries) == 30
    assert entries[-1].host == "299.test"
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_stops_a_begin_and_does_not_hide_an_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that cannot be written down is not made; one that was made is over, written or not."""
    ledger = Ledger(path)
    entry = ledger.begin(SEARCH, "a.test")
    path.unlink()
    path.mkdir()
    with pytest.raises(PrivateFileError, match="could not be saved"):
        ledger.begin(SEARCH, "b.test")
    ledger.finish(entry, received=1, sent=1, result=COMPLETE)
    with pytest.raises(PrivateFileError, match="cannot be read"):
        ledger.read()
