"""The rows of the sidebar: conversations below day headings, or what a search found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from typing_extensions import override

from app.conversation import Conversation, SearchHit
from app.translation import tr
from app.ui.sidebar.day_headings import day_heading

Index: TypeAlias = QModelIndex | QPersistentModelIndex
ENTRY_ROLE: Final = Qt.ItemDataRole.UserRole
REPLYING_ROLE: Final = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Heading:
    """Words between the rows; cannot be chosen."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation."""

    conversation_id: str
    title: str


Entry: TypeAlias = Heading | Row | SearchHit


class ConversationListModel(QAbstractListModel):
    """What the list shows now. Titles are changed by asking, never here."""

    rename_requested = Signal(str, str)
    """Conversation id and the new title."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []
        self._replying: frozenset[str] = frozenset()

    @property
    def entries(self) -> Sequence[Entry]:
        """The rows from top to bottom."""
        return self._entries

    def show_conversations(self, conversations: Sequence[Conversation], now: datetime) -> bool:
        """Show `conversations`, newest first, below their headings; False if nothing is different."""
        return self._show(_grouped(sorted(conversations, key=lambda each: each.updated_at, reverse=True), now))

    def show_hits(self, hits: Sequence[SearchHit]) -> bool:
        """Show what a search found, in its order; False if nothing is different."""
        return self._show(list(hits))

    def mark_replying(self, conversation_ids: frozenset[str]) -> None:
        """Tell of these conversations that a reply is being written in them."""
        if conversation_ids != self._replying:
            self._replying = conversation_ids
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))

    def index_of(self, conversation_id: str) -> QModelIndex:
        """Give the first row of a conversation; an invalid index if it has none."""
        for number, entry in enumerate(self._entries):
            if not isinstance(entry, Heading) and entry.conversation_id == conversation_id:
                return self.index(number)
        return QModelIndex()

    @override
    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return entry.text if isinstance(entry, Heading) else entry.title
        if isinstance(entry, Row):
            return self._told_of(entry, role)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and isinstance(entry, SearchHit):
            return entry.snippet
        return None

    @override
    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry = self._entries[index.row()]
        title = str(value).strip()
        if not isinstance(entry, Row) or not title or title == entry.title:
            return False
        self.rename_requested.emit(entry.conversation_id, title)
        return True

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self._entries[index.row()] if index.isValid() else None
        match entry:
            case Row():
                return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
            case SearchHit():
                return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            case _:
                return Qt.ItemFlag.NoItemFlags

    def _told_of(self, row: Row, role: int) -> object:
        is_replying = row.conversation_id in self._replying
        if role == REPLYING_ROLE:
            return is_replying
        if role in (Qt.ItemDataRole.AccessibleDescriptionRole, Qt.ItemDataRole.ToolTipRole) and is_replying:
            return tr("A reply is being written")
        return None

    def _show(self, entries: list[Entry]) -> bool:
        if entries == self._entries:
            return False
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()
        return True


def _grouped(conversations: Sequence[Conversation], now: datetime) -> list[Entry]:
    entries: list[Entry] = []
    heading = ""
    for conversation in conversations:
        belongs = day_heading(conversation.updated_at, now)
        if belongs != heading:
            heading = belongs
            entries.append(Heading(heading))
        entries.append(Row(conversation.id, conversation.title or tr("New conversation")))
    return entries
