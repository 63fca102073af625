"""The title of the open conversation, which becomes a field when it is clicked."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole, Theme
from app.ui.title_line import paint_title

_WEIGHT: Final = 600
_HEIGHT: Final = 30
_PADDING: Final = 8
_WIDEST: Final = 480


class TitleField(QLineEdit):
    """Reads like a heading. A click, F2 or Enter edits it; Enter keeps the new title, Escape the old one."""

    renamed = Signal(str)
    """The new title, never empty and never the one it was."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = ""
        self._has_ring = False
        self.setObjectName("title_field")
        self.setAccessibleName(tr("Title"))
        self.setReadOnly(True)
        self.setFrame(False)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._restyle()
        theme.changed.connect(self._restyle)

    def set_title(self, title: str) -> None:
        """Show `title`; one that is being edited is not disturbed."""
        self._title = title
        self.setVisible(bool(title))
        if self.isReadOnly():
            self.setText(title)
            self.setCursorPosition(0)
        self.updateGeometry()

    def edit_title(self) -> None:
        """Begin to edit, with all of it selected."""
        if self._title:
            self.setReadOnly(False)
            self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.selectAll()
            self._restyle()

    @override
    def sizeHint(self) -> QSize:
        words = QFontMetrics(self.font()).horizontalAdvance(self._title if self.isReadOnly() else self.text())
        least = 0 if self.isReadOnly() else 240
        return QSize(max(least, min(_WIDEST, words + 2 * _PADDING + 8)), _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(60, _HEIGHT)

    @override
    def event(self, event: QEvent) -> bool:
        editing = event.type() == QEvent.Type.ShortcutOverride and not self.isReadOnly()
        if editing and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # else the window's Escape would stop the reply instead
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.isReadOnly() and (enter or event.key() == Qt.Key.Key_F2):
            self.edit_title()
        elif not self.isReadOnly() and enter:
            self._finish(self.text().strip())
        elif not self.isReadOnly() and event.key() == Qt.Key.Key_Escape:
            self._finish(self._title)
        else:
            super().keyPressEvent(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly() and event.button() == Qt.MouseButton.LeftButton:
            self.edit_title()
        else:
            super().mousePressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._has_ring = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._has_ring = False
        left_for_good = event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if not self.isReadOnly() and left_for_good:
            self._finish(self.text().strip())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isReadOnly():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        if self.underMouse() or self._has_ring:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._theme.color("accent") if self._has_ring else Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("hover"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
        painter.setFont(self.font())
        painter.setPen(self._theme.color("text"))
        line = self.rect().adjusted(_PADDING, 0, -_PADDING, 0)
        paint_title(painter, line, self._title)
        painter.end()

    def _finish(self, title: str) -> None:
        self.setReadOnly(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.deselect()
        self._restyle()
        if title and title != self._title:
            self._title = title  # shown at once; `set_title` follows when it is saved
            self.renamed.emit(title)
        self.set_title(self._title)
        self.clearFocus()

    def _restyle(self) -> None:
        font = self._theme.font(TextRole.HEADING_3, weight=_WEIGHT)
        font.setPixelSize(14)
        self.setFont(font)
        self.setCursor(Qt.CursorShape.ArrowCursor if self.isReadOnly() else Qt.CursorShape.IBeamCursor)
        self.setStyleSheet(f"padding: 0 {_PADDING - 3}px; min-height: 0;")
        self.updateGeometry()
        self.update()
