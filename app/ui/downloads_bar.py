"""The strip at the foot of the window while something is being downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.models.download.download import DownloadState
from app.models.download.model_download import ModelDownload
from app.translation import tr, trn
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.model_manager.downloads_name import DownloadName, ElidedLabel
from app.ui.model_manager.downloads_progress import DownloadProgress
from app.ui.model_manager.downloads_words import left_words, percent, running_words
from app.ui.painted_button import PaintedButton
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 58
_SIDE: Final = 24
_ICON: Final = 18
_NARROW: Final = 760


class DownloadsBar(PaintedButton):
    """Shows the first download that runs; or offers those that were interrupted. A click shows them all."""

    pause_requested = Signal(str)
    """The key of a download."""
    resume_all_requested = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self._running: ModelDownload | None = None
        self._offer = ""
        self._has_declined = False
        self._is_offering = True
        self._models: Sequence[ModelDownload] = ()
        self._name = DownloadName(theme)
        self._more = ElidedLabel(theme, TextRole.SMALL, "text_3")
        self._line = DownloadProgress(theme)
        self._figures = PlainLabel("", theme, TextRole.SMALL, "text_3")
        self._pause = IconButton("pause", "", theme, icons)
        self._resume = TextButton(tr("Resume all"))
        self.later_button = IconButton("x", tr("Not now"), theme, icons)
        self.setObjectName("downloads_bar")
        self.setToolTip(tr("Show the downloads"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self._pause.clicked.connect(self._ask_to_pause)
        self._resume.clicked.connect(self.resume_all_requested)
        self.later_button.clicked.connect(self._decline)
        self.hide()

    def show_models(self, models: Sequence[ModelDownload]) -> None:
        """Show what there is to show of all downloads, or nothing."""
        self._models = models
        running = [model for model in models if model.state is DownloadState.RUNNING]
        waiting = sum(model.state is DownloadState.WAITING for model in models)
        interrupted = sum(model.state is DownloadState.INTERRUPTED for model in models)
        self._running = running[0] if running else None
        is_offered = interrupted and self._is_offering and not (running or waiting or self._has_declined)
        self._offer = _offer_words(interrupted) if is_offered else ""
        if self._running is not None:
            self._show_running(self._running, len(running) - 1, waiting)
        elif self._offer:
            self._show_offer(interrupted)
        self.setVisible(self._running is not None or bool(self._offer))

    def set_offering(self, is_seen: bool) -> None:  # noqa: FBT001 - as the page's signal says it
        """Offer nothing while the page is seen that offers the same."""
        self._is_offering = not is_seen
        self.show_models(self._models)

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_figures()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("hover" if self._is_pointed_at() else "sidebar"))
        painter.fillRect(QRect(0, 0, self.width(), 1), self._theme.color("border"))
        icon, tone = ("unplug", "hay") if self._running is None else ("download", "accent")
        drawing = self._icons.pixmap(icon, self._theme.color(tone), _ICON, self.devicePixelRatioF())
        place = mirrored(self, QRect(_SIDE, (self.height() - _ICON) // 2, _ICON, _ICON))
        painter.drawPixmap(place.topLeft(), drawing)
        painter.end()

    def _is_pointed_at(self) -> bool:
        """Whether a click would show the downloads: its own buttons do something else."""
        own = (self._pause, self._resume, self.later_button)
        return self.underMouse() and not any(button.underMouse() for button in own)

    def _show_running(self, model: ModelDownload, others: int, waiting: int) -> None:
        self._name.show_words(model.shown_as)
        self._more.show_words(_more_words(others, waiting) or model.notice or tr("Checked as it comes"))
        self._line.set_progress(model.fraction, "hay_line" if model.is_mending else "accent")
        self._pause.set_name(tr("Pause the download of {name}", name=model.shown_as))
        self.setAccessibleName(tr("Download of {name}: {figures}", name=model.shown_as, figures=running_words(model)))
        self._show_figures()
        self._place(is_offer=False)

    def _show_offer(self, count: int) -> None:
        self._name.show_words(self._offer)
        self._more.show_words(tr("What has come is kept."))
        self._resume.setText(tr("Resume all") if count > 1 else tr("Resume"))
        self.setAccessibleName(self._offer)
        self._place(is_offer=True)

    def _place(self, *, is_offer: bool) -> None:
        for widget in (self._line, self._figures, self._pause):
            widget.setVisible(not is_offer)
        for widget in (self._resume, self.later_button):
            widget.setVisible(is_offer)
        self.update()

    def _show_figures(self) -> None:
        model = self._running
        if model is None:
            return
        figures = running_words(model)
        if self.width() < _NARROW:
            left = model.remaining_s
            figures = " · ".join([percent(model.fraction), *([left_words(left)] if left is not None else [])])
        self._figures.setText(figures)

    def _ask_to_pause(self) -> None:
        if self._running is not None:
            self.pause_requested.emit(self._running.key)

    def _decline(self) -> None:
        self._has_declined = True
        self.hide()

    def _lay_out(self) -> None:
        self._pause.setObjectName("pause_running_button")
        self._resume.setObjectName("resume_interrupted_button")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        for label in (self._name, self._more):
            label.setMinimumWidth(150)
            words.addWidget(label)
        words.addStretch(1)
        for label in (self._name, self._more, self._figures, self._line):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_SIDE + _ICON + 14, 1, _SIDE - 8, 0)
        layout.setSpacing(24)
        layout.addLayout(words, 3)
        layout.addWidget(self._line, 4)
        layout.addWidget(self._figures)
        ends = QWidget()
        buttons = QHBoxLayout(ends)
        buttons.setContentsMargins(0, 0, 0, 0)
        for button in (self._pause, self._resume, self.later_button):
            buttons.addWidget(button)
        layout.addWidget(ends)


def _more_words(others: int, waiting: int) -> str:
    said = [
        trn("and {count} more", "and {count} more", others) if others else "",
        trn("{count} is waiting", "{count} are waiting", waiting) if waiting else "",
    ]
    return " · ".join(filter(None, said))


def _offer_words(count: int) -> str:
    return trn(
        "{count} download was interrupted when Paddock was closed",
        "{count} downloads were interrupted when Paddock was closed",
        count,
    )
