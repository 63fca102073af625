"""The one model to begin with on this laptop, with its reason and its numbers."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.catalogue_badge import BadgeLabel
from app.ui.model_manager.discover_shown import Action, Badge, Recommendation, Tone
from app.ui.model_manager.fit_gauge import FitMark
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_RADIUS: Final = 12
_TILE: Final = 44
_TILE_ICON: Final = 22
_NARROW: Final = 700
_ONE_LINE: Final = 960
"""In cards narrower than this the other facts stand under the fit, in one that is wide enough beside it."""
_BESIDE: Final = 16
_BELOW: Final = 2
_BUTTON_ICON: Final = 16
_AROUND_ICON: Final = 3


class RecommendedCard(QWidget):
    """Hidden while there is nothing to recommend."""

    get_requested = Signal(str)
    opened = Signal(str)
    """Its page is wanted."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._shown: Recommendation | None = None
        self._name = PlainLabel("", theme, TextRole.HEADING_3)
        self._reason = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._reason.setWordWrap(True)
        self._mark = FitMark(theme, icons)
        self._fit = PlainLabel("", theme, TextRole.INTERFACE_STRONG, "ok")
        self._numbers = PlainLabel("", theme, TextRole.INTERFACE, "text_3")
        self._numbers.setWordWrap(True)
        self._state = PlainLabel("", theme, TextRole.INTERFACE_STRONG, "text_2")
        self.get_button = TextButton("", "primary")
        self.get_button.setObjectName("get_recommended_button")
        self.files_button = TextButton(tr("All files"), "accent")
        self._tile = _Tile(theme, icons)
        self._badges = QHBoxLayout()
        self._facts = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._columns = QHBoxLayout(self)
        self.get_button.clicked.connect(self._get)
        self.files_button.clicked.connect(self._open)
        self.setObjectName("recommended_card")
        self._lay_out()
        theme.changed.connect(self._restyle)
        self.hide()

    def show_recommendation(self, shown: Recommendation | None) -> None:
        """Show another one; None hides the card."""
        self._shown = shown
        self.setVisible(shown is not None)
        if shown is None:
            return
        model = shown.model
        best = tr("Best for this laptop: {words}", words=model.sentence)
        self.setAccessibleName(best if shown.is_best else f"{shown.reason} {model.sentence}")
        self._name.setText(model.name)
        self._reason.setText(shown.reason)
        self._show_badges((*_best_badge(shown), *model.badges))
        self._tile.show_drawing("sprout" if shown.is_best else "boxes")
        fit = model.fit
        self._fit.setText(f"{fit.word}: {tr('{numbers} free', numbers=fit.numbers)}" if fit else "")
        self._mark.show_fit(fit)
        self._fit.set_color(fit.tone if fit else "text_2")
        file = f"{model.quantization}, {shown.file_note}" if shown.file_note else model.quantization
        numbers = (
            file,
            tr("{speed} expected", speed=fit.speed) if fit and fit.speed else "",
            fit.context if fit else "",
        )
        self._numbers.setText("  ·  ".join(part for part in numbers if part))
        self._show_action(model.action, model.size, model.state)
        self.get_button.setAccessibleName(tr("Get {name}, {size}", name=model.name, size=model.size))
        self.files_button.setAccessibleName(tr("All files of {name}", name=model.name))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border_strong"), 1))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW
        direction = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        if self._columns.direction() != direction:
            self._columns.setDirection(direction)
            self._columns.setAlignment(self._actions, Qt.AlignmentFlag.AlignLeft if is_narrow else _CENTRE)
        is_wide = self.width() >= _ONE_LINE
        self._facts.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        self._facts.setSpacing(_BESIDE if is_wide else _BELOW)

    def _show_action(self, action: Action, size: str, state: str) -> None:
        self.get_button.setText(tr("Get, {size}", size=size))
        self.get_button.setVisible(action is Action.GET)
        self._state.setText(state)
        self._state.setVisible(action is not Action.GET)

    def _show_badges(self, badges: tuple[Badge, ...]) -> None:
        while (item := self._badges.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for badge in badges:
            self._badges.addWidget(BadgeLabel(badge, self._theme))
        self._badges.addStretch(1)

    def _get(self) -> None:
        if self._shown is not None:
            self.get_requested.emit(self._shown.model.key)

    def _open(self) -> None:
        if self._shown is not None:
            self.opened.emit(self._shown.model.key)

    def _restyle(self) -> None:
        self.get_button.setIcon(self._button_icon())
        self.update()

    def _button_icon(self) -> QIcon:
        """The arrow with some air at its sides: a button puts its words close to its icon."""
        ratio = self.devicePixelRatioF()
        drawing = self._icons.pixmap("download", self._theme.color("on_accent"), _BUTTON_ICON, ratio)
        whole = QPixmap(self.get_button.iconSize() * ratio)
        whole.setDevicePixelRatio(ratio)
        whole.fill(Qt.GlobalColor.transparent)
        painter = QPainter(whole)
        painter.drawPixmap(_AROUND_ICON, 0, drawing)
        painter.end()
        return QIcon(whole)

    def _lay_out(self) -> None:
        self._columns.setContentsMargins(18, 16, 18, 16)
        self._columns.setSpacing(18)
        self._columns.addLayout(self._make_words(), 1)
        self._actions = QWidget()
        actions = QVBoxLayout(self._actions)
        actions.setContentsMargins(0, 0, 0, 0)
        actions.setSpacing(4)
        for part in (self._state, self.get_button, self.files_button):
            actions.addWidget(part, 0, Qt.AlignmentFlag.AlignRight)
        self._columns.addWidget(self._actions, 0, _CENTRE)

    def _make_words(self) -> QHBoxLayout:
        self.get_button.setIconSize(QSize(_BUTTON_ICON + 2 * _AROUND_ICON, _BUTTON_ICON))
        self.get_button.setIcon(self._button_icon())
        head = QHBoxLayout()
        head.setSpacing(8)
        self._badges.setSpacing(8)
        head.addWidget(self._name)
        head.addLayout(self._badges, 1)
        fit = QHBoxLayout()
        fit.setSpacing(6)
        fit.addWidget(self._mark)
        fit.addWidget(self._fit)
        fit.addStretch(1)
        self._facts.addLayout(fit)
        self._facts.addWidget(self._numbers, 1)
        words = QVBoxLayout()
        words.setSpacing(5)
        words.addLayout(head)
        words.addWidget(self._reason)
        words.addLayout(self._facts)
        left = QHBoxLayout()
        left.setSpacing(18)
        left.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignVCenter)
        left.addLayout(words, 1)
        return left


class _Tile(QWidget):
    """The sprout of what is recommended; another drawing for what is not."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._drawing = "sprout"
        self.setFixedSize(_TILE, _TILE)
        theme.changed.connect(self.update)

    def show_drawing(self, name: str) -> None:
        """Show another icon."""
        self._drawing = name
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent_soft"))
        painter.drawRoundedRect(self.rect(), 10, 10)
        at = (_TILE - _TILE_ICON) // 2
        drawing = self._icons.pixmap(self._drawing, self._theme.color("accent"), _TILE_ICON, self.devicePixelRatioF())
        painter.drawPixmap(at, at, drawing)
        painter.end()


def _best_badge(shown: Recommendation) -> tuple[Badge, ...]:
    """Say that it is the best only of what was judged to be."""
    return (Badge(tr("Best for this laptop"), Tone.ACCENT),) if shown.is_best else ()


_CENTRE: Final = Qt.AlignmentFlag.AlignVCenter
