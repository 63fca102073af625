"""A file that is not ours, not of this version, or damaged is refused in words, and left as it is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import Fault
from app.paths import Paths, find_paths
from app.storage.conversations import ConversationStore, StorageError
from app.storage.database import Database
from tests.storage.stories import begin, turn

_NOBODY = 65534


@pytest.fixture
def filled(paths: Paths) -> Paths:
    """A database with something in it, closed."""
    store = ConversationStore(paths)
    turn(store)
    store.close()
    return paths


def content(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What lies beside the database, to the byte, and when it was changed."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("conversations*")}


def refusal(paths: Paths) -> StorageError:
    """The error with which opening fails; nothing may have been touched."""
    before = content(paths.data)
    with pytest.raises(StorageError) as caught:
        ConversationStore(paths)
    assert content(paths.data) == before
    assert list(paths.writers.glob("*")) == []
    assert str(caught.value).endswith(".")
    return caught.value


def write_pragma(paths: Paths, pragma: str) -> None:
    """Change the file's header as another program would."""
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute(f"PRAGMA {pragma}").fetchall()


def test_a_newer_file_is_refused(filled: Paths) -> None:
    """A file from a newer Paddock is not touched, and the user hears which version to start."""
    write_pragma(filled, "user_version = 99")
    error = refusal(filled)
    assert "newer version of Paddock" in str(error)
    assert error.fault is Fault.FILE


def test_a_newer_file_whose_version_is_still_in_the_log(filled: Paths) -> None:
    """The version counts that SQLite sees, also while it has not reached the file's header."""
    with closing(sqlite3.connect(filled.database, isolation_level=None)) as newer:
        newer.execute("PRAGMA journal_mode = WAL").fetchall()
        newer.execute("PRAGMA user_version = 99")
        with pytest.raises(StorageError, match="newer version"):
            ConversationStore(filled)
        assert newer.execute("PRAGMA user_version").fetchone() == (99,)


def test_the_file_of_another_program_is_refused(paths: Paths) -> None:
    """A database of somebody else is not taken for ours, even when it is empty."""
    paths.data.mkdir(parents=True)
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.execute("PRAGMA user_version = 1")
    assert "belongs to another program" in str(refusal(paths))


@pytest.mark.parametrize("found", [b"", b"Dear diary, " * 500, b"SQLite format 3\0", bytes(8192)])
def test_what_is_no_database_is_refused(paths: Paths, found: bytes) -> None:
    """Nothing at all, a letter, half a header, zeros: the file is kept, because it may have been something."""
    paths.data.mkdir(parents=True)
    paths.database.write_bytes(found)
    error = refusal(paths)
    assert "is damaged, or is not one" in str(error)
    assert error.fault is Fault.FILE


def test_a_damaged_schema_is_told(filled: Paths) -> None:
    """A file of ours whose first page is destroyed behind the header is called damaged, not a bug."""
    with filled.database.open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(3000))
    with pytest.raises(StorageError, match="damaged"):
        ConversationStore(filled)


def test_a_damaged_page_is_found_by_the_check(filled: Paths) -> None:
    """The check reads the whole file and says what is wrong, in place of "ok", without an exception."""
    store = ConversationStore(filled)
    assert store.integrity() == "ok"
    store.close()
    pages = filled.database.stat().st_size // 4096
    with filled.database.open("r+b") as file:
        for page in range(2, pages):
            file.seek(page * 4096)
            file.write(b"\xff" * 100)
    database = Database.open(filled)
    assert database.integrity() not in {"ok", ""}
    database.close()


def test_changes_without_their_file_are_not_thrown_away(filled: Paths) -> None:
    """When the file is gone but its log is there, no new file is put beside it."""
    filled.database.rename(filled.data / "elsewhere.db")
    filled.database.with_name("conversations.db-wal").write_bytes(b"changes")
    assert "is missing" in str(refusal(filled))


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    """The sentence names the folder that cannot be used."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "data").write_text("not a folder")
    with pytest.raises(StorageError, match="cannot write in its folder") as caught:
        ConversationStore(find_paths(home))
    assert str(home / "data") in str(caught.value)
    assert (home / "data").read_text() == "not a folder"


def test_a_database_that_is_a_folder(paths: Paths) -> None:
    """A folder in the file's place is an error in words too."""
    paths.database.mkdir(parents=True)
    with pytest.raises(StorageError):
        ConversationStore(paths)


