"""The page of the model manager that shows what is being downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from app.models.download.download import DownloadState
from app.models.download.leftovers import Leftovers
from app.models.download.model_download import ModelDownload
from app.models.download.sizes import shown_size
from app.translation import tr, trn
from app.ui.icons import Icons
from app.ui.model_manager.downloads_list import DownloadsList
from app.ui.model_manager.downloads_tile import DownloadsTile
from app.ui.page import centred
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_WIDTH: Final = 968
_HELP_WIDTH: Final = 440


class DownloadsPage(QWidget):
    """What is on its way, what was interrupted, what is complete, and what lies about; or how to begin."""

    wished = Signal(str, object)
    """The key of a download, and a `Wish`."""
    moved = Signal(str, int)
    """The key of a download, and its new place among the unfinished ones."""
    resume_all_requested = Signal()
    throw_away_requested = Signal()
    discover_requested = Signal()
    seen = Signal(bool)
    """Whether somebody can see it, from now on."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._interrupted = DownloadsTile("unplug", ("hay_soft", "hay"), tr("Resume all"), theme, icons)
        self._leftovers = DownloadsTile("trash-2", ("inset", "text_2"), tr("Throw away"), theme, icons)
        self.unfinished = DownloadsList(tr("Downloads that are not complete"), theme, icons)
        self.finished = DownloadsList(tr("Complete downloads"), theme, icons)
        self._heading = PlainLabel(tr("Complete"), theme, TextRole.INTERFACE_STRONG)
        self._hint = PlainLabel(
            tr("They come in this order. Drag a row to move it, or press Alt with Up or Down."),
            theme,
            TextRole.SMALL,
            "text_3",
        )
        self._empty = _Empty(theme)
        self.setObjectName("downloads_page")
        self.setAccessibleName(tr("Downloads"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self.show_models(())

    def show_models(self, models: Sequence[ModelDownload]) -> None:
        """Show all downloads, those that are not complete in the order in which they come."""
        unfinished = [model for model in models if model.state is not DownloadState.FINISHED]
        finished = [model for model in models if model.state is DownloadState.FINISHED]
        focused = self._focused_key
        self.finished.show_models(finished)
        if focused:
            self.finished.focus_row(focused)  # before its old row goes, and Qt gives the keyboard to whoever is next
        self.unfinished.show_models(unfinished)
        self._heading.setVisible(bool(finished))
        self._hint.setVisible(len(unfinished) > 1)
        self._empty.setVisible(not models)
        interrupted = sum(model.state is DownloadState.INTERRUPTED for model in unfinished)
        self._interrupted.say(interrupted_words(interrupted) if interrupted > 1 else "")
        if focused and not self._focused_key:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_leftovers(self, leftovers: Leftovers) -> None:
        """Offer to throw away what belongs to no download; nothing where there is none."""
        if not leftovers:
            self._leftovers.say("")
            return
        sentence = trn(
            "{count} unfinished file that belongs to no download takes {size} of the disk.",
            "{count} unfinished files that belong to no download take {size} of the disk.",
            len(leftovers),
            size=shown_size(leftovers.size_bytes),
        )
        self._leftovers.say(sentence, tr("Throw them away for ever? They would have to come again."))

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        rows = (*self.unfinished.rows, *self.finished.rows)
        if rows:
            rows[0].setFocus(event.reason())
        else:
            self._empty.button.setFocus(event.reason())

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit(True)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)

    @property
    def _focused_key(self) -> str:
        rows = (*self.unfinished.rows, *self.finished.rows)
        return next((row.model.key for row in rows if row.has_keyboard), "")

    def _connect(self) -> None:
        for each in (self.unfinished, self.finished):
            each.wished.connect(self.wished)
        self.unfinished.moved.connect(self.moved)
        self._interrupted.acted.connect(self.resume_all_requested)
        self._leftovers.acted.connect(self.throw_away_requested)
        self._empty.button.clicked.connect(self._ask_to_discover)
        self._interrupted.button.setObjectName("resume_all_button")
        self._leftovers.button.setObjectName("throw_away_button")
        self._leftovers.sure_button.setObjectName("throw_away_for_ever_button")

    def _ask_to_discover(self) -> None:
        self.discover_requested.emit()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 16, 0, 32)
        column.setSpacing(12)
        for part in (self._interrupted, self.unfinished, self._hint):
            column.addWidget(part)
        column.addWidget(self._heading)
        column.addWidget(self.finished)
        column.addWidget(self._empty)
        column.addWidget(self._leftovers)
        column.addStretch(1)
        page = centred(inside, _WIDTH)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        page.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)


class _Empty(QWidget):
    """What stands there while nothing is downloaded."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        sentence = PlainLabel(tr("Nothing is being downloaded."), theme, TextRole.INTERFACE_STRONG)
        help_ = PlainLabel(
            tr(
                "A download that was begun is finished: over a line that drops, through sleep, and after a restart. "
                "What comes is checked before it is used."
            ),
            theme,
            TextRole.INTERFACE,
            "text_2",
        )
        help_.setWordWrap(True)
        help_.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button = TextButton(tr("Find a model"), "primary")
        self.button.setObjectName("find_model_button")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 96, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(centred(help_, _HELP_WIDTH))
        layout.addSpacing(8)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)


def interrupted_words(count: int) -> str:
    """Say how many downloads the end of Paddock interrupted."""
    return trn(
        "{count} download was interrupted when Paddock was closed. What has come is kept.",
        "{count} downloads were interrupted when Paddock was closed. What has come is kept.",
        count,
    )
