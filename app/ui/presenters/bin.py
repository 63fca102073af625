"""The bin in the window: looking into it, and bringing back what is there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.ui.bin_page import BinPage
from app.ui.icons import Icons
from app.ui.presenters.desk import Desk
from app.ui.theme import Theme


class BinPresenter(QObject):
    """Shows the bin in place of the conversation, and what comes back from it."""

    restore_requested = Signal(str)
    """A conversation is to come back."""

    def __init__(self, desk: Desk, theme: Theme, icons: Icons) -> None:
        """The page is made now; what is in it is read each time it is opened."""
        super().__init__(desk.window)
        self._desk = desk
        self._page = BinPage(theme, icons)
        self._page.setParent(desk.window)
        self._page.hide()
        self._page.closed.connect(desk.window.show_conversation)
        self._page.restore_requested.connect(self._restore)

    def open(self) -> None:
        """Show what is in the bin now."""
        try:
            self._page.show_conversations(self._desk.parts.store.conversations(in_bin=True))
        except PaddockError as error:
            self._desk.notices.show(error)
            return
        self._desk.window.show_beside_sidebar(self._page)

    def _restore(self, conversation_id: str) -> None:
        self._desk.window.show_conversation()
        self.restore_requested.emit(conversation_id)
