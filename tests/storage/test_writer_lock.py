"""A lock lives exactly as long as its process."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from app.storage.writer_lock import WriterLock, living_writers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the locks lie."""
    folder = tmp_path / "writers"
    folder.mkdir()
    return folder


def test_a_lock_is_seen_until_it_is_released(folder: Path) -> None:
    """Two writers are alive beside each other; who goes leaves no file."""
    one, other = WriterLock(folder), WriterLock(folder)
    assert living_writers(folder) == {one.writer_id, other.writer_id}
    one.release()
    one.release()
    assert living_writers(folder) == {other.writer_id}
    other.release()
    assert list(folder.iterdir()) == []


def test_a_killed_process_holds_nothing(folder: Path) -> None:
    """After `kill -9` the lock is free, and its file is taken away by whoever looks."""
    program = (
        "import sys, time; from pathlib import Path; from app.storage.writer_lock import WriterLock\n"
        f"lock = WriterLock(Path({str(folder)!r})); print(lock.writer_id, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        writer_id = process.stdout.readline().strip()
        assert living_writers(folder) == {writer_id}
        process.kill()
        process.wait()
    assert living_writers(folder) == frozenset()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no open file; there the file's owner keeps it")
def test_a_stale_file_is_locked_while_it_is_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can take a lock on a file that is about to vanish, and then be thought dead."""
    really_unlink = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        with pytest.raises(Timeout):
            FileLock(path).acquire(blocking=False)
        really_unlink(path, missing_ok)

    (folder / "stale.lock").touch()
    monkeypatch.setattr(Path, "unlink", unlink)
    assert living_writers(folder) == frozenset()
    assert list(folder.iterdir()) == []


def test_tidying_up_does_not_take_a_new_lock_away(folder: Path) -> None:
    """While others look for stale locks all the time, each new one keeps its file and is seen."""
    with ThreadPoolExecutor(1) as tidier:
        is_done: list[bool] = []

        def tidy() -> int:
            looks = 0
            while not is_done:
                living_writers(folder)
                looks += 1
            return looks

        looks = tidier.submit(tidy)
        for _ in range(200):
            lock = WriterLock(folder)
            assert (folder / f"{lock.writer_id}.lock").exists()
            lock.release()
        is_done.append(True)
        assert looks.result() > 0
