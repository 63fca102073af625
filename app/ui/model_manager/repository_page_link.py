"""A link that a stranger wrote: its whole address, and the question whether a browser should open it."""

from __future__ import annotations

import unicodedata
from typing import Final

from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.translation import tr
from app.ui.plain_label import PlainLabel
from app.ui.popover import Popover
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_WIDTH: Final = 380
_SCHEMES: Final = frozenset({"https", "http", "mailto"})
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown_address(address: str) -> str:
    """Give `address` as it really leads: its host as it is encoded, nothing that is not seen; "" for no web page."""
    url = QUrl(address.strip(), QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme().lower() not in _SCHEMES or (url.scheme() != "mailto" and not url.host()):
        return ""
    shown = bytes(url.toEncoded().data()).decode("ascii", "replace")
    return "".join(each for each in shown if unicodedata.category(each) not in _UNSEEN)


class LinkQuestion(QWidget):
    """The content of a popover. Paddock itself connects to nothing: the browser does, if that is wanted."""

    def __init__(self, address: str, theme: Theme) -> None:
        super().__init__()
        self.address = shown_address(address)
        self.setAccessibleName(tr("Open this page in your browser?"))
        self.setFixedWidth(_WIDTH)
        self.open_button = TextButton(tr("Open in browser"), "primary")
        self.copy_button = TextButton(tr("Copy address"))
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.address))
        self.open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self.address)))
        whole = PlainLabel(_breakable(self.address), theme, TextRole.CODE, "text_2")
        whole.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.open_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(tr("Open this page in your browser?"), theme, TextRole.INTERFACE_STRONG))
        layout.addWidget(whole)
        layout.addLayout(buttons)
        self.setFocusProxy(self.copy_button)


def ask_about_link(address: str, widget: QWidget, place: QPoint, theme: Theme) -> Popover | None:
    """Ask at `place` of `widget`; None, and nothing happens, for an address that no browser should be given."""
    question = LinkQuestion(address, theme)
    if not question.address:
        question.deleteLater()
        return None
    popover = Popover(question, theme)
    for button in (question.open_button, question.copy_button):
        button.clicked.connect(popover.dismiss)
    popover.dismissed.connect(popover.deleteLater)
    popover.open_at_point(widget, place)
    return popover


def _breakable(address: str) -> str:
    """Let a line end behind each part of a path."""
    for mark in "/?&=-._":
        address = address.replace(mark, f"{mark}\u200b")
    return address
