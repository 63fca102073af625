"""Keeps an eye on the files of models: those that go, change or come back; at the first start, all that are here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import PaddockError
from app.models.adoption import FirstLook
from app.models.changes import Changes
from app.models.installed import InstalledModel
from app.translation import tr, trn
from app.ui.notice import NoticeAction
from app.ui.presenters.desk import Desk

_LOOK_EVERY_MS: Final = 4000
_log = logging.getLogger(__name__)


class ModelWatch(QObject):
    """Looks off the GUI thread, and says what it saw."""

    changed = Signal()
    """What is known of the models is not what it was."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self._library = desk.parts.models
        self._is_looking = False
        self._clock = QTimer(self, interval=_LOOK_EVERY_MS)
        self._clock.timeout.connect(self.look)
        self._clock.start()
        QTimer.singleShot(0, self, self._begin)  # behind the window's first picture

    def look(self) -> None:
        """Ask the disk what became of the files. One look at a time: a disk may take long to wake up."""
        if not self._is_looking:
            self._is_looking = True
            self._desk.background.run(self._library.look, self._looked, self._not_looked)

    def used(self, model_id: str) -> None:
        """Remember that the model was asked for a reply just now."""
        at = datetime.now(UTC)
        self._desk.background.run(lambda: self._library.used(model_id, at), lambda _: None)

    def _begin(self) -> None:
        self.look()
        self._desk.background.run(self._library.first_look, self._looked_around)

    def _looked(self, changes: Changes) -> None:
        self._is_looking = False
        for sentence in _sentences(changes):
            self._desk.notices.say(sentence)
        if changes.is_any:
            self.changed.emit()

    def _not_looked(self, error: PaddockError) -> None:
        """Whoever needs the list is told so; here it is only looked at again."""
        self._is_looking = False
        _log.warning("%s (%s)", error, error.details)

    def _looked_around(self, seen: FirstLook) -> None:
        if seen.found:
            use = NoticeAction(tr("Use them"), lambda: self._adopt(seen))
            self._desk.window.notice.ask(seen.sentence, seen.next_step, use, NoticeAction(tr("Not now"), self._leave))
        elif seen.is_first:
            self._remember()

    def _adopt(self, seen: FirstLook) -> None:
        self._desk.window.notice.clear()
        self._desk.background.run(lambda: self._library.adopt(seen.found), self._adopted, self._desk.notices.show)
        self._remember()

    def _adopted(self, models: Sequence[InstalledModel]) -> None:
        self._desk.notices.say(
            trn(
                "{count:,} model can be used now. Its file stays where it is.",
                "{count:,} models can be used now. Their files stay where they are.",
                len(models),
            )
        )
        self.changed.emit()

    def _leave(self) -> None:
        self._desk.window.notice.clear()
        self._remember()

    def _remember(self) -> None:
        """It has been said, and is not said again."""
        self._desk.background.run(self._library.end_first_look, lambda _: None)


def _sentences(changes: Changes) -> list[str]:
    """What is said of changes; the worst comes first, since only one is shown."""
    said: list[str] = []
    if changes.gone:
        names = _names(changes.gone)
        said.append(
            trn("The file of {names} is gone.", "The files of {names} are gone.", len(changes.gone), names=names)
        )
    if changes.changed:
        names = _names(changes.changed)
        said.append(
            trn(
                "The file of {names} is not the one that was added.",
                "The files of {names} are not those that were added.",
                len(changes.changed),
                names=names,
            )
        )
    if changes.back:
        names = _names(changes.back)
        said.append(
            trn("The file of {names} is back.", "The files of {names} are back.", len(changes.back), names=names)
        )
    return said


def _names(models: Sequence[InstalledModel]) -> str:
    return ", ".join(model.name for model in models)
