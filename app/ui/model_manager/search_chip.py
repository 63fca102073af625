"""Chips: filters that are on or off, and choices that open a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.painted_button import PaintedButton
from app.ui.popover import Popover
from app.ui.settings.choice_list import ChoiceList
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 28
_SIDE: Final = 12
_MARK: Final = 13
_GAP: Final = 6
_ON_WEIGHT: Final = 550


class Chip(PaintedButton):
    """A pill. Checked it has a check mark besides its colour."""

    def __init__(self, words: str, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self.setText(words)
        self.setAccessibleName(words)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self.updateGeometry)

    @property
    def mark(self) -> str:
        """The icon beside the words, "" for none."""
        return "check" if self.isChecked() else ""

    @property
    def is_on(self) -> bool:
        """Whether it makes a difference now."""
        return self.isChecked()

    @override
    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._theme.font(TextRole.ROW, weight=_ON_WEIGHT)).horizontalAdvance(self.text()) + 2
        return QSize(2 * _SIDE + words + (_MARK + _GAP if self.mark else 0), _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, edge = ("accent_soft", "accent_soft") if self.is_on else ("raised", "border_strong")
        if not self.is_on and self.underMouse():
            ground = "pressed_raised" if self.isDown() else "hover_raised"
        painter.setPen(QPen(self._theme.color(edge), 1))
        painter.setBrush(self._theme.color(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _HEIGHT / 2, _HEIGHT / 2)
        tone = self._theme.color("accent" if self.is_on else "text")
        words = self.rect().adjusted(_SIDE, 0, -_SIDE, 0)
        if self.mark:
            pixmap = self._icons.pixmap(self.mark, tone, _MARK, self.devicePixelRatioF())
            left = words.left() if self._mark_leads() else words.right() + 1 - _MARK
            painter.drawPixmap(mirrored(self, QRect(left, (_HEIGHT - _MARK) // 2, _MARK, _MARK)).topLeft(), pixmap)
            words.adjust(*((_MARK + _GAP, 0, 0, 0) if self._mark_leads() else (0, 0, -_MARK - _GAP, 0)))
        painter.setFont(self._theme.font(TextRole.ROW, weight=_ON_WEIGHT if self.is_on else None))
        painter.setPen(tone)
        painter.drawText(
            mirrored(self, words), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter, self.text()
        )
        painter.end()

    def _mark_leads(self) -> bool:
        return True


class ChoiceChip(Chip):
    """A pill that opens a list of choices; the first of them is no restriction."""

    chosen = Signal(str)
    """The key of the choice."""

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], theme: Theme, icons: Icons) -> None:
        """`choices` are keys and labels; `name` stands on the chip while the first is chosen."""
        super().__init__(name, theme, icons)
        self._name = name
        self._choices = choices
        self._key = choices[0][0]
        self.setCheckable(False)
        self.clicked.connect(self._open)

    @property
    @override
    def mark(self) -> str:
        return "chevron-down"

    @property
    @override
    def is_on(self) -> bool:
        return self._key != self._choices[0][0]

    @property
    def key(self) -> str:
        """The choice that counts."""
        return self._key

    def choose(self, key: str) -> None:
        """Show `key` as chosen, without saying so."""
        self._key = key
        label = next(label for each, label in self._choices if each == key)
        self.setText(label if self.is_on else self._name)
        self.setAccessibleName(f"{self._name}: {label}")
        self.updateGeometry()
        self.update()

    @override
    def _mark_leads(self) -> bool:
        return False

    def _open(self) -> None:
        keys = [key for key, _ in self._choices]
        choices = ChoiceList([label for _, label in self._choices], keys.index(self._key), self._theme, self._icons)
        choices.setAccessibleName(self._name)
        popover = Popover(choices, self._theme)
        choices.taken.connect(popover.dismiss)
        choices.taken.connect(self._take)
        popover.dismissed.connect(popover.deleteLater)
        popover.open_at(self)

    def _take(self, index: int) -> None:
        self.choose(self._choices[index][0])
        self.chosen.emit(self._key)
