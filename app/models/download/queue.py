"""The queue of downloads: so many at a time, in an order, over restarts."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import uuid_utils

from app.errors import Fault, PaddockError
from app.models.download.download import (
    Download,
    DownloadChanged,
    DownloadEvent,
    DownloadRemoved,
    DownloadState,
    OrderChanged,
)
from app.models.download.download_list import DownloadList, Listed, ListedDownload
from app.models.download.errors import InUseError, NoRoomError
from app.models.download.fetch import FetchedFile, Notice, Progress, discard_part
from app.models.download.job import Means
from app.models.download.part_file import is_being_written, part_path
from app.models.download.part_notes import noted_bytes
from app.models.download.run import Outcome, Run, Stopped
from app.models.download.safe_name import place_in
from app.models.download.showing import Showing
from app.models.download.stop import StoppedError
from app.models.download.wanted import WantedFile
from app.models.download.whole_files import whole_file
from app.models.hashes import ReportFraction
from app.models.hub_patience import never
from app.network.errors import GateClosedError
from app.private_file import PrivateFileError
from app.translation import told

_CLOSE_S: Final = 1.5
"""For all of them together: one that waits for a hub to answer ends with the process, and loses nothing."""
_AT_REST: Final = frozenset({DownloadState.PAUSED, DownloadState.INTERRUPTED})
_log = logging.getLogger(__name__)


class NoSuchDownloadError(PaddockError):
    """A download that is not there, or is no longer."""

    fault = Fault.USER


class FailedBeforeError(PaddockError):
    """Why a download failed in another run of the program, as it was said then."""

    fault = Fault.FILE


class DownloadQueue:
    """Downloads into `folder`, kept in the file `listed`. Any thread may ask; nothing begins before it is resumed.

    A file that has come is kept in the list until it is `settled`: all of its model is here then, and in the library.
    `report` is called on whatever thread something happened on, while nothing else can happen: it hands on, and does
    not wait. Raises `PrivateFileError` where the list cannot be written, `NoSuchDownloadError` for an unknown id; to
    pause and to cancel goes without the list, for both make room on a disk that is full.
    """

    def __init__(
        self,
        listed: Path,
        folder: Path,
        means: Means,
        files_at_a_time: Callable[[], int],
        report: Callable[[DownloadEvent], None],
    ) -> None:
        self._list = DownloadList(listed)
        self.folder = folder
        self._means = means
        self._files_at_a_time = files_at_a_time
        self._report = report
        self._lock = threading.RLock()
        self._downloads: dict[str, Download] = {}
        """In their order."""
        self._runs: dict[str, Run] = {}
        """Those that have a thread; one that was stopped has it for a little longer."""
        self._showings: dict[str, Showing] = {}
        self._cancelled: set[str] = set()
        """Those that may be in the file still, where it could not be written; they go with the next change of it."""
        self._is_closed = False
        self.set_aside: Path | None = None
        """What a damaged list is called now."""
        self.look_again()

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All of them, in their order, those that were settled in this run of the program included."""
        with self._lock:
            return tuple(self._downloads.values())

    def add(self, *wanted: WantedFile) -> tuple[Download, ...]:
        """Put the files of a model at the end, all or none; those that are there already go on.

        Raises `InUseError` where another Paddock is at one of them.
        """
        names = {each.name for each in wanted}
        with self._lock:
            self._check_is_ours(wanted)
            same = [each for each in self.downloads if each.wanted.name in names]
            known = {each.wanted.name for each in same if not _is_over(each)}
            over = {each.id for each in same if _is_over(each)}
            new = [ListedDownload(str(uuid_utils.uuid7()), each) for each in wanted if each.name not in known]
            self._keep(lambda listed: (*(each for each in listed if each.id not in over), *new))
            for id_ in over:
                self._remove(id_)
            for each in new:
                size_bytes = each.wanted.size_bytes
                self._set(Download(each.id, each.wanted, DownloadState.WAITING, size_bytes=size_bytes))
            self._start()
            added = tuple(each for each in self.downloads if each.wanted.name in names)
            for each in added:
                self.resume(each.id)
            return tuple(self._downloads[each.id] for each in added)

    def pause(self, id_: str) -> None:
        """Let it rest until it is resumed; what came is kept."""
        with self._lock:
            download = self._find(id_)
            if download.state not in {DownloadState.FINISHED, DownloadState.PAUSED}:
                self._stop(id_)
                paused = _at_rest(download, DownloadState.PAUSED)
                try:
                    self._change(id_, lambda listed: replace(listed, is_paused=True))
                except PrivateFileError as error:  # it rests all the same: on a full disk, that is what helps
                    _log.warning("A paused download is not listed as one: %s", error)
                    paused = replace(paused, trouble=error)
                self._set(paused)
                self._start()

    def resume(self, id_: str) -> None:
        """Go on with it, when its turn comes."""
        with self._lock:
            download = self._find(id_)
            if download.state not in {DownloadState.FINISHED, DownloadState.RUNNING, DownloadState.WAITING}:
                self._change(id_, lambda listed: replace(listed, is_paused=False, trouble=""))
                self._set(_at_rest(download, DownloadState.WAITING))
                self._start()

    def cancel(self, id_: str) -> None:
        """Forget it, and throw away what came. A finished file stays: only its line goes."""
        with self._lock:
            download = self._find(id_)
            self._cancelled.add(id_)
            self._remove(id_)
            if download.state is not DownloadState.FINISHED:
                self._stop(id_)
                if id_ not in self._runs:
                    self._discard(download)
            self._keep_without_cancelled()
            self._start()

    def move(self, id_: str, place: int) -> None:
        """Put it at `place` in the order, 0 for the first."""
        with self._lock:
            self._find(id_)
            ids = [each for each in self._downloads if each != id_]
            ids.insert(max(0, place), id_)
            self._keep(lambda listed: tuple(sorted(listed, key=lambda each: _place(ids, each.id))))
            self._downloads = {each: self._downloads[each] for each in ids}
            self._report(OrderChanged(tuple(ids)))
            self._start()

    def settled(self, ids: Collection[str], shown_as: str = "") -> None:
        """Forget the finished files `ids` in the next run: the library has them, under this name, or refused them."""
        with self._lock:
            try:
                self._keep(lambda listed: tuple(each for each in listed if each.id not in ids))
            except PrivateFileError as error:  # the next run of the program asks the library once more
                _log.warning("A model that is in the library stays in the list of downloads: %s", error)
            for each in self.downloads:
                if each.id in ids:
                    wanted = replace(each.wanted, shown_as=shown_as or each.wanted.shown_as)
                    self._set(replace(each, wanted=wanted, is_settled=True))

    def recognise(self, is_stopped: Callable[[], bool] = never) -> None:
        """Take for finished what lies whole and right under its name: the last run ended before it could note so.

        Reads such a file, which takes its time, until `is_stopped`: then the next run takes it.
        """

        def go_on(_fraction: float) -> None:
            if is_stopped():
                raise StoppedError

        for each in self.downloads:
            try:
                found = self._whole_file(each, go_on)
            except StoppedError:
                return
            with self._lock:
                if found is not None and self._downloads.get(each.id) == each:
                    self._finish(each, found)

    def limits_changed(self) -> None:
        """Feel a change of the settings at once: begin more files, or let the last ones wait."""
        with self._lock:
            running = [each for each in self._downloads.values() if each.state is DownloadState.RUNNING]
            for download in running[max(1, self._files_at_a_time()) :]:
                self._set(_at_rest(download, DownloadState.WAITING))
                self._stop(download.id)
            self._start()

    def look_again(self) -> None:
        """Read the list: another Paddock may have added to it, or ended what it had."""
        listed, set_aside = self._list.read()
        with self._lock:
            self.set_aside = set_aside or self.set_aside
            ids = {each.id for each in listed}
            finished = {each.id for each in self.downloads if each.state is DownloadState.FINISHED}
            at_rest = self._downloads.keys() - self._runs.keys() - finished
            for id_ in at_rest - ids:
                self._remove(id_)
            for each in listed:
                is_new = each.id not in self._downloads and each.id not in self._cancelled
                if is_new or (each.sha256 and each.id in at_rest):
                    self._set(self._from_list(each))

    def close(self) -> None:
        """Stop all; they go on in another run of the program. Waits a little for them."""
        with self._lock:
            self._is_closed = True
            runs = list(self._runs.values())
        for run in runs:
            run.stop()
        deadline = time.monotonic() + _CLOSE_S
        for run in runs:
            run.join(max(0.0, deadline - time.monotonic()))

    def _start(self) -> None:
        """Begin those whose turn it is. The caller holds the lock."""
        free = max(1, self._files_at_a_time()) - sum(
            each.state is DownloadState.RUNNING for each in self._downloads.values()
        )
        at_work = {run.wanted.name for run in self._runs.values()}
        waiting = [
            each for each in self.downloads if each.state is DownloadState.WAITING and each.wanted.name not in at_work
        ]
        for download in waiting[: max(0, free)]:
            if self._is_closed:
                return
            id_ = download.id
            heard, ended = partial(self._heard, id_), partial(self._ended, download)
            self._runs[id_] = Run(download.wanted, self.folder, self._means, heard, ended)
            self._showings[id_] = Showing()
            self._set(replace(download, state=DownloadState.RUNNING))
            self._runs[id_].start()

    def _heard(self, id_: str, said: Progress | Notice) -> None:
        with self._lock:
            download = self._downloads.get(id_)
            if download is None or download.state is not DownloadState.RUNNING:
                return
            shown = self._showings[id_].after(download, said, self._means.clock.now())
            if shown != download:
                self._set(shown)

    def _ended(self, begun: Download, outcome: Outcome) -> None:
        """Learn how a run ended, on its thread."""
        with self._lock:
            del self._runs[begun.id], self._showings[begun.id]
            download = self._downloads.get(begun.id)
            if download is None:
                self._discard(begun)
                self._keep_without_cancelled()  # there is room for it now
            elif isinstance(outcome, FetchedFile):
                self._finish(download, outcome)
            elif not isinstance(outcome, Stopped) and download.state is DownloadState.RUNNING:
                rests = isinstance(outcome, (NoRoomError, GateClosedError))
                state = DownloadState.PAUSED if rests else DownloadState.FAILED
                if not rests and not isinstance(outcome, InUseError):  # the other Paddock may well succeed
                    self._keep_trouble(begun.id, told(outcome))
                self._set(replace(_at_rest(download, state), trouble=outcome))
            if not self._is_closed:
                self._start()

    def _finish(self, download: Download, fetched: FetchedFile) -> None:
        try:
            self._change(download.id, lambda listed: replace(listed, sha256=fetched.sha256))
        except PrivateFileError as error:  # the file is there; the next run of the program recognises it
            _log.warning("A finished download is not listed as one: %s", error)
        self._set(_finished(download, fetched))

    def _keep_trouble(self, id_: str, sentence: str) -> None:
        try:
            self._change(id_, lambda listed: replace(listed, trouble=sentence))
        except PrivateFileError as error:  # the next run of the program takes it for interrupted
            _log.warning("A failed download is not listed as one: %s", error)

    def _discard(self, download: Download) -> None:
        try:
            discard_part(place_in(self.folder, download.wanted.name))
        except PaddockError as error:
            _log.warning("What came of a cancelled download stays: %s", error)

    def _from_list(self, listed: ListedDownload) -> Download:
        path = self.folder / listed.wanted.name
        state = DownloadState.PAUSED if listed.is_paused else DownloadState.INTERRUPTED
        known = Download(listed.id, listed.wanted, state, noted_bytes(part_path(path)), listed.wanted.size_bytes)
        if listed.trouble and not listed.is_paused:
            trouble = FailedBeforeError("{sentence}", sentence=listed.trouble)
            known = replace(known, state=DownloadState.FAILED, trouble=trouble)
        is_finished = listed.sha256 and path.is_file()  # else somebody has taken it away since
        return _finished(known, FetchedFile(path, listed.sha256)) if is_finished else known

    def _check_is_ours(self, wanted: Iterable[WantedFile]) -> None:
        at_work = {run.wanted.name for run in self._runs.values()}
        for each in wanted:
            if each.name not in at_work and is_being_written(place_in(self.folder, each.name)):
                raise InUseError(
                    "{name} is being downloaded by another Paddock.",
                    next_step="Let it finish there, or stop it there.",
                    name=each.shown_as,
                )

    def _whole_file(self, download: Download, report: ReportFraction) -> FetchedFile | None:
        if download.state not in _AT_REST:
            return None
        return whole_file(download.wanted, self.folder, self._means.hashes, report)

    def _change(self, id_: str, change: Callable[[ListedDownload], ListedDownload]) -> None:
        self._keep(lambda listed: tuple(change(each) if each.id == id_ else each for each in listed))

    def _keep(self, change: Callable[[Listed], Listed]) -> None:
        self._list.change(lambda listed: tuple(each for each in change(listed) if each.id not in self._cancelled))
        self._cancelled.clear()

    def _keep_without_cancelled(self) -> None:
        if not self._cancelled:
            return
        try:
            self._keep(lambda listed: listed)
        except PrivateFileError as error:
            _log.warning("A cancelled download is in the list still: %s", error)

    def _set(self, download: Download) -> None:
        self._downloads[download.id] = download
        self._report(DownloadChanged(download))

    def _remove(self, id_: str) -> None:
        del self._downloads[id_]
        self._report(DownloadRemoved(id_))

    def _stop(self, id_: str) -> None:
        if id_ in self._runs:
            self._runs[id_].stop()

    def _find(self, id_: str) -> Download:
        if id_ not in self._downloads:
            raise NoSuchDownloadError("There is no such download any more.", next_step="Look at the list of downloads.")
        return self._downloads[id_]


def _is_over(download: Download) -> bool:
    """Whether nothing comes of it any more: it is settled, or its file was taken away before it was."""
    is_finished = download.state is DownloadState.FINISHED
    return is_finished and (download.is_settled or download.path is None or not download.path.is_file())


def _finished(download: Download, fetched: FetchedFile) -> Download:
    size_bytes = fetched.path.stat().st_size
    done = replace(_at_rest(download, DownloadState.FINISHED), path=fetched.path, sha256=fetched.sha256)
    return replace(done, received_bytes=size_bytes, size_bytes=size_bytes)


def _at_rest(download: Download, state: DownloadState) -> Download:
    return replace(download, state=state, bytes_per_s=0.0, remaining_s=None, is_mending=False, notice="", trouble=None)


def _place(ids: list[str], id_: str) -> int:
    """Where an id stands; those of another Paddock come behind."""
    return ids.index(id_) if id_ in ids else len(ids)
