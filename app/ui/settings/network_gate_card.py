"""The largest thing on the page of the network: whether the gate is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.network.gate import NetworkPolicy
from app.translation import tr
from app.ui.card import Card
from app.ui.icons import Icons
from app.ui.plain_label import PlainLabel
from app.ui.settings.group_extra import ExtraPart
from app.ui.settings.switch import Switch
from app.ui.theme import TextRole, Theme

_TILE: Final = 44
_TILE_RADIUS: Final = 10
_ICON: Final = 22
_WORDS: Final[Mapping[NetworkPolicy, tuple[str, str]]] = {
    NetworkPolicy.OFFLINE: (
        "Offline: the gate is closed",
        "Every connection is refused before it is made. Conversations and models on this laptop work as always.",
    ),
    NetworkPolicy.ASK: (
        "The gate asks first",
        "Before Paddock connects to find or download a model, it asks you: once for each host and purpose.",
    ),
    NetworkPolicy.ALLOW: (
        "The gate is open, for what you ask",
        "When you search for a model or download one, Paddock connects without asking again. Nothing else connects.",
    ),
}
"""Message ids: translated where they are shown."""


class NetworkGateCard(ExtraPart):
    """An icon, what state the gate is in, and a switch that is on when it is closed."""

    toggled = Signal()
    """The switch was used. It shows what `show_policy` says next."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.switch = Switch(theme, color_when_on="ok")
        self._tile = _Tile(theme, icons)
        self._title = PlainLabel("", theme, TextRole.HEADING_3)
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._sentence.setWordWrap(True)
        self._heading = PlainLabel(tr("Connections and downloads"), theme, TextRole.INTERFACE_STRONG)
        self._lay_out(theme)
        self.switch.clicked.connect(self.toggled)

    @override
    def controls(self) -> Sequence[QWidget]:
        return (self.switch,)

    def show_policy(self, policy: NetworkPolicy) -> None:
        """Show what may connect now."""
        title, sentence = _WORDS[policy]
        self._tile.set_closed(is_closed=policy is NetworkPolicy.OFFLINE)
        self._title.setText(tr(title))
        self._sentence.setText(tr(sentence))
        self.switch.setChecked(policy is NetworkPolicy.OFFLINE)
        self.switch.setAccessibleName(tr("Offline"))
        self.switch.setAccessibleDescription(f"{tr(title)}. {tr(sentence)}")

    def _lay_out(self, theme: Theme) -> None:
        inside = QWidget()
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._sentence)
        line = QHBoxLayout(inside)
        line.setContentsMargins(18, 14, 18, 14)
        line.setSpacing(16)
        line.addWidget(self._tile)
        line.addLayout(words, 1)
        line.addWidget(self.switch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Card([inside], theme))
        layout.addSpacing(22)
        layout.addWidget(self._heading)


class _Tile(QWidget):
    """The fence on green while the gate is closed, else a globe."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._is_closed = False
        self.setFixedSize(_TILE, _TILE)
        theme.changed.connect(self.update)

    def set_closed(self, *, is_closed: bool) -> None:
        """Show whether the gate is closed."""
        self._is_closed = is_closed
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("ok_soft" if self._is_closed else "inset"))
        painter.drawRoundedRect(QRectF(self.rect()), _TILE_RADIUS, _TILE_RADIUS)
        tone = self._theme.color("ok" if self._is_closed else "text_2")
        name = "fence" if self._is_closed else "globe"
        place = QRect((_TILE - _ICON) // 2, (_TILE - _ICON) // 2, _ICON, _ICON)
        painter.drawPixmap(place, self._icons.pixmap(name, tone, _ICON, self.devicePixelRatioF()))
        painter.end()
