"""How a row of the sidebar is painted, and how its title is edited in place."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from app.conversation import SearchHit
from app.translation import tr
from app.ui.sidebar.conversation_list_model import ENTRY_ROLE, REPLYING_ROLE, Heading
from app.ui.theme import TextRole, Theme
from app.ui.title_line import paint_title

_ROW_HEIGHT: Final = 29
_HIT_HEIGHT: Final = 50
_RADIUS: Final = 8
_PADDING: Final = 8
_DOT: Final = 6
_SELECTED_WEIGHT: Final = 550
_HEADING_DROP: Final = 3
"""Headings stand nearer to the rows they name than to the rows above."""


class RowDelegate(QStyledItemDelegate):
    """All rows of one list have the same height, so that ten thousand of them are laid out at once."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rings_current = False
        """Whether the keyboard is in the list, and the row it is on must be seen."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, _HIT_HEIGHT if isinstance(index.data(ENTRY_ROLE), SearchHit) else _ROW_HEIGHT)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - the stubs miss the option's fields
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue] - the same
        entry = index.data(ENTRY_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(entry, Heading):
            self._paint_heading(painter, rect, entry.text)
        else:
            self._paint_ground(painter, rect, state)
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            if index.data(REPLYING_ROLE):
                rect = self._paint_dot(painter, rect)
            self._paint_words(painter, rect, entry, chosen=chosen)
        painter.restore()

    @override
    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("rename_field")
        editor.setAccessibleName(tr("New title"))
        editor.setFont(self._theme.font(TextRole.ROW))
        editor.setStyleSheet("padding: 0 6px; min-height: 0;")
        return editor

    @override
    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        editor.setGeometry(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - the stubs miss the option's fields

    def _paint_heading(self, painter: QPainter, rect: QRect, text: str) -> None:
        painter.setFont(self._theme.font(TextRole.BADGE, weight=600))
        painter.setPen(self._theme.color("text_3"))
        line = rect.adjusted(_PADDING, _HEADING_DROP, -_PADDING, 0)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, text)

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(self._theme.color("accent_soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._theme.color("hover"))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect), _RADIUS, _RADIUS)
        if self.rings_current and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), _RADIUS - 1, _RADIUS - 1)

    def _paint_dot(self, painter: QPainter, rect: QRect) -> QRect:
        """Mark a row whose conversation is being written; give what is left of it for the words."""
        words = rect.adjusted(0, 0, -_DOT - _PADDING, 0)
        place = QRectF(rect.right() + 1 - _PADDING - _DOT, rect.center().y() + 0.5 - _DOT / 2, _DOT, _DOT)
        is_mirrored = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
        if is_mirrored:
            words.moveRight(rect.right())
            place.moveLeft(rect.left() + _PADDING)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawEllipse(place)
        return words

    def _paint_words(self, painter: QPainter, rect: QRect, entry: object, *, chosen: bool) -> None:
        line = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        if isinstance(entry, SearchHit):
            title, snippet = line.adjusted(0, 6, 0, -25), line.adjusted(0, 26, 0, -6)
            self._paint_line(painter, title, entry.title, _SELECTED_WEIGHT if chosen else None)
            painter.setFont(self._theme.font(TextRole.SMALL))
            painter.setPen(self._theme.color("text_2"))
            paint_title(painter, snippet, " ".join(entry.snippet.split()))
        else:
            self._paint_line(painter, line, getattr(entry, "title", ""), _SELECTED_WEIGHT if chosen else None)

    def _paint_line(self, painter: QPainter, line: QRect, text: str, weight: int | None) -> None:
        painter.setFont(self._theme.font(TextRole.ROW, weight=weight))
        painter.setPen(self._theme.color("text"))
        paint_title(painter, line, text)
