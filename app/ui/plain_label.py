"""A label that never reads its text as markup."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QWidget
from typing_extensions import override

from app.ui.theme import TextRole, Theme


class PlainLabel(QLabel):
    """Words in one role and one colour, which follow the theme. Markup is shown, not obeyed: it could fetch files."""

    def __init__(
        self,
        text: str,
        theme: Theme,
        role: TextRole = TextRole.INTERFACE,
        color: str = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role
        self._color = color
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self._restyle()
        theme.changed.connect(self._restyle)

    def set_color(self, token: str) -> None:
        """Use another token for the words."""
        self._color = token
        self._restyle()

    @override
    def event(self, e: QEvent) -> bool:
        handled = super().event(e)
        if e.type() == QEvent.Type.Polish:
            self._restyle()  # the stylesheet has just put back the colours from before the theme changed
        return handled

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._role))
        palette = self.palette()
        palette.setColor(self.foregroundRole(), self._theme.color(self._color))
        self.setPalette(palette)
