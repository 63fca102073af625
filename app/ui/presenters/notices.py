"""Says what went wrong where it is seen, and keeps what only a developer wants in the log."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Any

from app.errors import PaddockError
from app.translation import tr
from app.ui.engine_bridge import EngineBridge
from app.ui.notice import Notice, NoticeAction

_log = logging.getLogger(__name__)


class Notices:
    """The plain sentences of errors that belong to no message."""

    def __init__(self, notice: Notice, bridge: EngineBridge) -> None:
        """Show them in `notice`, one at a time."""
        self._notice = notice
        self._bridge = bridge

    def show(self, error: PaddockError, action: NoticeAction | None = None) -> None:
        """Show the error's sentence and its next step, with a button for it if there is one."""
        _log_details(error)
        self._notice.show_error(error, action)

    def report(self, notice: PaddockError) -> None:
        """Show what was met and got over: several of them one after the other, each until it was read."""
        _log_details(notice)
        self._notice.report(notice)

    def say(self, sentence: str) -> None:
        """Say something quietly, for a while; not over something that is more than that."""
        if self._notice.isHidden() or self._notice.is_passing:
            self._notice.show_words(sentence)

    def saving_is_in_trouble(self, trouble: PaddockError | None) -> None:
        """Say that words are held in memory only; with None, that they are safe again."""
        if trouble is not None:
            self.show(trouble)
        else:
            self._notice.show_words(tr("There is room again. Everything is saved."))

    def watch(self, written: Future[Any]) -> None:
        """Show the error of something that is being written, should it fail."""
        written.add_done_callback(lambda future: self._bridge.post(lambda: self._look(future)))

    def _look(self, written: Future[Any]) -> None:
        if written.cancelled():
            return
        error = written.exception()
        if isinstance(error, PaddockError):
            self.show(error)
        elif error is not None:
            _log.error("A write failed unexpectedly", exc_info=error)


def _log_details(error: PaddockError) -> None:
    if error.details:
        _log.warning("%s (%s)", error, error.details)
