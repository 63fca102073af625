"""One file, from the first question to its name in the folder of models: begun, gone on with, checked, mended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from app.errors import PaddockError
from app.models.download.answers import ContentChangedError
from app.models.download.connection import BrokenOffError, RangeIgnoredError
from app.models.download.crew import Crew
from app.models.download.errors import FileChangedError, WrongFileError, in_the_way, trouble_with
from app.models.download.job import Job, Means, Source
from app.models.download.part_file import PartFile
from app.models.download.part_notes import Identity, PartNotes, notes_path
from app.models.download.patience import Patience
from app.models.download.pieces import Pieces
from app.models.download.repair import Repair
from app.models.download.running_hash import RunningHash
from app.models.download.safe_name import place_in
from app.models.download.wanted import WantedFile
from app.models.remote_file import RemoteFile
from app.private_file import PrivateFileError
from app.translation import told_apart, tr

_log = logging.getLogger(__name__)

_MOST_BEGINNINGS: Final = 4
"""Of one file in one go; a server that has another content each time would never end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `is_mending`: all came, and what is damaged is looked for, `received_bytes` far."""

    received_bytes: int
    size_bytes: int
    is_mending: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be said that needs nothing to be done, in the user's language. `is_passing`: until more comes."""

    text: str
    is_passing: bool = False


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file that is whole and right, under its name."""

    path: Path
    sha256: str


Report: TypeAlias = Callable[[Progress | Notice], None]


class FileFetch:
    """Fetches `wanted` into `folder`. Raises `PaddockError`; what came is kept but for `WrongFileError`.

    `report` is called on the thread of `run`, about ten times a second, and on those of connections.
    """

    def __init__(self, wanted: WantedFile, folder: Path, means: Means, report: Report) -> None:
        self._wanted = wanted
        self._folder = folder
        self._means = means
        self._report = report
        self._is_whole = False
        self._has_come_whole = False

    def run(self, stopped: threading.Event) -> FetchedFile:
        """Come back when the file is there; `StoppedError` when `stopped` is set before."""
        target = place_in(self._folder, self._wanted.name)
        if target.exists() and not target.is_file():
            raise in_the_way(target)
        patience = Patience(self._means.clock, self._tell)
        source = patience.insist(lambda: Source(self._wanted, self._means.locate), stopped)
        if here := self._already_here(target, source.file):
            return here
        with closing(PartFile(target)) as part, closing(PartNotes(part.path, _identity(source))) as notes:
            if notes.is_of_another and part.size_bytes:
                self._begin_again(part, notes, source, tr("The file on the hub is a new one, so it is fetched anew."))
            return self._fetch(source, part, notes, stopped)

    def _already_here(self, target: Path, file: RemoteFile) -> FetchedFile | None:
        """The file, if it lies there already, whole and right."""
        if not file.sha256 or not target.is_file() or target.stat().st_size != file.size_bytes:
            return None
        sha256 = self._means.hashes.hash_file(target)
        return FetchedFile(target, sha256) if sha256 == file.sha256.lower() else None

    def _fetch(self, source: Source, part: PartFile, notes: PartNotes, stopped: threading.Event) -> FetchedFile:
        """Fetch it, from the beginning again where the server makes that necessary."""
        error: PaddockError = _ever_changing(source)
        for _ in range(_MOST_BEGINNINGS):
            try:
                return self._attempt(source, part, notes, stopped)
            except ContentChangedError:
                reason = tr("The file changed on the server, so its download began again.")
                source.renew(source.file)
                error = _ever_changing(source)
            except RangeIgnoredError:
                reason = tr("The server gives the file only whole, so its download began again, over one connection.")
                self._is_whole = True
            except BrokenOffError as broken:
                reason = tr("The server gives the file only whole, and it broke off: its download began again.")
                self._is_whole, error = True, broken.error
            except _DamagedError:
                reason = tr("What came was damaged, so the download began again.")
            self._begin_again(part, notes, source, reason)
        raise error

    def _begin_again(self, part: PartFile, notes: PartNotes, source: Source, reason: str) -> None:
        part.wipe()
        notes.start_over(_identity(source))
        self._report(Notice(reason))

    def _attempt(self, source: Source, part: PartFile, notes: PartNotes, stopped: threading.Event) -> FetchedFile:
        """Go on from what is here to the end."""
        size_bytes = source.file.size_bytes
        notes.known.have.remove(part.size_bytes, size_bytes)  # somebody may have shortened it
        pieces = Pieces(size_bytes, notes.known.have)
        self._means.room.check(part.target, size_bytes - pieces.received)
        with self._means.network.client() as client:
            job = Job(source, self._means, client, part, notes, pieces, self._tell)
            job.is_whole = self._is_whole or not source.file.accepts_ranges
            running = RunningHash(part, notes, pieces)
            Crew(job, running, lambda: self._tell_progress(pieces)).work(stopped)
            self._tell_progress(pieces)
            self._check(job, running, stopped)
        part.become_target(size_bytes)
        notes.close()
        _remove_notes(part)
        sha256 = running.hexdigest()
        self._remember(part.target, sha256)
        return FetchedFile(part.target, sha256)

    def _remember(self, path: Path, sha256: str) -> None:
        try:
            self._means.hashes.remember(path, sha256)
        except PrivateFileError as error:  # whoever needs it reads the file
            _log.warning("The hash of a finished download is not kept: %s", error)

    def _check(self, job: Job, running: RunningHash, stopped: threading.Event) -> None:
        """Come back if all is as the hub promises, or could be mended."""
        promised = job.source.file.sha256.lower()
        if not promised or running.hexdigest() == promised:
            return
        if job.is_whole and not self._has_come_whole:
            self._has_come_whole = True
            raise _DamagedError
        if not job.is_whole and self._mend(job, running, stopped):
            return
        _throw_away(job)
        raise WrongFileError(
            "{name} came whole, but it is not the file that the hub promises: its checksum is another one.",
            next_step="What came was thrown away. Try again later; if a mirror is set in the settings, under Network, "
            "try without it.",
            name=self._wanted.shown_as,
        )

    def _mend(self, job: Job, running: RunningHash, stopped: threading.Event) -> bool:
        self._report(Notice(tr("What came is damaged. Its pieces are fetched again until the damage is found.")))
        job.stop.event.clear()
        running.start()
        size_bytes = job.pieces.size_bytes
        return Repair(
            job, running, lambda compared: self._report(Progress(compared, size_bytes, is_mending=True))
        ).work(stopped)

    def _tell_progress(self, pieces: Pieces) -> None:
        self._report(Progress(pieces.received, pieces.size_bytes))

    def _tell(self, error: PaddockError, wait_s: float) -> None:
        sentence = told_apart(error)[0]
        self._report(
            Notice(
                tr("{trouble} Trying again in {seconds} s.", trouble=sentence, seconds=round(wait_s)), is_passing=True
            )
        )


class _DamagedError(Exception):
    """What came in one answer has another sha256 than promised."""


def discard_part(target: Path) -> None:
    """Throw away what came of `target`. Raises `DownloadError`, also where another Paddock is at it."""
    with closing(PartFile(target)) as part:
        part.remove()
        _remove_notes(part)


def _throw_away(job: Job) -> None:
    job.notes.close()
    _remove_notes(job.part)
    job.part.remove()


def _remove_notes(part: PartFile) -> None:
    path = notes_path(part.path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise trouble_with(path, error) from error


def _identity(source: Source) -> Identity:
    remote, file = source.wanted.remote, source.file
    return Identity(remote.repository, file.commit, remote.path, file.size_bytes, file.etag, file.sha256)


def _ever_changing(source: Source) -> FileChangedError:
    return FileChangedError(
        "{name} changes on the server again and again.",
        next_step="Its owner may be uploading it now. Try again later.",
        name=source.wanted.shown_as,
    )
