"""A card in the middle of the window, over a scrim: for a question that needs an answer, or a text to read."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.overlay import Overlay
from app.ui.shadow import BLUR, DROP, paint_card
from app.ui.theme import POPOVER_MS, Theme

_SHADOW: Final = QMargins(BLUR, BLUR, BLUR, BLUR + DROP)
_CLEAR: Final = 32


class Sheet(Overlay):
    """Lies over the whole window until it is answered or Escape is pressed. A click beside it does nothing."""

    def __init__(self, content: QWidget, width: int, theme: Theme) -> None:
        card = QWidget()
        layout = QVBoxLayout(card)
        layout.setContentsMargins(_SHADOW)
        layout.addWidget(content)
        card.setFocusProxy(content)
        super().__init__(card, theme, POPOVER_MS)
        self._inner = content
        self._wished_width = width
        self.dismissed.connect(self.deleteLater)

    @override
    def content_geometry(self) -> QRect:
        width = min(self._wished_width, self.width() - 2 * _CLEAR)
        wished = self._inner.heightForWidth(width) if self._inner.hasHeightForWidth() else -1
        height = wished if wished > 0 else self._inner.sizeHint().height()
        size = QSize(width, min(height, self.height() - 2 * _CLEAR))
        place = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, 0, 0)
        place.setSize(size)
        return place.marginsAdded(_SHADOW)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.tokens.scrim))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        paint_card(painter, self._content.geometry().marginsRemoved(_SHADOW), self._theme)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.end()
