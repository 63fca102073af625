"""What came so far: it is ours alone, survives, and is not believed where it may be wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path

import psutil
import pytest

from app.models.download.disk_room import DiskRoom
from app.models.download.errors import InUseError, NoRoomError, NotWritableError, PartInTheWayError, trouble_with
from app.models.download.part_file import PartFile
from app.models.download.part_notes import notes_path
from app.models.download.safe_name import UnsafeNameError
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import SpeedCap
from tests.models.download.downloads import FILE, LARGE, MIB, Downloading, begin, downloading, some_bytes


def test_a_download_that_was_stopped_goes_on(large: Downloading) -> None:
    """Everything that came is there, also what was on its way when it stopped."""
    begin(large, 20 * MIB)
    large.fetch()
    large.check_right()
    assert large.twice < 0.02


def test_damage_on_the_disk_is_fetched_again_where_it_is(large: Downloading) -> None:
    """A piece that reads otherwise than before is no longer believed."""
    begin(large, 36 * MIB)
    with large.part.open("r+b") as file:
        file.seek(3 * MIB)
        file.write(b"damage")
    large.hub.log.clear()
    large.fetch()
    large.check_right()
    assert large.hub.log.sent_bytes(FILE) <= LARGE - 36 * MIB + 16 * MIB


def test_a_part_that_somebody_shortened(large: Downloading) -> None:
    """What is not there is fetched."""
    begin(large, 20 * MIB)
    os.truncate(large.part, 5 * MIB)
    large.fetch()
    large.check_right()


def test_damaged_notes_are_not_believed(large: Downloading) -> None:
    """The download begins again; nothing of it is a reason to fail."""
    begin(large, 20 * MIB)
    notes_path(large.part).write_bytes(b"\x00\xff nonsense")
    large.fetch()
    large.check_right()


def test_a_line_that_a_crash_cut_off(large: Downloading) -> None:
    """The lines before it count."""
    begin(large, 20 * MIB)
    notes = notes_path(large.part)
    notes.write_bytes(notes.read_bytes() + b'{"have":[0,')
    large.hub.log.clear()
    large.fetch()
    large.check_right()
    assert large.hub.log.sent_bytes(FILE) < 25 * MIB


@pytest.mark.parametrize("line", ['{"have":[0,99999999999]}', '{"have":[-5,7]}', '{"have":[30000000,41955385]}'])
def test_notes_of_what_is_not_there(large: Downloading, line: str) -> None:
    """What they promise falsely is found by the hash, and fetched."""
    begin(large, 20 * MIB)
    notes = notes_path(large.part)
    notes.write_bytes(notes.read_bytes() + line.encode() + b"\n")
    large.fetch()
    large.check_right()


def test_after_a_power_failure_only_what_the_disk_had_counts(
    large: Downloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system had not written yet may be gone, whatever the notes say."""
    begin(large, 36 * MIB)
    unsafe = spans_behind_the_last_mark(notes_path(large.part))
    assert unsafe
    with large.part.open("r+b") as file:
        for start, end in unsafe:
            file.seek(start)
            file.write(bytes(end - start))
    started = psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: started + 3600)
    large.hub.log.clear()
    large.fetch()
    large.check_right()
    assert not any("damaged" in notice.text for notice in large.notices)
    assert large.hub.log.sent_bytes(FILE) < LARGE


def test_the_notes_hold_no_address(large: Downloading) -> None:
    """It may be signed, and open the file for whoever reads it."""
    begin(large, 20 * MIB)
    text = notes_path(large.part).read_text()
    assert "Signature" not in text
    assert "http" not in text
    if os.name == "posix":
        assert large.part.stat().st_mode & 0o777 == 0o600
        assert notes_path(large.part).stat().st_mode & 0o777 == 0o600


def test_the_part_of_another_commit_is_given_up(large: Downloading) -> None:
    """It is said that the download begins again."""
    begin(large, 20 * MIB)
    notes = notes_path(large.part)
    notes.write_text(notes.read_text().replace('"commit":"c0ffee"', '"commit":"other"'))
    large.fetch()
    large.check_right()
    assert "fetched anew" in large.notices[0].text


@pytest.mark.parametrize("suffix", ["", ".part", ".part.json", ".part.lock"])
def test_a_link_in_the_way_is_not_written_through(small: Downloading, suffix: str) -> None:
    """What it leads to stays as it is."""
    precious = small.folder.parent / "precious"
    precious.write_text("precious")
    small.folder.mkdir()
    small.target.with_name(small.target.name + suffix).symlink_to(precious)
    with pytest.raises((PartInTheWayError, UnsafeNameError)):
        small.fetch()
    assert precious.read_text() == "precious"
    assert small.hub.log.of(Kind.DELIVERY) == ()


