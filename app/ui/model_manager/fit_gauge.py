"""Whether a file fits: word, icon and numbers, with a bar that is measured against the free memory."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.model_manager.discover_shown import FitShown
from app.ui.theme import TextRole, Theme

WIDTH: Final = 178
_ICON: Final = 14
_GAP: Final = 6
_BAR_WIDTH: Final = 132
_BAR: Final = 5
_LINE: Final = 18
_BELOW: Final = 5
_STRONG: Final = 600


class FitGauge(QWidget):
    """As one row has it. Where nothing is known it stays empty."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._fit: FitShown | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def show_fit(self, fit: FitShown | None) -> None:
        """Show another one."""
        self._fit = fit
        self.setAccessibleName(fit.sentence if fit else "")
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(max(WIDTH, self._words_width()), _LINE + _BELOW + _BAR)

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._fit is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_words(painter, self._fit)
        self._paint_bar(painter, self._fit)
        painter.end()

    def _paint_words(self, painter: QPainter, fit: FitShown) -> None:
        color = self._theme.color(fit.tone)
        place = mirrored(self, QRect(0, (_LINE - _ICON) // 2, _ICON, _ICON))
        painter.drawPixmap(place.topLeft(), self._icons.pixmap(fit.icon, color, _ICON, self.devicePixelRatioF()))
        left = _ICON + _GAP
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        for words, role, weight, tone in (
            (fit.word, TextRole.INTERFACE, _STRONG, color),
            (fit.numbers, TextRole.SMALL, None, self._theme.color("text_3")),
        ):
            painter.setFont(self._theme.font(role, weight=weight))
            painter.setPen(tone)
            width = painter.fontMetrics().horizontalAdvance(words) + 2
            painter.drawText(mirrored(self, QRect(left, 0, width, _LINE)), flags, words)
            left += width + _GAP

    def _paint_bar(self, painter: QPainter, fit: FitShown) -> None:
        if fit.share < 0:
            return
        whole = QRect(0, _LINE + _BELOW, _BAR_WIDTH, _BAR)
        filled = QRect(whole.topLeft(), QSize(max(_BAR, round(_BAR_WIDTH * min(1.0, fit.share))), _BAR))
        painter.setPen(Qt.PenStyle.NoPen)
        for place, tone in ((whole, "border"), (filled, fit.tone)):
            painter.setBrush(self._theme.color(tone))
            painter.drawRoundedRect(QRectF(mirrored(self, place)), _BAR / 2, _BAR / 2)

    def _words_width(self) -> int:
        if self._fit is None:
            return 0
        word = QFontMetrics(self._theme.font(TextRole.INTERFACE, weight=_STRONG)).horizontalAdvance(self._fit.word)
        numbers = QFontMetrics(self._theme.font(TextRole.SMALL)).horizontalAdvance(self._fit.numbers)
        return _ICON + 2 * _GAP + word + numbers + 4


class FitMark(QWidget):
    """The verdict's icon alone, beside words that stand in a layout."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._fit: FitShown | None = None
        self.setFixedSize(_ICON, _ICON)
        theme.changed.connect(self.update)

    def show_fit(self, fit: FitShown | None) -> None:
        """Show another one; None shows nothing."""
        self._fit = fit
        self.setVisible(fit is not None)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._fit is not None:
            painter = QPainter(self)
            color = self._theme.color(self._fit.tone)
            painter.drawPixmap(0, 0, self._icons.pixmap(self._fit.icon, color, _ICON, self.devicePixelRatioF()))
            painter.end()
