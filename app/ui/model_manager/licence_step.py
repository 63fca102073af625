"""The step before each download: is it open source, may I use it at work, what binds me."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.icons import Icons
from app.ui.model_manager.licence_step_points import FullText, Points
from app.ui.model_manager.licence_step_shown import StepShown
from app.ui.model_manager.licence_step_tick import TickBox
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

WIDTH: Final = 660
_SIDE: Final = 28
_RADIUS: Final = 12


class LicenceStep(QWidget):
    """The content of a sheet. Where something has to be accepted, only its check mark opens the button."""

    accepted = Signal()
    cancelled = Signal()
    open_models_wanted = Signal()
    """Models under an open-source licence are to be shown instead."""

    def __init__(self, shown: StepShown, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.shown = shown
        self._is_busy = False
        self.tick = TickBox(shown.tick, theme, icons)
        self.tick.setObjectName("accept_box")
        self.accept_button = TextButton(shown.button, "primary")
        self.accept_button.setObjectName("accept_button")
        self.accept_button.setAccessibleName(shown.button)
        self.cancel_button = TextButton(tr("Cancel"))
        self.cancel_button.setFixedHeight(32)  # as high as the button beside it
        self.others_button = TextButton(tr("Open-source models like this one"), "accent")
        self._trouble = PlainLabel("", theme, TextRole.INTERFACE, "error")
        self._trouble.setWordWrap(True)
        self._trouble.hide()
        self._foot = QWidget()
        self._middle = self._make_middle(icons)
        self._head = self._make_head()
        self._lay_out()
        self._connect()
        self.setObjectName("licence_step")
        self.setAccessibleName(f"{shown.title} {shown.intro}")
        self.setFocusProxy(self.tick if shown.needs_tick else self.accept_button)

    @property
    def trouble(self) -> str:
        """Why it could not be done, "" while nothing is in the way."""
        return self._trouble.text()

    def show_trouble(self, sentence: str) -> None:
        """Say why it cannot be; the step stays."""
        self.set_busy(is_busy=False)
        self._trouble.setText(sentence)
        self._trouble.show()
        announce(self, sentence)

    def set_busy(self, *, is_busy: bool) -> None:
        """What was accepted is being done: a second click does nothing."""
        self._is_busy = is_busy
        self._open_button()

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, arg__1: int) -> int:
        return sum(_height(part, arg__1) for part in (self._head, self._middle, self._foot))

    @override
    def sizeHint(self) -> QSize:
        return QSize(WIDTH, self.heightForWidth(WIDTH))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """The foot stands on quieter ground, inside the rounded corners of the sheet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole, foot = QPainterPath(), QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS - 1, _RADIUS - 1)
        foot.addRect(QRectF(self._foot.geometry()))
        painter.fillPath(whole.intersected(foot), self._theme.color("sidebar"))
        painter.fillRect(1, self._foot.y(), self.width() - 2, 1, self._theme.color("border"))
        painter.end()

    def _connect(self) -> None:
        self.cancel_button.clicked.connect(self.cancelled)
        self.accept_button.clicked.connect(self.accepted)
        self.others_button.clicked.connect(self.open_models_wanted)
        self.tick.toggled.connect(self._open_button)
        self.set_busy(is_busy=False)

    def _open_button(self) -> None:
        is_allowed = self.tick.isChecked() or not self.shown.needs_tick
        self.accept_button.setEnabled(is_allowed and not self._is_busy)

    def _make_head(self) -> QWidget:
        head = QWidget()
        layout = QVBoxLayout(head)
        layout.setContentsMargins(_SIDE, 22, _SIDE, 12)
        layout.setSpacing(6)
        for words, role, color in (
            (self.shown.title, TextRole.DIALOG_TITLE, "text"),
            (self.shown.intro, TextRole.INTERFACE, "text_2"),
            (self.shown.disagreement, TextRole.INTERFACE_STRONG, "hay"),
            (self.shown.accepted, TextRole.INTERFACE, "ok"),
        ):
            if words:
                label = PlainLabel(words, self._theme, role, color)
                label.setWordWrap(True)
                layout.addWidget(label)
        return head

    def _make_middle(self, icons: Icons) -> QWidget:
        shown, middle = self.shown, QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(_SIDE, 0, _SIDE, 16)
        layout.setSpacing(12)
        for licence in shown.licences:
            layout.addWidget(Points(licence, self._theme, icons, has_name=len(shown.licences) > 1))
        if shown.text:
            layout.addWidget(FullText(shown.text, shown.text_note, self._theme, icons))
        elif shown.text_note:
            label = PlainLabel(shown.text_note, self._theme, TextRole.INTERFACE, "text_2")
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(1)
        return middle

    def _lay_out(self) -> None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setMinimumHeight(1)  # else a short middle would take its room from the foot
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._middle)
        self._middle.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        self._lay_out_foot()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(area, 1)
        layout.addWidget(self._foot)

    def _lay_out_foot(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.others_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.accept_button)
        small = PlainLabel(self.shown.small, self._theme, TextRole.SMALL, "text_3")
        small.setWordWrap(True)
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(_SIDE, 12, _SIDE, 16)
        foot.setSpacing(10)
        foot.addWidget(self.tick)
        foot.addWidget(self._trouble)
        foot.addLayout(buttons)
        foot.addWidget(small)
        self.tick.setVisible(self.shown.needs_tick)
        self.others_button.setVisible(self.shown.needs_tick or bool(self.shown.accepted))


def _height(widget: QWidget, width: int) -> int:
    height = widget.heightForWidth(width) if widget.hasHeightForWidth() else -1
    return height if height > 0 else widget.sizeHint().height()
