"""The button that copies something, and says for a moment that it did."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.transcript.surroundings import Surroundings

_CONFIRMED_MS: Final = 1500
_SIZE: Final = 28


class CopyButton(IconButton):
    """An icon button whose drawing is a check mark for a moment after a click."""

    def __init__(self, name: str, surroundings: Surroundings, parent: QWidget, *, icon_size: int = 15) -> None:
        super().__init__(
            "copy", name, surroundings.theme, surroundings.icons, size=_SIZE, icon_size=icon_size, parent=parent
        )
        self._name = name
        self._back = QTimer(self, singleShot=True, interval=_CONFIRMED_MS)
        self._back.timeout.connect(self.reset)
        self.clicked.connect(self._confirm)

    def reset(self) -> None:
        """Offer to copy again."""
        self._back.stop()
        self.set_drawing("copy")
        self.set_name(self._name)

    def _confirm(self) -> None:
        self.set_drawing("check")
        self.set_name(tr("Copied"))
        self._back.start()
