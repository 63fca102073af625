"""A small field for how strongly something counts: a number from 0 to a limit, which the arrow keys change too."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from app.ui.theme import TextRole, Theme

_WIDTH: Final = 64
_STEP: Final = 0.1
_DIGITS: Final = 2


class ScaleField(QLineEdit):
    """Takes what it can be; in place of anything else it shows its value again, and says so."""

    scaled = Signal(float)
    refused = Signal(float)
    """Something else was typed; this value stays."""

    def __init__(self, value: float, most: float, theme: Theme) -> None:
        """Show `value`, which may be from 0 to `most`."""
        super().__init__()
        self._value = value
        self._most = most
        self.setFont(theme.font(TextRole.ROW))
        self.setFixedWidth(_WIDTH)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._show()
        self.editingFinished.connect(self._take)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: _STEP, Qt.Key.Key_Down: -_STEP}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._set(self._value + step)

    def _take(self) -> None:
        wanted = _number(self.text())
        if 0 <= wanted <= self._most:
            self._set(wanted)
        else:
            self._show()
            self.refused.emit(self._value)

    def _set(self, wanted: float) -> None:
        value = round(min(max(wanted, 0.0), self._most), _DIGITS)
        is_new, self._value = value != self._value, value
        self._show()
        if is_new:
            self.scaled.emit(value)

    def _show(self) -> None:
        self.setText(f"{self._value:g}")


def _number(typed: str) -> float:
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return math.nan  # in no range
