"""The field of Discover: words to filter by, to search the hub for, or an address that leads to a repository."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.search_field import SearchField
from app.ui.theme import Theme

_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_LONGEST: Final = 2048


class HubField(SearchField):
    """Enter asks the hub, and nothing else does. Escape stops a search, then empties the field, then is the page's."""

    entered = Signal(str)
    stop_requested = Signal()
    emptied = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(tr("Search the hub, or paste owner/repo or a link"), theme, icons)
        self.is_searching = False
        """Whether Escape stops something."""
        self.setObjectName("hub_search_field")
        self.setMaxLength(_LONGEST)
        self.setPlaceholderText(tr("Search the hub, or paste a link"))
        self.setToolTip(tr("Typing filters the hand-picked list. Enter searches the hub."))
        self.setMinimumWidth(200)

    @override
    def uses_escape(self) -> bool:
        return self.is_searching or bool(self.text())

    @override
    def escape(self) -> None:
        if self.is_searching:
            self.stop_requested.emit()
        else:
            super().escape()
            self.emptied.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.entered.emit(self.text().strip())
        else:
            super().keyPressEvent(event)
