"""The states of conversations on the disk, one file each, so that a conversation goes on at once tomorrow.

Losing such a file costs time and never words: whatever is wrong with one, it is removed, and the prompt is read anew.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

from app.engine.llama.memory.sequence_states import SequenceState
from app.engine.llama.memory.state_format import (
    DamagedStateError,
    IsWanted,
    StateRecord,
    UnwantedError,
    read_state,
    read_tokens,
)
from app.engine.llama.memory.state_key import StateKey
from app.engine.llama.memory.state_names import Owner, Stage, files_in, kept_name, leftovers_in
from app.paths import PRIVATE_FILE, create_private_folder
from app.private_file import PrivateFileError

_RESERVE_BYTES: Final = 1024**3
"""So much of the disk stays free for what cannot be computed again."""
_log = logging.getLogger(__name__)


class Trial:
    """How a state that was read from the disk turns out. Its file stands aside until it is known to do no harm.

    A process that dies of it leaves the file aside, and so nobody tries it again.
    """

    def __init__(self, aside: Path, kept: Path) -> None:
        """Decide about the file that is `aside` and was `kept`."""
        self._aside = aside
        self._kept = kept
        self._has_passed = False

    def passed(self) -> None:
        """It was brought back and the model went on from it: it is kept, as the one used last. May be called twice."""
        if not self._has_passed:
            self._has_passed = True
            _put_back(self._aside, self._kept)

    def failed(self) -> None:
        """It was refused, or nothing sensible came of it: it goes, also when it had passed."""
        _log.warning("The state %s is of no use and is removed.", self._kept.name)
        _remove(self._aside)
        _remove(self._kept)


def forget_conversation(folder: Path, conversation: str) -> None:
    """Remove all that is kept of `conversation` in `folder`, also what is being written. Raises `PrivateFileError`."""
    try:
        for file in files_in(folder):
            if file.conversation == conversation:
                file.path.unlink(missing_ok=True)
    except FileNotFoundError:
        return  # nothing was ever kept
    except OSError as error:
        raise PrivateFileError(
            "What was kept to go on with this conversation sooner could not be removed.",
            next_step="Close Paddock and remove this folder: {folder}.",
            details=str(error),
            folder=folder,
        ) from error


class StateFolder:
    """The states of one loaded model's conversations, in a folder that other models and other processes use too."""

    def __init__(self, folder: Path, key: StateKey, budget_bytes: int, *, before: StateKey | None = None) -> None:
        """Keep states of `key` in `folder`, which as a whole holds at most `budget_bytes`. Raises `OSError`.

        `before` is what the same model was named before more was known of it: its states are as good. What processes
        that were killed left behind is removed.
        """
        create_private_folder(folder)
        for file in leftovers_in(folder):
            _remove(file.path)
        self._folder = folder
        self._key = key
        self._digest = key.digest
        self._before = before
        self._budget_bytes = budget_bytes
        self._owner = Owner(folder)
        self._make_room(0, besides="")

    def close(self) -> None:
        """Nothing more will be kept or restored."""
        self._owner.retire()

    def save(self, conversation: str, state: SequenceState, is_wanted: IsWanted) -> bool:
        """Write `state`, unless one with the same tokens is there. Tells whether it is on the disk now.

        It takes the place of all other states of the conversation. Ends soon after `is_wanted` says no, and then, as
        when the disk refuses, everything is as it was before.
        """
        kept, new = self._kept_path(conversation), self._own_path(conversation, Stage.NEW)
        record = StateRecord(conversation, self._key, state)
        try:
            if self.tokens(conversation) == state.tokens:
                return True
            if not self._is_room_for(record.size_bytes):
                return False
            with _removed_in_the_end(new):
                # Nothing waits for the disk here: what a power failure tears is found by the checksum.
                with open(new, "xb", opener=_open_private) as file:
                    record.write(file, is_wanted)
                self._make_room(record.size_bytes, besides=conversation)
                new.replace(kept)
        except UnwantedError:
            return False
        except OSError as error:
            _log.warning("The state of a conversation could not be written: %s", error)
            return False
        self._remove_others(conversation, kept)
        return True

    def tokens(self, conversation: str) -> tuple[int, ...] | None:
        """Give the tokens of what is kept of `conversation`, as the file itself says; nobody looks at the rest."""
        kept, key = self._found(conversation)
        try:
            with _open_regular(kept, self._budget_bytes) as file:
                return read_tokens(file, conversation, key)
        except FileNotFoundError:
            return None
        except (DamagedStateError, OSError) as error:
            _log.warning("The state %s is damaged and is removed: %s", kept.name, error)
            _remove(kept)
            return None

    def restore(self, conversation: str, is_wanted: IsWanted) -> tuple[SequenceState, Trial] | None:
        """Give the state of `conversation`, and where to tell how it turns out.

        None when there is none, or none that can be trusted; and soon after `is_wanted` says no.
        """
        (kept, key), aside = self._found(conversation), self._own_path(conversation, Stage.TRYING)
        try:
            kept.replace(aside)
        except FileNotFoundError:
            return None
        except OSError as error:  # elsewhere than on POSIX: another process reads it at this moment
            _log.warning("The state of a conversation could not be read: %s", error)
            return None
        return self._try(conversation, key, kept, aside, is_wanted)

    def _try(
        self, conversation: str, key: StateKey, kept: Path, aside: Path, is_wanted: IsWanted
    ) -> tuple[SequenceState, Trial] | None:
        try:
            with _open_regular(aside, self._budget_bytes) as file:
                return read_state(file, conversation, key, is_wanted), Trial(aside, kept)
        except (UnwantedError, MemoryError):
            _put_back(aside, kept)
        except (DamagedStateError, OSError) as error:
            _log.warning("The state %s is damaged and is removed: %s", kept.name, error)
            _remove(aside)
        return None

    def _is_room_for(self, size_bytes: int) -> bool:
        free = shutil.disk_usage(self._folder).free - _RESERVE_BYTES
        if size_bytes <= min(self._budget_bytes, free):
            return True
        _log.info("A state of %d bytes is not kept: %d are allowed, %d free.", size_bytes, self._budget_bytes, free)
        return False

    def _make_room(self, size_bytes: int, *, besides: str) -> None:
        """Remove what was not used for longest until `size_bytes` more fit. Passes over the conversation `besides`."""
        files = [file for file in files_in(self._folder) if file.conversation != besides]
        excess = sum(file.size_bytes for file in files) + size_bytes - self._budget_bytes
        for file in sorted(files, key=lambda file: file.used_ns):
            if excess > 0 and file.stage is Stage.KEPT:
                _remove(file.path)
                excess -= file.size_bytes

    def _remove_others(self, conversation: str, kept: Path) -> None:
        for file in files_in(self._folder):
            if file.conversation == conversation and file.stage is Stage.KEPT and file.path != kept:
                _remove(file.path)

    def _found(self, conversation: str) -> tuple[Path, StateKey]:
        """Tell where the state of `conversation` is, if there is one, and what it must belong to."""
        kept = self._kept_path(conversation)
        if self._before is not None and not kept.exists():
            earlier = self._folder / kept_name(conversation, self._before.digest)
            if earlier.exists():
                return earlier, self._before
        return kept, self._key

    def _kept_path(self, conversation: str) -> Path:
        return self._folder / kept_name(conversation, self._digest)

    def _own_path(self, conversation: str, stage: Stage) -> Path:
        return self._folder / self._owner.own_name(conversation, self._digest, stage)


@contextmanager
def _open_regular(path: Path, limit_bytes: int) -> Generator[BufferedReader]:
    """Open a file that is one (a pipe would be waited for) and that may be as large as it is."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit_bytes:
        raise DamagedStateError("It is no file, or larger than all states together may be.")
    with path.open("rb") as file:
        yield file


@contextmanager
def _removed_in_the_end(new: Path) -> Generator[None]:
    """Whatever still has the name `new` in the end is worth nothing."""
    try:
        yield
    finally:
        new.unlink(missing_ok=True)


def _put_back(aside: Path, kept: Path) -> None:
    try:
        os.utime(aside)
        aside.replace(kept)
    except FileNotFoundError:
        _log.info("The state %s was removed meanwhile.", kept.name)
    except OSError as error:
        _log.warning("The state %s could not be put back: %s", kept.name, error)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("The state %s could not be removed: %s", path.name, error)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)
