"""The kinds a model can be converted to: name, what one gets, and how large the copy would be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.models.download.sizes import shown_size
from app.translation import tr
from app.ui.list_walk import STEPS, WalkedRow
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole, Theme
from app.workshop.convert import Choice

_HEIGHT: Final = 50
_RADIUS: Final = 8
_DOT: Final = 16
_PADDING: Final = 12
_SIZE: Final = 84


class TypeList(QWidget):
    """One of them is chosen: the one that is usually right."""

    def __init__(self, choices: Sequence[Choice], chosen: int, theme: Theme) -> None:
        super().__init__()
        self._choices = choices
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.rows = [_TypeRow(choice, theme) for choice in choices]
        for number, row in enumerate(self.rows):
            self._group.addButton(row, number)
            layout.addWidget(row)
        layout.addStretch(1)
        self.rows[chosen].setChecked(True)
        self.setFocusProxy(self.rows[chosen])

    @property
    def chosen(self) -> Choice:
        """What is chosen now."""
        return self._choices[self._group.checkedId()]

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key())
        if step is None:
            super().keyPressEvent(event)
            return
        row = self.rows[(self._group.checkedId() + step) % len(self.rows)]
        row.setChecked(True)
        row.setFocus(Qt.FocusReason.TabFocusReason)


class _TypeRow(WalkedRow):
    def __init__(self, choice: Choice, theme: Theme) -> None:
        super().__init__(theme)
        self._choice = choice
        self._size = tr("about {size}", size=shown_size(choice.size_bytes))
        self.setCheckable(True)
        self.setObjectName(f"type_{choice.target.name}")
        self.setText(choice.target.name)
        self.setAccessibleName(f"{choice.target.name}, {self._size}")
        self.setAccessibleDescription(choice.target.words())
        self.setToolTip(choice.target.words())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        inner = self.rect().adjusted(_PADDING, 0, -_PADDING, 0)
        self._paint_dot(painter, mirrored(self, QRect(inner.left(), (self.height() - _DOT) // 2, _DOT, _DOT)))
        words = mirrored(self, inner.adjusted(_DOT + 12, 7, -_SIZE, -7))
        leading = Qt.AlignmentFlag.AlignLeading
        painter.setFont(self._theme.font(TextRole.INTERFACE_STRONG))
        painter.setPen(self._theme.color("text"))
        painter.drawText(words, leading | Qt.AlignmentFlag.AlignTop, self.text())
        painter.setFont(self._theme.font(TextRole.SMALL))
        painter.setPen(self._theme.color("text_2"))
        said = painter.fontMetrics().elidedText(self._choice.target.words(), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, leading | Qt.AlignmentFlag.AlignBottom, said)
        painter.setPen(self._theme.color("text_3"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter, self._size)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        tone = "accent_soft" if self.isChecked() else "hover_raised" if self.underMouse() else None
        if tone is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(tone))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)

    def _paint_dot(self, painter: QPainter, place: QRect) -> None:
        ring = QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._theme.color("accent" if self.isChecked() else "border_control"), 1))
        painter.setBrush(self._theme.color("accent" if self.isChecked() else "raised"))
        painter.drawEllipse(ring)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("on_accent"))
            painter.drawEllipse(ring.adjusted(4.5, 4.5, -4.5, -4.5))