@pytest.fixture
def nobody() -> Iterator[int]:
    """Root may write everywhere: be somebody else for a while, whose number this is."""
    uid = os.geteuid()
    if uid:
        yield uid
        return
    os.seteuid(_NOBODY)
    yield _NOBODY
    os.seteuid(uid)


@pytest.mark.skipif(os.name != "posix", reason="permissions of another kind")
def test_a_folder_without_permission(nobody: int) -> None:
    """A folder that may not be written to is named."""
    with tempfile.TemporaryDirectory() as folder:
        paths = find_paths(Path(folder) / "home")
        paths.create()
        store = ConversationStore(paths)
        turn(store)
        store.close()
        assert paths.database.stat().st_uid == nobody
        paths.data.chmod(0o500)
        try:
            with pytest.raises(StorageError, match="cannot write"):
                ConversationStore(paths)
        finally:
            paths.data.chmod(0o700)


@pytest.mark.parametrize("name", ["with spaces", "ünïcödé 🦙", "per%20cent?and#hash", "x" * 200])
def test_strange_folder_names(tmp_path: Path, name: str) -> None:
    """A folder's name is nothing but a name."""
    paths = find_paths(tmp_path / name)
    store = ConversationStore(paths)
    turn(store)
    store.close()
    assert paths.database.stat().st_size > 0


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_nobody_else_may_read(paths: Paths, umask: int) -> None:
    """Files are 0600 and folders 0700 while they are in use, whatever the umask; wider ones are closed."""
    before = os.umask(umask)
    try:
        store = ConversationStore(paths)
        begin(store)
        assert {path.name for path in paths.data.iterdir()} >= {"conversations.db-wal", "conversations.db-shm"}
        check_modes(paths)
        store.close()
        paths.database.chmod(0o644)
        paths.data.chmod(0o755)
        store = ConversationStore(paths)
        begin(store)
        check_modes(paths)
        store.close()
    finally:
        os.umask(before)


def check_modes(paths: Paths) -> None:
    """Look at everything under the data folder."""
    for path in (paths.data, *paths.data.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_an_unfinished_creation_is_begun_again(paths: Paths) -> None:
    """What a process left that died while it created the database does not stand in the way."""
    paths.data.mkdir(parents=True)
    paths.database.with_name("conversations.db.new").write_bytes(b"half")
    paths.database.with_name("conversations.db.new-journal").write_bytes(b"half")
    store = ConversationStore(paths)
    turn(store)
    store.close()
    assert list(paths.data.glob("*.new*")) == []


def test_many_processes_open_at_once(paths: Paths) -> None:
    """When the first start happens many times at once, one creates the file and all of them write to it."""
    program = (
        "from app.paths import find_paths\n"
        "from app.storage.conversations import ConversationStore, NewTurn\n"
        "store = ConversationStore(find_paths())\n"
        "for number in range(5): store.begin_turn(NewTurn(str(number))).result()\n"
        "store.close()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(6)]
    assert [process.wait() for process in processes] == [0] * 6
    store = ConversationStore(paths)
    assert len(store.conversations()) == 30
    assert store.integrity() == "ok"
    assert {message.status for c in store.conversations() for message in store.tree(c.id)[1:]} == {"interrupted"}
    store.close()


def test_reading_from_many_threads(filled: Paths, in_threads: Callable[[Callable[[], object]], None]) -> None:
    """Each reader has a connection of its own, and all see what is there."""
    store = ConversationStore(filled)
    (conversation,) = store.conversations()
    in_threads(lambda: [store.branch(conversation.id) for _ in range(50)])
    store.close()


@pytest.fixture
def in_threads() -> Callable[[Callable[[], object]], None]:
    """Run something in eight threads at once; what one raises is raised."""
    from concurrent.futures import ThreadPoolExecutor

    def run(task: Callable[[], object]) -> None:
        with ThreadPoolExecutor(8) as threads:
            for future in [threads.submit(task) for _ in range(8)]:
                future.result()

    return run
