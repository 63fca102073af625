"""The rows of the ledger, newest first: as many as are wanted, whatever is filtered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Final, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from typing_extensions import override

from app.network.ledger import LedgerEntry
from app.translation import tr
from app.ui.composer.model_choice import show_size
from app.ui.settings.ledger_words import Ending, Outcome, ending, when

Index: TypeAlias = QModelIndex | QPersistentModelIndex
ENDING_ROLE: Final = Qt.ItemDataRole.UserRole
NO_INDEX: Final = QModelIndex()


class Column(IntEnum):
    """What stands beside each other."""

    TIME = 0
    HOST = 1
    PURPOSE = 2
    RECEIVED = 3
    SENT = 4
    RESULT = 5


NUMBERS: Final = (Column.RECEIVED, Column.SENT)
_TITLES: Final = {
    Column.TIME: "Time",
    Column.HOST: "Host",
    Column.PURPOSE: "Purpose",
    Column.RECEIVED: "Received",
    Column.SENT: "Sent",
    Column.RESULT: "Result",
}
"""Message ids."""


class LedgerModel(QAbstractTableModel):
    """What the table shows. A cell is put into words when it is looked at, never all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[LedgerEntry, ...] = ()
        self._shown: tuple[LedgerEntry, ...] = ()
        self._now = datetime.now().astimezone()
        self._words = ""
        self._outcome: Outcome | None = None

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """What is shown, newest first."""
        return self._shown

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing, filtered or not."""
        return not self._all

    def show_entries(self, entries: Sequence[LedgerEntry], now: datetime) -> None:
        """Take the `entries` of the ledger, newest last, as seen from `now`."""
        self._all = tuple(reversed(entries))
        self._now = now
        self._filter()

    def choose(self, words: str, outcome: Outcome | None) -> None:
        """Show only what holds all of `words` and ended so; None is every end."""
        self._words, self._outcome = words.casefold(), outcome
        self._filter()

    @override
    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._shown)

    @override
    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(Column)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(_TITLES[Column(section)])
        return None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | Ending | None:
        entry = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(entry, Column(index.column()))
        if role == ENDING_ROLE:
            return ending(entry.result)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._sentence(entry)
        return None

    def _cell(self, entry: LedgerEntry, column: Column) -> str:
        match column:
            case Column.TIME:
                return when(entry.at, self._now)
            case Column.HOST:
                return entry.host
            case Column.PURPOSE:
                return entry.purpose
            case Column.RECEIVED:
                return show_size(entry.bytes)
            case Column.SENT:
                return show_size(entry.sent)
            case Column.RESULT:
                return ending(entry.result).words

    def _sentence(self, entry: LedgerEntry) -> str:
        return "\n".join(f"{tr(_TITLES[column])}: {self._cell(entry, column)}" for column in Column)

    def _filter(self) -> None:
        shown = tuple(filter(self._is_wanted, self._all))
        if shown == self._shown:
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def _is_wanted(self, entry: LedgerEntry) -> bool:
        if self._outcome is not None and ending(entry.result).outcome is not self._outcome:
            return False
        said = f"{entry.host} {entry.purpose} {entry.result}".casefold()
        return all(word in said for word in self._words.split())
