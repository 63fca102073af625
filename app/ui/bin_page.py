"""The bin: deleted conversations, each with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QDate, QLocale, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.conversation import Conversation
from app.translation import tr
from app.ui.card import Card
from app.ui.icons import Icons
from app.ui.page import Page, PageHead, centred
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme
from app.ui.title_line import paint_title

_WIDTH: Final = 888
_ROW_HEIGHT: Final = 56


class BinPage(Page):
    """Shows what was deleted, the last deleted first. Nothing leaves the bin by itself."""

    restore_requested = Signal(str)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._sentence.setWordWrap(True)
        self._card: Card | None = None
        self._head = PageHead(tr("Back"), PlainLabel(tr("Bin"), theme, TextRole.PAGE_TITLE), theme, icons)
        self._head.back.clicked.connect(self.closed)
        self.setObjectName("bin_page")
        self.setAccessibleName(tr("Bin"))
        self.setFocusProxy(self._head.back)
        self._column = self._lay_out()
        theme.changed.connect(self.update)

    def show_conversations(self, deleted: Sequence[Conversation]) -> None:
        """Show these, in place of those before."""
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
        self._card = Card([self._row(conversation) for conversation in deleted], self._theme) if deleted else None
        if self._card is not None:
            self._column.insertWidget(self._column.count() - 1, self._card)
        self._sentence.setText(
            tr("Deleted conversations stay here. They are not searched.")
            if deleted
            else tr("The bin is empty. What you delete comes here first.")
        )

    def _row(self, conversation: Conversation) -> QWidget:
        row = QWidget()
        row.setFixedHeight(_ROW_HEIGHT)
        restore = TextButton(tr("Restore"))
        restore.setAccessibleName(tr("Restore “{title}”", title=conversation.title))
        restore.clicked.connect(lambda: self.restore_requested.emit(conversation.id))
        title = _ElidedTitle(conversation.title, self._theme)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(17, 0, 16, 0)
        layout.setSpacing(16)
        layout.addWidget(title, 1)
        if conversation.deleted_at is not None:
            day = conversation.deleted_at.astimezone()
            when = QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)
            layout.addWidget(PlainLabel(tr("deleted {when}", when=when), self._theme, TextRole.SMALL, "text_3"))
        layout.addWidget(restore)
        return row

    def _lay_out(self) -> QVBoxLayout:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 14, 0, 32)
        column.setSpacing(10)
        column.addLayout(self._head)
        column.addWidget(self._sentence)
        column.addStretch(1)
        page = centred(inside, _WIDTH)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        page.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        return column

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        painter.end()


class _ElidedTitle(QWidget):
    """A title that ends in an ellipsis where there is no room for all of it."""

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self._title = title
        self._theme = theme
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @override
    def sizeHint(self) -> QSize:
        return QSize(120, 20)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font(TextRole.ROW))
        painter.setPen(self._theme.color("text"))
        paint_title(painter, self.rect(), self._title)
        painter.end()
