"""The queue of downloads: so many at a time, in an order, over restarts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
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
from app.models.download.errors import NoRoomError
from app.models.download.fetch import FetchedFile, Notice, Progress, discard_part
from app.models.download.job import Means
from app.models.download.part_file import part_path
from app.models.download.part_notes import noted_bytes
from app.models.download.run import Outcome, Run, Stopped
from app.models.download.safe_name import place_in
from app.models.download.showing import Showing
from app.models.download.wanted import WantedFile
from app.network.errors import GateClosedError
from app.private_file import PrivateFileError

_CLOSE_S: Final = 5.0
_log = logging.getLogger(__name__)


class NoSuchDownloadError(PaddockError):
    """A download that is not there, or is no longer."""

    fault = Fault.USER


class DownloadQueue:
    """Downloads into `folder`, kept in the file `listed`. Any thread may ask; nothing begins before it is resumed.

    `report` is called on whatever thread something happened on, while nothing else can happen: it hands on, and does
    not wait. Raises `PrivateFileError` where the list cannot be written, `NoSuchDownloadError` for an unknown id.
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
        self._folder = folder
        self._means = means
        self._files_at_a_time = files_at_a_time
        self._report = report
        self._lock = threading.RLock()
        self._downloads: dict[str, Download] = {}
        """In their order."""
        self._runs: dict[str, Run] = {}
        """Those that have a thread; one that was stopped has it for a little longer."""
        self._showings: dict[str, Showing] = {}
        self._is_closed = False
        self.set_aside: Path | None = None
        """What a damaged list is called now."""
        self.look_again()

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All of them, in their order, those that finished in this run of the program included."""
        with self._lock:
            return tuple(self._downloads.values())

    def add(self, wanted: WantedFile) -> Download:
        """Put a file at the end; one that is there already goes on."""
        with self._lock:
            known = next((each for each in self._downloads.values() if _is_unfinished(each, wanted.name)), None)
            if known:
                self.resume(known.id)
                return self._downloads[known.id]
            new = Download(str(uuid_utils.uuid7()), wanted, DownloadState.WAITING, size_bytes=wanted.size_bytes)
            self._keep(lambda listed: (*listed, ListedDownload(new.id, wanted)))
            self._set(new)
            self._start()
            return self._downloads[new.id]

    def pause(self, id_: str) -> None:
        """Let it rest until it is resumed; what came is kept."""
        with self._lock:
            download = self._find(id_)
            if download.state not in {DownloadState.FINISHED, DownloadState.PAUSED}:
                self._mark(id_, is_paused=True)
                self._set(_at_rest(download, DownloadState.PAUSED))
                self._stop(id_)
                self._start()

    def resume(self, id_: str) -> None:
        """Go on with it, when its turn comes."""
        with self._lock:
            download = self._find(id_)
            if download.state not in {DownloadState.FINISHED, DownloadState.RUNNING, DownloadState.WAITING}:
                self._mark(id_, is_paused=False)
                self._set(_at_rest(download, DownloadState.WAITING))
                self._start()

    def resume_interrupted(self) -> None:
        """Go on with all that the end of Paddock interrupted."""
        with self._lock:
            for download in self.downloads:
                if download.state is DownloadState.INTERRUPTED:
                    self.resume(download.id)

    def cancel(self, id_: str) -> None:
        """Forget it, and throw away what came. A finished file stays: only its line goes."""
        with self._lock:
            download = self._find(id_)
            self._keep(lambda listed: tuple(each for each in listed if each.id != id_))
            self._remove(id_)
            if download.state is not DownloadState.FINISHED:
                self._stop(id_)
                if id_ not in self._runs:
                    self._discard(download)
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
            for download in self.downloads:
                is_at_rest = download.state is not DownloadState.FINISHED and download.id not in self._runs
                if download.id not in ids and is_at_rest:
                    self._remove(download.id)
            for each in listed:
                if each.id not in self._downloads:
                    self._set(self._from_list(each))

    def close(self) -> None:
        """Stop all; they go on in another run of the program. Waits a little for them."""
        with self._lock:
            self._is_closed = True
            runs = list(self._runs.values())
        for run in runs:
            run.stop()
        for run in runs:
            run.join(_CLOSE_S)

    def _start(self) -> None:
        """Begin those whose turn it is. The caller holds the lock."""
        free = max(1, self._files_at_a_time()) - sum(
            each.state is DownloadState.RUNNING for each in self._downloads.values()
        )
        waiting = [each for each in self.downloads if each.state is DownloadState.WAITING and each.id not in self._runs]
        for download in waiting[: max(0, free)]:
            if self._is_closed:
                return
            id_ = download.id
            heard, ended = partial(self._heard, id_), partial(self._ended, download)
            self._runs[id_] = Run(download.wanted, self._folder, self._means, heard, ended)
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
            elif isinstance(outcome, FetchedFile):
                self._finish(download, outcome)
            elif not isinstance(outcome, Stopped) and download.state is DownloadState.RUNNING:
                rests = isinstance(outcome, (NoRoomError, GateClosedError))
                state = DownloadState.PAUSED if rests else DownloadState.FAILED
                self._set(replace(_at_rest(download, state), trouble=outcome))
            if not self._is_closed:
                self._start()

    def _finish(self, download: Download, fetched: FetchedFile) -> None:
        try:
            self._keep(lambda listed: tuple(each for each in listed if each.id != download.id))
        except PrivateFileError as error:  # the file is there; the next run of the program finds it so
            _log.warning("A finished download stays in the list: %s", error)
        size_bytes = fetched.path.stat().st_size
        done = replace(_at_rest(download, DownloadState.FINISHED), path=fetched.path, sha256=fetched.sha256)
        self._set(replace(done, received_bytes=size_bytes, size_bytes=size_bytes))

    def _discard(self, download: Download) -> None:
        try:
            discard_part(place_in(self._folder, download.wanted.name))
        except PaddockError as error:
            _log.warning("What came of a cancelled download stays: %s", error)

    def _from_list(self, listed: ListedDownload) -> Download:
        received = noted_bytes(part_path(self._folder / listed.wanted.name))
        state = DownloadState.PAUSED if listed.is_paused else DownloadState.INTERRUPTED
        return Download(listed.id, listed.wanted, state, received, listed.wanted.size_bytes)

    def _mark(self, id_: str, *, is_paused: bool) -> None:
        self._keep(lambda all_: tuple(replace(each, is_paused=is_paused) if each.id == id_ else each for each in all_))

    def _keep(self, change: Callable[[Listed], Listed]) -> None:
        self._list.change(change)

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


def _is_unfinished(download: Download, name: str) -> bool:
    return download.wanted.name == name and download.state is not DownloadState.FINISHED


def _at_rest(download: Download, state: DownloadState) -> Download:
    return replace(download, state=state, bytes_per_s=0.0, remaining_s=None, is_mending=False, notice="", trouble=None)


def _place(ids: list[str], id_: str) -> int:
    """Where an id stands; those of another Paddock come behind."""
    return ids.index(id_) if id_ in ids else len(ids)
