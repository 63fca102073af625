"""The sidebar: search, a new conversation, all conversations, and the ways to other pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.conversation import Conversation, SearchHit
from app.translation import tr
from app.ui.icons import Icons
from app.ui.plain_label import PlainLabel
from app.ui.row_button import RowButton
from app.ui.shortcuts import shortcut_text
from app.ui.sidebar.conversation_list import SIDE, ConversationList
from app.ui.sidebar.conversation_search import ConversationSearch
from app.ui.theme import TextRole, Theme

_ABOVE_FOOT: Final = 4


@dataclass(frozen=True, slots=True)
class SidebarAction:
    """A row at the bottom of the sidebar, and a button of the rail: a way to something that exists.

    By its `id` it can be marked as where the user is, and be given another word at its end than its key.
    """

    icon: str
    label: str
    trigger: Callable[[], None]
    key: str = ""
    id: str = ""


class Sidebar(QWidget):
    """Shows what it is given and says what was asked for. It has no width of its own: `SidePanel` gives it one."""

    conversation_selected = Signal(str)
    new_requested = Signal()
    rename_requested = Signal(str, str)
    """Conversation and new title."""
    delete_requested = Signal(str)
    search_changed = Signal(str)
    """The words to look for; "" when the search is over."""
    hit_selected = Signal(str, str)
    """Conversation and message."""
    settings_requested = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._conversations: Sequence[Conversation] = ()
        self._now = datetime.now().astimezone()
        self._hits: Sequence[SearchHit] | None = None
        self.search_field = ConversationSearch(theme, icons)
        self.list = ConversationList(theme, icons)
        self._new = RowButton(
            "square-pen", tr("New conversation"), theme, icons, hint=shortcut_text("new_conversation"), accented=True
        )
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE, "text_3", parent=self.list)
        self._bottom = QWidget()
        self._foot: QWidget | None = None
        self._action_rows: dict[str, RowButton] = {}
        self._lay_out()
        self._connect()
        self._show_rows()

    def set_conversations(self, conversations: Sequence[Conversation], now: datetime) -> None:
        """Show these, newest first, under headings of days as seen from `now` (which knows its time zone)."""
        self._conversations, self._now = conversations, now
        self._show_rows()

    def set_search_hits(self, hits: Sequence[SearchHit] | None) -> None:
        """Show what a search found in place of the conversations; None shows the conversations again."""
        self._hits = hits
        self._show_rows()

    def set_actions(self, actions: Sequence[SidebarAction]) -> None:
        """Show these rows at the bottom, in place of those before."""
        layout = self._bottom.layout()
        assert isinstance(layout, QVBoxLayout)  # noqa: S101 - made in _lay_out
        for row in self._bottom.findChildren(RowButton):
            layout.removeWidget(row)
            row.deleteLater()
        self._action_rows.clear()
        before: QWidget = self.list
        for action in actions:
            row = RowButton(action.icon, action.label, self._theme, self._icons, hint=action.key)
            row.clicked.connect(action.trigger)
            self._action_rows[action.id or action.label] = row
            layout.addWidget(row)
            QWidget.setTabOrder(before, row)  # else Tab would come to what is made late at the end of the window
            before = row
        if self._foot is not None:
            QWidget.setTabOrder(before, self._foot)
        self._bottom.setVisible(bool(actions))

    def set_foot(self, foot: QWidget) -> None:
        """Have `foot` below everything else."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)  # noqa: S101 - made in _lay_out
        line = QHBoxLayout()
        line.setContentsMargins(0, 4, SIDE, 8)
        line.addWidget(foot)
        layout.addLayout(line)
        self._foot = foot

    def mark_action(self, action_id: str, *, is_here: bool) -> None:
        """Mark an action as the page where the user is, or no longer."""
        row = self._action_rows[action_id]
        row.setCheckable(True)
        row.setChecked(is_here)  # before it cannot be: losing the mark with the ability paints nothing
        row.setCheckable(is_here)  # a row that is only pressed must not stay down

    def set_action_hint(self, action_id: str, hint: str) -> None:
        """Show `hint` at the end of an action's row, such as how far a download is."""
        self._action_rows[action_id].set_hint(hint)

    def select(self, conversation_id: str | None) -> None:
        """Mark the conversation that is open; None marks none."""
        self.list.select(conversation_id)

    def mark_replying(self, conversation_ids: frozenset[str]) -> None:
        """Mark these conversations, and no others, as those in which a reply is being written."""
        self.list.mark_replying(conversation_ids)

    def rename_current(self) -> None:
        """Edit a title in place: of the row the keyboard is on, or else of the open conversation."""
        self.list.rename_current()

    def focus_search(self) -> None:
        """Put the keyboard into the search field, over what stands there."""
        self.search_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search_field.selectAll()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("sidebar"))
        if self._bottom.isVisible():
            painter.fillRect(QRect(0, self._bottom.y(), self.width(), 1), self._theme.color("border"))
        if self._foot is not None:
            line = QRect(2 * SIDE, self._foot.y() - _ABOVE_FOOT, self.width() - 4 * SIDE, 1)
            painter.fillRect(line, self._theme.color("border"))
        painter.end()

    @override
    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._sentence.setGeometry(self.list.rect().adjusted(20, 0, -20 - SIDE, 0))
        return False

    def _lay_out(self) -> None:
        self._new.setObjectName("new_conversation_button")
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        self._sentence.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        bottom = QVBoxLayout(self._bottom)
        bottom.setContentsMargins(0, 8, SIDE, 8)
        bottom.setSpacing(0)
        self._bottom.hide()
        top = QVBoxLayout()
        top.setContentsMargins(4, 12, 13, 0)
        top.setSpacing(10)
        top.addWidget(self.search_field)
        top.addWidget(self._new)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addSpacing(10)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._bottom)
        self.list.installEventFilter(self)

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_requested)
        self.search_field.searched.connect(self.search_changed)
        self.search_field.list_wanted.connect(lambda: self.list.setFocus(Qt.FocusReason.TabFocusReason))
        self.search_field.returnPressed.connect(self._open_found)
        self.list.conversation_chosen.connect(self.conversation_selected)
        self.list.hit_chosen.connect(self.hit_selected)
        self.list.rename_requested.connect(self.rename_requested)
        self.list.delete_requested.connect(self.delete_requested)
        self._theme.changed.connect(self.update)

    def _open_found(self) -> None:
        if self._hits is not None:
            self.list.open_first()

    def _show_rows(self) -> None:
        if self._hits is None:
            self.list.show_conversations(self._conversations, self._now)
        else:
            self.list.show_hits(self._hits)
        self._sentence.setText(self._sentence_for_rows())

    def _sentence_for_rows(self) -> str:
        if self._hits is None and not self._conversations:
            return tr("Your conversations will be kept here, on this laptop only.")
        if self._hits is not None and not self._hits:
            words = self.search_field.text().strip()
            return tr("No conversation holds “{words}”. Deleted ones in the bin are not searched.", words=words)
        return ""
