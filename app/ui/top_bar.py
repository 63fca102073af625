"""The bar above the words: what is open, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.loading_line import LINE, LoadingLine
from app.ui.plain_label import PlainLabel
from app.ui.shortcuts import shortcut_text
from app.ui.theme import TextRole, Theme
from app.ui.title_field import TitleField

_HEIGHT: Final = 48


class TopBar(QWidget):
    """Title, subtitle, buttons that are handed in, and the loading line."""

    renamed = Signal(str)
    """The new title of the open conversation."""
    menu_requested = Signal()
    """The sidebar, in a window too narrow for a rail."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        key = shortcut_text("toggle_sidebar")
        self._menu = IconButton("menu", tr("Show the sidebar"), theme, icons, key=key, icon_size=18)
        self._menu.hide()
        self.title = TitleField(theme)
        self._subtitle = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._line = LoadingLine(theme, self)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(4)
        self._lay_out()
        self._menu.clicked.connect(self.menu_requested)
        self.title.renamed.connect(self.renamed)
        theme.changed.connect(self.update)

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Show what is open; an empty title shows none."""
        self.title.set_title(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))

    def subtitle(self) -> str:
        """The quiet words beside the title."""
        return self._subtitle.text()

    def set_buttons(self, buttons: Sequence[QWidget]) -> None:
        """Show these at the end, in place of those before."""
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
        for button in buttons:
            self._buttons.addWidget(button)

    def set_menu_visible(self, visible: bool) -> None:  # noqa: FBT001 - a setter with one value
        """Offer the sidebar from here."""
        self._menu.setVisible(visible)

    def set_loading(self, fraction: float | None) -> None:
        """Show how much of a model is loaded, 0 to 1; None when none is being loaded."""
        self._line.set_fraction(fraction)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._line.setGeometry(0, self.height() - LINE, self.width(), LINE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        painter.end()

    def _lay_out(self) -> None:
        self.setFixedHeight(_HEIGHT)
        self._subtitle.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 14, 0)
        layout.setSpacing(4)
        layout.addWidget(self._menu)
        layout.addWidget(self.title)
        layout.addWidget(self._subtitle)
        layout.addStretch(1)
        layout.addLayout(self._buttons)
