"""The list of conversations: pointed at, walked with the keyboard, renamed and deleted in place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget
from typing_extensions import override

from app.conversation import Conversation, SearchHit
from app.translation import tr
from app.ui.focus_ring import SHOWS_OWN_FOCUS
from app.ui.icons import Icons
from app.ui.menu import Menu, MenuEntry, open_menu
from app.ui.shortcuts import shortcut_text, show_keys
from app.ui.sidebar.conversation_list_model import ENTRY_ROLE, ConversationListModel, Row
from app.ui.sidebar.row_delegate import RowDelegate
from app.ui.theme import Theme

_RETURNS: Final = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""The keyboard comes back to where it was, and is shown or not as it was."""
SIDE: Final = 8
"""Between the rows and the edges of the sidebar: as wide as a scroll bar."""


class ConversationList(QListView):
    """The selected row is the conversation that is open; the row the keyboard is on has a ring until Enter opens it."""

    conversation_chosen = Signal(str)
    hit_chosen = Signal(str, str)
    """Conversation and message."""
    rename_requested = Signal(str, str)
    delete_requested = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._rows = ConversationListModel()
        self._delegate = RowDelegate(theme, self)
        self._selected_id: str | None = None
        self._doomed_id: str | None = None
        self._waiting: tuple[Sequence[Conversation], datetime] | None = None
        self._rows.rename_requested.connect(self.rename_requested)
        self._set_up()
        theme.changed.connect(self.viewport().update)
        self.clicked.connect(self._open)

    def show_conversations(self, conversations: Sequence[Conversation], now: datetime) -> None:
        """Show all conversations; a title that is being edited is left alone until that is done."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = (conversations, now)
            return
        top = self.verticalScrollBar().value()
        near = self._ids_from_current()
        if self._rows.show_conversations(conversations, now):
            self._mark_selected()
            remaining = (self._rows.index_of(id_) for id_ in near)
            self.setCurrentIndex(next((index for index in remaining if index.isValid()), QModelIndex()))
            self.doItemsLayout()  # now, not at the next pass of the event loop: there is no scrolling before it
            self.verticalScrollBar().setValue(top)
        self._stay_after_deleting()

    def show_hits(self, hits: Sequence[SearchHit]) -> None:
        """Show what a search found."""
        if self._rows.show_hits(hits):
            self.scrollToTop()
            self._mark_selected()

    def select(self, conversation_id: str | None) -> None:
        """Mark the conversation that is open; None marks none. The same one again does not move the keyboard."""
        is_news = conversation_id != self._selected_id
        self._selected_id = conversation_id
        self._mark_selected()
        index = self._selected_index()
        if index.isValid() and (is_news or not self.hasFocus()):
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def mark_replying(self, conversation_ids: frozenset[str]) -> None:
        """Mark the conversations in which a reply is being written."""
        self._rows.mark_replying(conversation_ids)

    def rename_current(self) -> None:
        """Edit the title of the row the keyboard is on, or else of the open conversation."""
        index = self.currentIndex() if self.hasFocus() else self._selected_index()
        if isinstance(index.data(ENTRY_ROLE), Row):
            self.edit(index)

    def open_first(self) -> None:
        """Open the first row, as Enter in the search field does."""
        for number in range(self._rows.rowCount()):
            index = self._rows.index(number)
            if index.flags() & Qt.ItemFlag.ItemIsEnabled:
                self._open(index)
                return

    @override
    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        return QItemSelectionModel.SelectionFlag.NoUpdate  # what is open is told by `select`, never guessed here

    @override
    def moveCursor(self, cursorAction: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        index = super().moveCursor(cursorAction, modifiers)
        is_heading = index.isValid() and not index.flags() & Qt.ItemFlag.ItemIsEnabled
        return index.siblingAtRow(index.row() + 1) if is_heading else index  # below a heading there is a row

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        is_seen = self._delegate.rings_current and self.viewport().rect().contains(self.visualRect(index).center())
        self._set_ring(shown=True)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self._open(index)
            case Qt.Key.Key_F2:
                self.rename_current()
            case Qt.Key.Key_Delete if is_seen:
                self._delete_at(index)
            case Qt.Key.Key_Delete:
                self.scrollTo(index)  # nothing goes to the bin that was not marked before the key was pressed
            case Qt.Key.Key_F10 if event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
                self._open_menu(index, self.visualRect(index).center())  # X11 has an event for the menu key only
            case _:
                super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() not in _RETURNS:
            self._set_ring(shown=event.reason() is not Qt.FocusReason.MouseFocusReason)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(
                self.moveCursor(QAbstractItemView.CursorAction.MoveHome, Qt.KeyboardModifier.NoModifier)
            )

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _RETURNS:
            self._set_ring(shown=False)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        from_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if from_keyboard else self.indexAt(event.pos())
        self._open_menu(index, self.visualRect(index).center() if from_keyboard else event.pos())

    @override
    def closeEditor(self, editor: QWidget, hint: object) -> None:
        super().closeEditor(editor, hint)  # pyright: ignore[reportArgumentType] - the stubs hide the hint's type
        if self._waiting is not None:
            conversations, now = self._waiting
            self._waiting = None
            self.show_conversations(conversations, now)

    def _set_up(self) -> None:
        self.setObjectName("conversation_list")
        self.setAccessibleName(tr("Conversations"))
        self.setModel(self._rows)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setViewportMargins(0, 0, SIDE, 0)
        self.verticalScrollBar().rangeChanged.connect(self._leave_side)
        self.setProperty(SHOWS_OWN_FOCUS, True)

    def _leave_side(self, least: int, most: int) -> None:
        """The scroll bar takes the place beside the rows, so that they do not move when it comes."""
        self.setViewportMargins(0, 0, 0 if most > least else SIDE, 0)

    def _mark_selected(self) -> None:
        index = self._selected_index()
        selection = self.selectionModel()
        if index.isValid():
            selection.select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        else:
            selection.clearSelection()

    def _selected_index(self) -> QModelIndex:
        return self._rows.index_of(self._selected_id) if self._selected_id is not None else QModelIndex()

    def _open(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Row):
            self.conversation_chosen.emit(entry.conversation_id)
        elif isinstance(entry, SearchHit):
            self.hit_chosen.emit(entry.conversation_id, entry.message_id)

    def _delete_at(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Row):
            self._delete(entry.conversation_id)

    def _delete(self, id_: str) -> None:
        self._doomed_id = id_ if self.hasFocus() else None
        self.delete_requested.emit(id_)

    def _stay_after_deleting(self) -> None:
        """Keep the keyboard here, on the next row, though leaving the deleted conversation took it to the editor."""
        if self._doomed_id is not None and not self._rows.index_of(self._doomed_id).isValid():
            self.scrollTo(self.currentIndex())
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._doomed_id = None

    def _ids_from_current(self) -> list[str]:
        """The conversation the keyboard is on, then those below it, then those above, the nearest first."""
        at = self.currentIndex().row()
        entries = [*self._rows.entries[at:], *reversed(self._rows.entries[:at])] if at >= 0 else []
        return [entry.conversation_id for entry in entries if isinstance(entry, Row)]

    def _open_menu(self, index: QModelIndex, place: QPoint) -> None:
        """Offer what can be done with a conversation; the rows may be others by the time something is chosen."""
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Row):
            return
        id_ = entry.conversation_id
        rename, delete = tr("Rename"), tr("Move to the bin")
        entries = (
            MenuEntry("pencil", rename, lambda: self.edit(self._rows.index_of(id_)), shortcut_text("rename")),
            MenuEntry("trash-2", delete, lambda: self._delete(id_), show_keys("Del")),
        )
        menu = Menu(tr("Conversation"), entries, self._theme, self._icons)
        open_menu(menu, self._theme, self.viewport(), place)

    def _set_ring(self, *, shown: bool) -> None:
        self._delegate.rings_current = shown
        self.viewport().update()
