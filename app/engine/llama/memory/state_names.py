"""The names of the files in the folder of states: of which conversation, for which model, and how far each is."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import uuid_utils
from filelock import FileLock, Timeout

from app.paths import PRIVATE_FILE

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_CONVERSATION: Final = re.compile(_UUID)
_NAME: Final = re.compile(
    rf"(?P<conversation>{_UUID})\.[0-9a-f]{{16}}\.((?P<owner>{_UUID})\.)?(?P<stage>state|new|trying)"
)
_LOCK: Final = ".lock"
_LOCK_TIMEOUT_S: Final = 10


class Stage(StrEnum):
    """How far a file is."""

    KEPT = "state"
    """Whole, and anybody's."""
    NEW = "new"
    """Being written by its owner."""
    TRYING = "trying"
    """Being brought back by its owner, who may die of it."""


@dataclass(frozen=True, slots=True)
class StateFile:
    """A file of the folder. `owner` is the process that works with it; a kept one has none."""

    path: Path
    conversation: str
    owner: str | None
    stage: Stage
    size_bytes: int
    used_ns: int


class Owner:
    """This process, as the others in the folder see it: a lock file that it holds as long as it lives."""

    def __init__(self, folder: Path) -> None:
        """Take a lock under a new id. Raises `OSError`."""
        self._id = str(uuid_utils.uuid7())
        self._lock = _lock(folder / (self._id + _LOCK))
        self._lock.acquire(timeout=_LOCK_TIMEOUT_S)  # somebody who tidies up may hold it for an instant

    def retire(self) -> None:
        """Give the lock up, and take its file away. May be called twice."""
        if self._lock.is_locked:
            _release_and_remove(self._lock)

    def own_name(self, conversation: str, digest: str, stage: Stage) -> str:
        """Give the name of a file that this process works with."""
        return f"{_checked(conversation)}.{digest}.{self._id}.{stage}"


def kept_name(conversation: str, digest: str) -> str:
    """Give the name of the file that is kept. Raises `ValueError` when `conversation` is no id."""
    return f"{_checked(conversation)}.{digest}.{Stage.KEPT}"


def files_in(folder: Path) -> list[StateFile]:
    """Give the files of all conversations. What has another name or is no file is not ours. Raises `OSError`."""
    found: list[StateFile] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if (match := _NAME.fullmatch(entry.name)) is None:
                continue
            with suppress(FileNotFoundError):  # another process was faster
                status = entry.stat(follow_symlinks=False)
                stage = Stage(match["stage"])
                found.append(
                    StateFile(
                        Path(entry.path),
                        match["conversation"],
                        match["owner"],
                        stage,
                        status.st_size,
                        status.st_mtime_ns,
                    )
                )
    return found


def leftovers_in(folder: Path) -> list[StateFile]:
    """Give the files that processes were working with when they ended. Raises `OSError`."""
    files = [file for file in files_in(folder) if file.owner is not None]  # first: their owners had their locks before
    living = {path.stem for path in folder.glob("*" + _LOCK) if not _remove_if_free(path)}
    return [file for file in files if file.owner not in living]


def _checked(conversation: str) -> str:
    if _CONVERSATION.fullmatch(conversation) is None:
        raise ValueError("The id of a conversation is a UUID; nothing else can be part of a file's name.")
    return conversation


def _lock(path: Path) -> FileLock:
    return FileLock(path, mode=PRIVATE_FILE, thread_local=False)


def _remove_if_free(path: Path) -> bool:
    lock = _lock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    _release_and_remove(lock)
    return True


def _release_and_remove(lock: FileLock) -> None:
    path = Path(lock.lock_file)
    with suppress(PermissionError):  # where an open file cannot be removed; then it is free, and removed another time
        path.unlink(missing_ok=True)
    lock.release()
