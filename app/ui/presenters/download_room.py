"""Goes on with downloads that were stopped by a full disk, once there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer

from app.models.download.disk_room import DiskRoom
from app.models.download.download import DownloadState
from app.models.download.errors import NoRoomError
from app.models.download.model_download import ModelDownload

LOOK_EVERY_MS: Final = 30_000


class DownloadRoom(QObject):
    """Looks every half minute, and only while something waits for room."""

    def __init__(self, folder: Path, room: DiskRoom, resume: Callable[[ModelDownload], None], parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder
        self._room = room
        self._resume = resume
        self._models: Sequence[ModelDownload] = ()
        self._clock = QTimer(self, interval=LOOK_EVERY_MS)
        self._clock.timeout.connect(self.look)

    @property
    def is_looking(self) -> bool:
        """Whether something waits for room."""
        return self._clock.isActive()

    def follow(self, models: Sequence[ModelDownload]) -> None:
        """Learn how the downloads are now."""
        self._models = models
        if not any(_waits_for_room(model) for model in models):
            self._clock.stop()
        elif not self._clock.isActive():
            self._clock.start()

    def look(self) -> None:
        """Go on with as many, from the first on, as there is room for beside those that run."""
        missing_bytes = sum(_missing_bytes(model) for model in self._models if model.state is DownloadState.RUNNING)
        for model in filter(_waits_for_room, self._models):
            missing_bytes += _missing_bytes(model)
            try:
                self._room.check(self._folder / model.model_name, missing_bytes)
            except NoRoomError:
                return
            self._resume(model)


def _waits_for_room(model: ModelDownload) -> bool:
    return model.state is DownloadState.PAUSED and isinstance(model.trouble, NoRoomError)


def _missing_bytes(model: ModelDownload) -> int:
    return max(0, model.size_bytes - model.received_bytes)
