"""How full the context window is: a quiet bar with two numbers, which explains itself when it is pointed at."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QProgressBar, QSizePolicy
from typing_extensions import override

from app.translation import tr
from app.ui.composer.context_bar import paint_use
from app.ui.composer.context_card import ContextCard, left_out_words, lines_of, total_words
from app.ui.composer.context_use import ContextUse
from app.ui.theme import TextRole, Theme

_BAR: Final = QSize(84, 6)
_HEIGHT: Final = 30
_GAP: Final = 8
_PADDING: Final = 4
_SHORT_FROM: Final = 10_000


class ContextGauge(QProgressBar):
    """Hidden while nobody knows. It takes no part of the window for itself: its card never takes the keyboard."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(None)
        self._theme = theme
        self._use: ContextUse | None = None
        self._is_narrow = False
        self._is_counting = False
        self._card = ContextCard(theme)
        self.setObjectName("context_gauge")
        self.setAccessibleName(tr("Context window"))
        self.setTextVisible(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()
        theme.changed.connect(self.update)

    @property
    def use(self) -> ContextUse | None:
        """What is shown; None while nobody knows."""
        return self._use

    @property
    def card(self) -> ContextCard:
        """What explains the numbers."""
        return self._card

    @property
    def words(self) -> str:
        """The numbers beside the bar."""
        use = self._use
        if self._is_counting:
            return tr("counting…")
        if use is None:
            return ""
        if self._is_narrow:
            return tr("{percent} %", percent=use.percent)
        return f"{_short(use.tokens, use.n_ctx)} / {_whole(use.n_ctx)}"

    def show_use(self, use: ContextUse | None) -> None:
        """Show these numbers; None: there are none to show."""
        self._use = use
        self._is_counting = False
        if use is None:
            self.hide()
            return
        self.setRange(0, use.n_ctx)
        self.setValue(min(use.tokens, use.n_ctx))
        self.setAccessibleDescription(_description(use))
        self._card.show_use(use)
        self.updateGeometry()
        self.show()
        self.update()

    def show_counting(self) -> None:
        """Say that the numbers are on their way, in place of those that are no longer true."""
        self._is_counting = True
        self._card.hide()
        self.setAccessibleDescription(tr("Counting the tokens of your draft."))
        self.updateGeometry()
        self.show()
        self.update()

    def stop_counting(self) -> None:
        """Show what was shown before: the counting has ended, or was put off."""
        if self._is_counting:
            self.show_use(self._use)

    def hide_card(self) -> bool:
        """Put the explanation away; say whether there was one."""
        was_visible = self._card.isVisible()
        self._card.hide()
        return was_visible

    def scrolled(self) -> None:
        """The words below the explanation move: it leaves them, unless it is pointed at."""
        if not self.underMouse():
            self._card.hide()

    def set_narrow(self, is_narrow: bool) -> None:  # noqa: FBT001 - a setter with one value
        """Say only how much of the window is used, where there is little room."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(TextRole.SMALL))
        return QSize(_BAR.width() + _GAP + metrics.horizontalAdvance(self.words) + 2 * _PADDING + 2, _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self._explain()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self._card.hide()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._explain()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._card.hide()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._card.hide()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._card.isVisible():
            self._card.hide()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._explain()
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._use is None and not self._is_counting:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        bar_left = self.width() - _PADDING - _BAR.width() if is_mirrored else _PADDING
        bar = QRectF(bar_left, (self.height() - _BAR.height()) / 2, _BAR.width(), _BAR.height())
        if self._use is not None and not self._is_counting:
            paint_use(painter, bar, self._use, self._theme, is_mirrored=is_mirrored)
        painter.setFont(self._theme.font(TextRole.SMALL))
        painter.setPen(self._theme.color("text_3"))
        room = self.width() - _BAR.width() - _GAP - 2 * _PADDING
        left = _PADDING if is_mirrored else _PADDING + _BAR.width() + _GAP
        painter.drawText(QRect(left, 0, room, self.height()), Qt.AlignmentFlag.AlignCenter, self.words)
        painter.end()

    def _explain(self) -> None:
        if self._use is not None and self.isVisible() and not self._is_counting:
            window = self.window()
            self._card.show_above(window, QRect(self.mapTo(window, QPoint(0, 0)), self.size()))


def _short(tokens: int, n_ctx: int) -> str:
    return f"{tokens:,}" if n_ctx < _SHORT_FROM else f"{tokens / 1000:.1f}k"


def _whole(n_ctx: int) -> str:
    return f"{n_ctx:,}" if n_ctx < _SHORT_FROM else f"{n_ctx // 1024}k"


def _description(use: ContextUse) -> str:
    parts = [f"{line.label}: {line.tokens:,}" for line in lines_of(use)]
    return " ".join((total_words(use) + ".", *(part + "." for part in parts), left_out_words(use) + "."))
