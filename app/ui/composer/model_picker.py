"""The button that names the model which will answer, and how the engine is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy
from typing_extensions import override

from app.translation import tr
from app.ui.composer.model_choice import EngineCondition, EngineState
from app.ui.composer.state_dot import DOT, paint_state_dot
from app.ui.icons import Icons
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 30
_PADDING: Final = 9
_GAP: Final = 7
_BADGE_PADDING: Final = 7
_BADGE_HEIGHT: Final = 19
_CHEVRON: Final = 13
_WIDEST_NAME: Final = 220
_NARROWEST_NAME: Final = 48
_TURN_MS: Final = 1200


class ModelPicker(QAbstractButton):
    """State dot, name, badge, chevron. A long name gives way before the badge does."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(None)
        self._theme = theme
        self._icons = icons
        self._name = ""
        self._state = EngineState(EngineCondition.NOT_LOADED)
        self._turn = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=_TURN_MS)
        self._turn.setLoopCount(-1)
        self._turn.valueChanged.connect(self.update)
        self.setObjectName("model_picker")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._describe()

    def set_name(self, name: str) -> None:
        """Show the name of the chosen model; "" when there is none."""
        self._name = name
        self._describe()

    def set_state(self, state: EngineState) -> None:
        """Show how the engine is."""
        self._state = state
        turning = state.condition is EngineCondition.LOADING and not self._theme.reduced_motion
        if turning and self._turn.state() != QVariantAnimation.State.Running:
            self._turn.start()
        elif not turning:
            self._turn.stop()
        self._describe()

    @property
    def is_loading(self) -> bool:
        """Whether a model is on its way into memory."""
        return self._state.condition is EngineCondition.LOADING

    @override
    def sizeHint(self) -> QSize:
        name = min(_WIDEST_NAME, self._name_metrics().horizontalAdvance(self._shown_name()) + 2)
        return QSize(name + self._rest_width(), _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        name = min(_NARROWEST_NAME, self._name_metrics().horizontalAdvance(self._shown_name()) + 2)
        return QSize(name + self._rest_width(), _HEIGHT)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.click()
            return
        super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("border"))
        painter.setBrush(self._theme.color("hover_raised" if self.underMouse() else "raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        self._paint_parts(painter)
        painter.end()

    def _paint_parts(self, painter: QPainter) -> None:
        middle = self.height() / 2
        x = float(_PADDING)
        if self._name:
            dot = QRectF(x, middle - DOT / 2, DOT, DOT)
            paint_state_dot(painter, dot, self._state.condition, self._angle(), self._theme)
            x += DOT + _GAP
        room = self.width() - self._rest_width()
        name = QRectF(x, 0, room, self.height())
        painter.setFont(self._theme.font(TextRole.ROW, weight=500))
        painter.setPen(self._theme.color("text"))
        shown = self._name_metrics().elidedText(self._shown_name(), Qt.TextElideMode.ElideRight, room)
        self._draw_words(painter, name, shown)
        x += room
        if self._name:
            self._paint_badge(painter, QRectF(x + _GAP, middle - _BADGE_HEIGHT / 2, self._badge_width(), _BADGE_HEIGHT))
        chevron = self._icons.pixmap("chevron-down", self._theme.color("text_2"), _CHEVRON, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - _PADDING - _CHEVRON, (self.height() - _CHEVRON) // 2, chevron)

    def _paint_badge(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("inset"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setFont(self._theme.font(TextRole.BADGE))
        painter.setPen(self._theme.color("text_2"))
        self._draw_words(painter, rect, self._state.words, Qt.AlignmentFlag.AlignCenter)

    def _draw_words(
        self, painter: QPainter, rect: QRectF, words: str, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
    ) -> None:
        painter.save()
        if painter.transform().m11() < 0:  # the parts are mirrored from right to left; words never are
            painter.translate(2 * rect.center().x(), 0)
            painter.scale(-1, 1)
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()

    def _angle(self) -> float:
        return float(self._turn.currentValue()) if self._turn.state() == QVariantAnimation.State.Running else 0.0

    def _shown_name(self) -> str:
        return self._name or tr("Choose a model")

    def _name_metrics(self) -> QFontMetrics:
        return QFontMetrics(self._theme.font(TextRole.ROW, weight=500))

    def _badge_width(self) -> int:
        metrics = QFontMetrics(self._theme.font(TextRole.BADGE))
        return metrics.horizontalAdvance(self._state.words) + 2 * _BADGE_PADDING

    def _rest_width(self) -> int:
        """Everything but the name."""
        ends = 2 * _PADDING + _GAP + _CHEVRON
        return ends + (DOT + 2 * _GAP + self._badge_width() if self._name else 0)

    def _describe(self) -> None:
        words = tr("{model}, {state}", model=self._name, state=self._state.words) if self._name else self._shown_name()
        self.setAccessibleName(tr("Model: {model}", model=words) if self._name else words)
        self.setToolTip("\n".join((words, *self._state.notes)))
        self.setAccessibleDescription(" ".join(self._state.notes))
        self.updateGeometry()
        self.update()
