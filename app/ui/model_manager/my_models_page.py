"""The page "My models": the list, what sorts and filters it, and the details of one model beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.found_models_page import FoundModelsPage
from app.ui.model_manager.model_details import WIDTH as DETAILS_WIDTH
from app.ui.model_manager.model_details import ModelDetailsPanel
from app.ui.model_manager.my_models_empty import MyModelsEmpty
from app.ui.model_manager.my_models_list import MyModelsList
from app.ui.model_manager.my_models_shown import ModelDetails, MyModel, Order, arranged
from app.ui.search_field import SearchField
from app.ui.settings.choice_editor import ChoiceBox
from app.ui.text_button import TextButton
from app.ui.theme import Theme

_SIDE: Final = 24
_SMALLEST: Final = QSize(420, 240)
_BESIDE: Final = 880
"""From this width on the details stand beside the list; below, in its place."""
_ROOMY: Final = 720
"""So wide must the list be for the whole words on its buttons."""
_ORDERS: Final = ((Order.NAME, "By name"), (Order.LAST_USED, "Last used first"), (Order.SIZE, "Largest first"))
"""Message ids: translated where they are shown."""


class MyModelsPage(QWidget):
    """Keeps how the list is sorted and filtered; everything else it is told."""

    add_requested = Signal()
    look_requested = Signal()
    details_closed = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._models: Sequence[MyModel] = ()
        self._words = SearchField(tr("Filter my models"), theme, icons)
        self._order = ChoiceBox(theme, icons)
        self._add = TextButton(tr("Add a file…"))
        self._look = TextButton(tr("Look for models on this computer"))
        self._listing = QWidget()
        self._below = QStackedWidget()
        self._stack = QStackedWidget()
        self.list = MyModelsList(theme, icons)
        self.details = ModelDetailsPanel(theme, icons)
        self.found = FoundModelsPage(theme, icons)
        self.empty = MyModelsEmpty(theme)
        self.setObjectName("my_models")
        self.setAccessibleName(tr("My models"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._name_parts()
        self._lay_out()
        self._connect()

    def show_models(self, models: Sequence[MyModel]) -> None:
        """Show these, sorted and filtered as the user wants them."""
        is_first = not self.list.rows
        self._models = models
        self._refresh()
        if is_first and self._words.hasFocus() and not self._words.text():
            self.list.focus_row()  # one came here before there was anything to stand on

    def show_details(self, details: ModelDetails) -> None:
        """Show everything about one model."""
        self.details.show_details(details)
        self.list.mark(details.model.id)
        self.details.show()
        self._share()

    def close_details(self) -> None:
        """Show the list only, with the keyboard on the model that was looked at."""
        if self.details.isHidden():
            return
        model_id = self.details.model_id
        self.details.note.finish()
        self.details.hide()
        self._share()
        self.list.mark("")
        self.list.focus_row(model_id)

    @property
    def shown_details(self) -> str:
        """The id of the model whose details are shown; "" when none are."""
        return "" if self.details.isHidden() else self.details.model_id

    def show_found_page(self) -> None:
        """Show what was found on this computer in place of the list."""
        self._stack.setCurrentWidget(self.found)

    def show_list(self) -> None:
        """Come back to the list."""
        self._stack.setCurrentIndex(0)
        self.focus_first(Qt.FocusReason.OtherFocusReason)

    @property
    def is_at_found(self) -> bool:
        """Whether it shows what was found, or is looking for it."""
        return self._stack.currentWidget() is self.found

    def focus_first(self, reason: Qt.FocusReason) -> None:
        """Put the keyboard where one begins."""
        if self.list.rows and not self._listing.isHidden():
            self.list.focus_row()
        elif self._listing.isHidden():
            self.details.focus_first(reason)
        else:
            self._words.setFocus(reason)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.focus_first(event.reason())

    @override
    def event(self, event: QEvent) -> bool:
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_key and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F2 and self._in_hand():
            event.accept()  # else the window would rename the conversation behind the page
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2 and self._in_hand():
            self._rename()
        elif event.key() == Qt.Key.Key_Escape and self._goes_back():
            event.accept()
        else:
            super().keyPressEvent(event)

    @override
    def minimumSizeHint(self) -> QSize:
        return _SMALLEST  # what has no room beside the rest takes its place

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _goes_back(self) -> bool:
        """Take back the last thing that was opened or typed on this page; false when there is none."""
        if self.is_at_found:
            self.found.back_requested.emit()
        elif not self.details.isHidden():
            self.details_closed.emit()
        elif self._words.text():
            self._words.clear()
        else:
            return False
        return True

    def _in_hand(self) -> str:
        """The model that a key means: the one with the keyboard, or the one whose details are shown."""
        focused = next((row.model.id for row in self.list.rows if row.hasFocus()), "")
        return focused or self.shown_details

    def _rename(self) -> None:
        model_id = self._in_hand()
        if model_id != self.shown_details:
            self.list.details_requested.emit(model_id)
        self.details.edit_name()

    def _share(self) -> None:
        """Give list and details their room: side by side, or one in the place of the other."""
        beside = self.width() >= _BESIDE
        with_details = not self.details.isHidden()
        self._listing.setVisible(beside or not with_details)
        is_short = self.width() - (DETAILS_WIDTH if beside and with_details else 0) < _ROOMY
        self._look.setText(tr("Look on this computer") if is_short else tr("Look for models on this computer"))
        self.details.setMaximumWidth(DETAILS_WIDTH if beside else self.width())
        self.details.setMinimumWidth(DETAILS_WIDTH if beside else 0)

    def _refresh(self) -> None:
        words = self._words.text().strip()
        shown = arranged(list(self._models), words, Order(self._order.currentData()))
        self.list.show_models(shown)
        if self._models:
            self.empty.show_none_found(words)
        else:
            self.empty.show_no_models()
        self._below.setCurrentWidget(self.list if shown else self.empty)
        self._words.setVisible(bool(self._models))
        self._order.setVisible(bool(self._models))

    def _name_parts(self) -> None:
        for order, label in _ORDERS:
            self._order.addItem(tr(label), order)
        self._words.setObjectName("filter_field")
        self._order.setObjectName("model_order")
        self._order.setAccessibleName(tr("Sort by"))
        self._add.setObjectName("add_model_button")
        self._look.setObjectName("look_for_models_button")

    def _connect(self) -> None:
        self._words.textChanged.connect(self._refresh)
        self._words.list_wanted.connect(self.list.focus_row)
        self._order.activated.connect(self._refresh)
        self._add.clicked.connect(self.add_requested)
        self._look.clicked.connect(self.look_requested)
        self.details.closed.connect(self.details_closed)
        self.empty.clear_requested.connect(self._words.clear)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(_SIDE, 14, _SIDE, 8)
        tools.setSpacing(8)
        tools.addWidget(self._words, 1)
        tools.addWidget(self._order)
        tools.addStretch(0)
        tools.addWidget(self._look)
        tools.addWidget(self._add)
        self._words.setMinimumWidth(80)
        self._words.setMaximumWidth(360)
        self._below.addWidget(self.list)
        self._below.addWidget(self.empty)
        left = QVBoxLayout(self._listing)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addLayout(tools)
        left.addWidget(self._below, 1)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._listing, 1)
        row.addWidget(self.details)
        self.details.hide()
        self._stack.addWidget(both)
        self._stack.addWidget(self.found)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