@pytest.mark.parametrize("suffix", ["", ".part", ".part.json"])
def test_a_folder_in_the_way(small: Downloading, suffix: str) -> None:
    """The sentence names it."""
    in_the_way = small.target.with_name(small.target.name + suffix)
    in_the_way.mkdir(parents=True)
    with pytest.raises(PartInTheWayError, match="in the way"):
        small.fetch()


def test_a_second_name_of_the_part_is_not_written_through(small: Downloading) -> None:
    """A hard link is a file that somebody else has too."""
    small.folder.mkdir()
    precious = small.folder.parent / "precious"
    precious.write_text("precious")
    os.link(precious, small.part)
    with pytest.raises(PartInTheWayError):
        small.fetch()
    assert precious.read_text() == "precious"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_way(small: Downloading) -> None:
    """Opening one would wait for ever."""
    small.folder.mkdir()
    os.mkfifo(small.part)
    with pytest.raises(PartInTheWayError):
        small.fetch()


def test_two_at_one_part(small: Downloading) -> None:
    """The second is told so."""
    with closing(PartFile(small.target)), pytest.raises(InUseError, match="another Paddock"):
        small.fetch()
    small.fetch()
    small.check_right()


def test_no_room_is_said_before_anything_comes(small: Downloading) -> None:
    """With both numbers."""
    small.room = DiskRoom(lambda _: 1_002_000_000)
    with pytest.raises(NoRoomError, match=r"3 MB are still to come, and 1\.0 GB are free\. 1\.0 GB stay free"):
        small.fetch()
    assert small.hub.log.of(Kind.DELIVERY) == ()


def test_a_disk_that_others_fill_is_noticed_on_the_way(large: Downloading) -> None:
    """What came is kept, and it goes on when there is room."""
    large.hub.faults.append(SpeedCap(60e6))
    asked: list[Path] = []

    def free(path: Path) -> int:
        asked.append(path)
        return 10**12 if len(asked) == 1 else 10**9

    large.room = DiskRoom(free)
    with pytest.raises(NoRoomError):
        large.fetch()
    assert large.part.stat().st_size >= 16 * MIB
    large.room = DiskRoom(lambda _: 10**12)
    large.fetch()
    large.check_right()
    assert large.twice < 0.02


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 30 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if sys.platform != "linux" or mount is None or umount is None:
        pytest.skip("small disks can be made on Linux only")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=30m", "tmpfs", folder], check=False, capture_output=True)
    if made.returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run([umount, folder], check=True)


def test_a_disk_that_is_full(tmp_path: Path, tiny_disk: Path) -> None:
    """The system says so in the middle of a write; what came is kept, and it goes on when there is room."""
    with downloading(tmp_path, some_bytes(LARGE)) as large:
        large.folder = tiny_disk / "models"
        with pytest.raises(NoRoomError, match="full"):
            large.fetch()
        assert not large.target.exists()
        mount = shutil.which("mount")
        assert mount
        subprocess.run([mount, "-o", "remount,size=60m", tiny_disk], check=True)
        large.fetch()
        large.check_right()
        assert large.twice < 0.15  # what was on its way when the disk was full


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, NoRoomError, "full"),
        (errno.EDQUOT, NoRoomError, "full"),
        (errno.EFBIG, NotWritableError, "FAT32"),
        (errno.EACCES, NotWritableError, "does not allow"),
        (errno.EROFS, NotWritableError, "does not allow"),
        (errno.EIO, NotWritableError, "would not take"),
    ],
)
def test_what_the_system_says_is_told_in_plain_words(number: int, kind: type[Exception], words: str) -> None:
    """With a next step."""
    error = trouble_with(Path("/models/a.gguf.part"), OSError(number, os.strerror(number)))
    assert isinstance(error, kind)
    assert words in str(error)
    assert error.next_step


def test_a_folder_that_cannot_be_written(small: Downloading, monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission is a sentence; a file lies where the folder is to be, which stops root too."""
    small.folder.write_text("no folder")
    with pytest.raises((NotWritableError, UnsafeNameError)):
        small.fetch()


def spans_behind_the_last_mark(notes: Path) -> list[tuple[int, int]]:
    """What came after the last time that the disk was known to have all."""
    lines = notes.read_bytes().splitlines(keepends=True)
    safe = max(json.loads(line).get("safe", 0) for line in lines)
    ends = accumulate(len(line) for line in lines)
    late = [json.loads(line) for line, end in zip(lines, ends, strict=True) if end > safe]
    return [tuple(line["have"]) for line in late if "have" in line]
