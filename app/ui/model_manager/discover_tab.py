"""The two faces of Discover: the list, and one repository in its place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QStackedWidget
from typing_extensions import override

from app.ui.model_manager.discover_page import DiscoverPage
from app.ui.model_manager.repository_page import RepositoryPage


class DiscoverTab(QStackedWidget):
    """Shows one of them; the keyboard goes along."""

    list_wanted = Signal()

    def __init__(self, page: DiscoverPage, repository: RepositoryPage) -> None:
        super().__init__()
        self.page = page
        self.repository = repository
        self.addWidget(page)
        self.addWidget(repository)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # by a focus proxy Tab would be led back here, again and again
        repository.closed.connect(self.list_wanted)

    @property
    def face(self) -> DiscoverPage | RepositoryPage:
        """The one that is seen."""
        return self.repository if self.currentWidget() is self.repository else self.page

    def show_repository(self) -> None:
        """Show the page of a repository."""
        self._show(self.repository)

    def show_list(self) -> None:
        """Show the list, where it was left."""
        self._show(self.page)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.face.setFocus(event.reason())

    def _show(self, face: DiscoverPage | RepositoryPage) -> None:
        self.setCurrentWidget(face)
        face.setFocus(Qt.FocusReason.OtherFocusReason)
