"""What is asked of the queue of downloads: one thing after another, never on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.errors import PaddockError
from app.models.download.download import DownloadState
from app.models.download.model_download import ModelDownload
from app.ui.background import Background
from app.ui.presenters.desk import Desk

if TYPE_CHECKING:
    from app.models.download.leftovers import Leftovers
    from app.models.download.queue import DownloadQueue

T = TypeVar("T")
_AT_REST = frozenset({DownloadState.PAUSED, DownloadState.INTERRUPTED, DownloadState.FAILED})
_AT_WORK = frozenset({DownloadState.RUNNING, DownloadState.WAITING})


class DownloadOrders:
    """Hands on what the user wants of downloads, in the order in which it was wanted. The queue is built by the first.

    Its thread is its own: those of `desk.background` may be waiting for an answer of the hub, or of the user.
    """

    def __init__(self, desk: Desk, failed: Callable[[PaddockError], None]) -> None:
        self._online = desk.parts.online
        self._library = desk.parts.models
        self._folder = desk.parts.paths.models
        self._is_closing = threading.Event()
        self._failed = failed
        self._thread = Background(desk.bridge, threads=1)

    def run(self, work: Callable[[DownloadQueue], T], done: Callable[[T], None] | None = None) -> None:
        """Have `work` done with the queue, then `done` with what it gives, on the GUI thread."""
        self._thread.run(lambda: work(self._online.downloads), done or _be_content, self._failed)

    def recognise(self) -> None:
        """Look what came whole in an earlier run of the program; the end of this one does not wait for that."""
        self.run(lambda queue: queue.recognise(self._is_closing.is_set))

    def pause(self, model: ModelDownload) -> None:
        """Let it rest."""
        self._each(model, _AT_WORK, lambda queue, id_: queue.pause(id_))

    def resume(self, *models: ModelDownload) -> None:
        """Go on with them."""
        for model in models:
            self._each(model, _AT_REST, lambda queue, id_: queue.resume(id_))

    def cancel(self, model: ModelDownload) -> None:
        """Forget it, with all that came of it: a model of which a part is missing is no model.

        A file that another model uses stays, such as a projector that goes with both.
        """

        def cancel(queue: DownloadQueue) -> None:
            used = {path for each in self._library.models() for path in (*each.files, each.projector)}
            for download in queue.downloads:
                if download.id in model.ids:
                    queue.cancel(download.id)
                    if download.path is not None and download.path not in used:
                        _remove(download.path)

        self.run(cancel)

    def forget(self, model: ModelDownload) -> None:
        """Take a finished one out of the list; its file stays."""
        self._each(model, frozenset({DownloadState.FINISHED}), lambda queue, id_: queue.cancel(id_))

    def put_in_order(self, ids: Sequence[str]) -> None:
        """Have those `ids` that are still there stand so; others keep their places behind them."""

        def move(queue: DownloadQueue) -> None:
            there = [download.id for download in queue.downloads]
            wanted = [id_ for id_ in ids if id_ in there]
            for place, id_ in enumerate(wanted):
                if there[place] != id_:
                    queue.move(id_, place)
                    there.remove(id_)
                    there.insert(place, id_)

        self.run(move)

    def look_for_leftovers(self, found: Callable[[Leftovers], None]) -> None:
        """Look what lies about that no download goes on with."""
        from app.models.download.leftovers import find_leftovers  # noqa: PLC0415 - it brings along all that downloads

        self.run(
            lambda queue: find_leftovers(self._folder, {each.wanted.name for each in queue.downloads}),
            found,
        )

    def throw_away(self, leftovers: Leftovers, done: Callable[[], None]) -> None:
        """Remove them for good."""
        from app.models.download.leftovers import throw_away  # noqa: PLC0415 - the same

        self.run(lambda _: throw_away(leftovers), lambda _: done())

    def close(self) -> None:
        """Wait for all that was wanted: what was cancelled just now is not to come back at the next start."""
        self._is_closing.set()
        self._thread.finish()

    def _each(
        self, model: ModelDownload, states: frozenset[DownloadState], act: Callable[[DownloadQueue, str], None]
    ) -> None:
        def act_on_all(queue: DownloadQueue) -> None:
            for download in queue.downloads:
                if download.id in model.ids and download.state in states:
                    act(queue, download.id)

        self.run(act_on_all)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        from app.models.download.errors import trouble_with  # noqa: PLC0415 - seldom wanted, never at a start

        raise trouble_with(path, error) from error


def _be_content(_: object) -> None:
    """Nothing is to be done with it."""
