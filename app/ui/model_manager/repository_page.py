"""A repository's page: what it is, its files with what they would cost here, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCursor, QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.catalogue_badge import BadgeLabel
from app.ui.model_manager.repository_page_description import Description
from app.ui.model_manager.repository_page_files import RepositoryFiles
from app.ui.model_manager.repository_page_link import ask_about_link
from app.ui.model_manager.repository_page_shown import RepositoryShown
from app.ui.model_manager.search_flow import FlowLayout
from app.ui.model_manager.search_notice import SearchNotice
from app.ui.model_manager.search_progress import SearchProgress
from app.ui.page import MARGIN, Page, PageHead
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme
from app.ui.transcript.strips import Strip

_FIRST_STRIPS: Final = 8
"""How much of the description is unfolded at once."""


class RepositoryPage(Page):
    """Shows one repository. Escape and the arrow lead back to the list."""

    token_wanted = Signal()
    """The user is to be shown where an access token is kept."""
    seen = Signal()
    """The page is looked at: for the first time, or again."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._strips: Sequence[Strip] = ()
        self._page_address = ""
        self._name = PlainLabel("", theme, TextRole.DIALOG_TITLE)
        self._head = PageHead(tr("Back to Discover"), self._name, theme, icons)
        self.back = self._head.back
        self._owner = PlainLabel("", theme, TextRole.INTERFACE, "text_3")
        self._facts = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._licence = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self.page_button = TextButton(tr("Its page on the hub"), "accent")
        self.progress = SearchProgress(theme)
        self.notice = SearchNotice(theme, icons)
        self.gate = SearchNotice(theme, icons, stays=True)
        self.files = RepositoryFiles(theme, icons)
        self._heading = PlainLabel(tr("What its publisher says"), theme, TextRole.HEADING_3)
        self.description = Description(theme, icons)
        self.more_button = TextButton(tr("Show all of it"))
        self._badges = QWidget()
        self._area = QScrollArea()
        self.setObjectName("repository_page")
        self.setFocusProxy(self.back)
        self._lay_out()
        self._connect()

    def show_repository(self, shown: RepositoryShown) -> None:
        """Show what is known of it."""
        self.setAccessibleName(shown.id)
        self._name.setText(shown.name)
        self._owner.setText(tr("by {owner}", owner=shown.owner))
        self._page_address = shown.page
        self.page_button.setVisible(bool(shown.page))
        for label, words in ((self._facts, shown.facts), (self._licence, shown.licence)):
            label.setText(words)
            label.setVisible(bool(words))
        flow = self._badges.layout()
        while flow is not None and (item := flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for badge in shown.badges if flow is not None else ():
            label = BadgeLabel(badge, self._theme)
            self._badges.layout().addWidget(label)  # pyright: ignore[reportOptionalMemberAccess] - it has one, see above
        self._badges.setVisible(bool(shown.badges))
        self._show_gate(shown)

    def show_description(self, strips: Sequence[Strip]) -> None:
        """Show the beginning of what it says of itself; the rest unfolds."""
        self._strips = strips
        self._heading.setVisible(bool(strips))
        self.description.setVisible(bool(strips))
        self.description.show_strips(strips[:_FIRST_STRIPS])
        self.more_button.setVisible(len(strips) > _FIRST_STRIPS)

    def scroll_to_top(self) -> None:
        """Show the beginning."""
        self._area.verticalScrollBar().setValue(0)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit()

    def _show_gate(self, shown: RepositoryShown) -> None:
        if not shown.gate:
            self.gate.clear()
            return
        steps = tr(
            "Open its page on the hub, sign in and agree there. Then make an access token with the right to read, "
            "and give it to Paddock. {kept}",
            kept=shown.token_kept,
        )
        self.gate.say(shown.gate, steps, icon="lock", action=tr("Access token"))

    def _unfold(self) -> None:
        self.description.show_strips(self._strips)
        self.more_button.hide()

    def _ask_about_link(self, address: str) -> None:
        ask_about_link(address, self, self.mapFromGlobal(QCursor.pos()), self._theme)

    def _ask_about_page(self) -> None:
        place = self.page_button.mapTo(self, QPoint(0, self.page_button.height()))
        ask_about_link(self._page_address, self, place, self._theme)

    def _connect(self) -> None:
        self.back.clicked.connect(self.closed)
        self.gate.acted.connect(self.token_wanted)
        self.page_button.clicked.connect(self._ask_about_page)
        self.description.link_activated.connect(self._ask_about_link)
        self.more_button.clicked.connect(self._unfold)
        self.files.reached.connect(self._show_reached)

    def _show_reached(self, widget: QWidget) -> None:
        self._area.ensureWidgetVisible(widget, 0, MARGIN)

    def _lay_out(self) -> None:
        for label in (self._name, self._facts, self._licence):
            label.setWordWrap(True)
        FlowLayout(self._badges, 8)
        inside = self._make_column()
        self._area.setWidgetResizable(True)
        self._area.setWidget(inside)
        inside.setAutoFillBackground(False)
        self._area.viewport().setAutoFillBackground(False)
        self._head.addWidget(self.page_button)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN - 8, 12, MARGIN, 0)
        top.setSpacing(6)
        top.addLayout(self._head)
        top.addWidget(self.progress)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._area, 1)

    def _make_column(self) -> QWidget:
        about = QVBoxLayout()
        about.setContentsMargins(30, 0, 0, 0)
        about.setSpacing(6)
        for part in (self._owner, self._badges, self._facts, self._licence):
            about.addWidget(part)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, 4, MARGIN, 32)
        column.setSpacing(12)
        column.addLayout(about)
        for part in (self.notice, self.gate, self.files, self._heading, self.description):
            column.addWidget(part)
        column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch(1)
        for part in (self._heading, self.description, self.more_button):
            part.hide()
        return inside
