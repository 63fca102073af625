"""The switch at the foot of the sidebar: on means that the gate is closed, and nothing leaves the laptop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from app.network.gate import NetworkPolicy
from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.painted_button import PaintedButton
from app.ui.settings.switch import SwitchLooks, paint_switch
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 32
_NARROW: Final = 32
_RADIUS: Final = 8
_PADDING: Final = 8
_ICON: Final = 16
_GAP: Final = 8
_TRACK: Final = QSize(30, 18)


@dataclass(frozen=True, slots=True)
class _Looks:
    """How a policy is said: its icon, its name, a few words more, and what it means in a sentence."""

    icon: str
    name: str
    hint: str
    meaning: str


_LOOKS: Final[Mapping[NetworkPolicy, _Looks]] = {
    NetworkPolicy.OFFLINE: _Looks(
        "fence",
        "Offline",
        "the gate is closed",
        "Offline: every connection is refused before it is made. Click to let Paddock connect again.",
    ),
    NetworkPolicy.ASK: _Looks(
        "globe",
        "Asks first",
        "before it connects",
        "Paddock asks before it connects to find or download a model. Click to go offline.",
    ),
    NetworkPolicy.ALLOW: _Looks(
        "globe",
        "Online",
        "only when you ask",
        "Paddock connects when you search for a model or download one. Click to go offline.",
    ),
}
"""Message ids: translated where they are shown."""


class OfflineSwitch(PaintedButton):
    """An icon, a word that says which state it is, and a track; in the rail the icon only.

    It shows what it is told by `show_policy`: a click is a wish, and nothing changes before that was saved.
    """

    def __init__(self, theme: Theme, icons: Icons, *, is_narrow: bool = False) -> None:
        super().__init__(theme)
        self._icons = icons
        self._is_narrow = is_narrow
        self._policy = NetworkPolicy.ASK
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_narrow(is_narrow=is_narrow)
        self.show_policy(NetworkPolicy.ASK)

    def show_policy(self, policy: NetworkPolicy) -> None:
        """Show what may connect now."""
        self._policy = policy
        looks = _LOOKS[policy]
        self.setChecked(policy is NetworkPolicy.OFFLINE)
        self.setText(tr(looks.name))
        self.setAccessibleName(tr("Offline"))
        self.setAccessibleDescription(tr(looks.meaning))
        self.setToolTip(tr(looks.meaning))
        self.update()

    def set_narrow(self, *, is_narrow: bool) -> None:
        """Show the icon only, or the words too."""
        self._is_narrow = is_narrow
        self.setMinimumSize(self.sizeHint())
        self.setMaximumWidth(_NARROW if is_narrow else 16_777_215)  # Qt's own “no limit”
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_NARROW if self._is_narrow else 120, _HEIGHT)

    @override
    def nextCheckState(self) -> None:
        """A click says what is wished; what is shown follows when it is so."""

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        left = (self.width() - _ICON) // 2 if self._is_narrow else _PADDING
        icon = QRect(left, (self.height() - _ICON) // 2, _ICON, _ICON)
        tone = self._theme.color(self._tone)
        drawing = self._icons.pixmap(_LOOKS[self._policy].icon, tone, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, icon).topLeft(), drawing)
        if not self._is_narrow:
            self._paint_words(painter)
        painter.end()

    @property
    def _tone(self) -> str:
        if self.isChecked():
            return "ok"
        return "text" if self.underMouse() else "text_2"

    def _paint_words(self, painter: QPainter) -> None:
        track = QRect(self.width() - _PADDING - _TRACK.width(), 0, _TRACK.width(), self.height())
        begin = _PADDING + _ICON + _GAP
        place = QRect(begin, 0, track.left() - _GAP - begin, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.setFont(self._theme.font(TextRole.ROW, weight=550))
        painter.setPen(self._theme.color("ok" if self.isChecked() else "text"))
        painter.drawText(mirrored(self, place), flags, self.text())
        used = painter.fontMetrics().horizontalAdvance(self.text()) + _GAP
        hint = tr(_LOOKS[self._policy].hint)
        font = self._theme.font(TextRole.BADGE)
        if QFontMetrics(font).horizontalAdvance(hint) <= place.width() - used:
            painter.setFont(font)
            painter.setPen(self._theme.color("text_3"))
            painter.drawText(mirrored(self, place.adjusted(used, 0, 0, 0)), flags, hint)
        self._paint_track(painter, mirrored(self, track))

    def _paint_track(self, painter: QPainter, place: QRect) -> None:
        track = QRect(place.left(), (self.height() - _TRACK.height()) // 2, _TRACK.width(), _TRACK.height())
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        looks = SwitchLooks("ok", self.isChecked(), float(self.isChecked() is not is_mirrored))
        paint_switch(painter, QRectF(track), looks, self._theme)
