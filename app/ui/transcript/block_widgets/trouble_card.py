"""Why a reply could not be written to its end: what happened, what is safe, what helps, and one button that does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QTextCharFormat
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.text_button import TextButton
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.details_box import DetailsBox
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.block_widgets.whole_text import TypedText
from app.ui.transcript.strips import TroubleStrip
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.text_formats import LOOSE_LINE, lines_of, look_of

_PADDING: Final = 18
_ABOVE: Final = 16
_TILE: Final = 28
_LEFT: Final = 58
_TITLE_PIXELS: Final = 14
_TEXT_TOP: Final = 50
_BETWEEN: Final = 8
_BUTTON: Final = 32
_PLAIN_PADDING: Final = 13
"""What a plain button has around its words: where it stands alone they begin where the text does."""
_RADIUS: Final = 12


class TroubleCard(StripView[TroubleStrip]):
    """A card that belongs to one message."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self.setObjectName("engine_trouble_card")
        self._shown: TroubleStrip | None = None
        self._title = ""
        self.words = TypedText(self)
        self.button = TextButton("", "primary", self)
        self.button.clicked.connect(self._act)
        self.details_button = TextButton(tr("Details"), "plain", self)
        self.details_button.setObjectName("details_button")
        self.details_button.setCheckable(True)
        self.details_button.setIconSize(QSize(13, 13))
        self.details_button.toggled.connect(self._show_details)
        self.details = DetailsBox(surroundings, self)
        self.details.hide()

    @override
    def show_strip(self, strip: TroubleStrip) -> None:
        if self._shown is None or strip.message_id != self._shown.message_id:
            self.details_button.setChecked(False)
        self._shown = strip
        self._title = tr("This reply was not finished") if strip.has_words else tr("This reply could not be written")
        self.setAccessibleName(f"{self._title}. {strip.trouble.sentence} {strip.trouble.next_step}".strip())
        self.button.setObjectName("continue_button" if strip.has_words else "retry_button")
        self.button.setText(tr("Continue") if strip.has_words else tr("Try again"))
        self.button.setAccessibleName(self.button.text())
        self.button.setVisible(strip.can_go_on)
        self.details_button.setVisible(bool(strip.trouble.details))
        self.details.set_text(strip.trouble.details)
        with self.words.selection_kept():
            self._write(strip)
        self._show_chevron()
        self.update()

    @override
    def buttons(self) -> Sequence[QWidget]:
        return (self.button, self.details_button, self.details.text, self.details.copy_button)

    @override
    def height_for(self, width: int) -> int:
        inner = width - _LEFT - _PADDING
        self.words.set_width(inner)
        self._place()  # another sentence or button can need other places in a card of the same size
        has_buttons = self.button.isVisibleTo(self) or self.details_button.isVisibleTo(self)
        height = self._buttons_top() + (_BUTTON + _ABOVE if has_buttons else 0)
        return height + (self.details.height_for(inner) + 12 if self.details.isVisibleTo(self) else 0)

    @override
    def restyle(self) -> None:
        if self._shown is not None:
            self.details.restyle()
            self.show_strip(self._shown)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.surroundings.theme
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("hay_soft"))
        tile = mirrored(self, QRect(_PADDING + 1, _ABOVE, _TILE, _TILE))
        painter.drawRoundedRect(tile, 8, 8)
        icon = self.surroundings.icons.pixmap("unplug", theme.color("hay"), 16, self.devicePixelRatioF())
        painter.drawPixmap(tile.adjusted(6, 6, -6, -6), icon)
        font = theme.font(TextRole.INTERFACE_STRONG)
        font.setPixelSize(_TITLE_PIXELS)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        place = mirrored(self, QRect(_LEFT, _ABOVE, self.width() - _LEFT - _PADDING, _TILE))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._title)
        painter.end()

    def _place(self) -> None:
        inner = self.width() - _LEFT - _PADDING
        top = self._buttons_top()
        action = self.button.sizeHint().width()
        left = _LEFT + action + _BETWEEN if self.button.isVisibleTo(self) else _LEFT - _PLAIN_PADDING
        places: dict[QWidget, QRect] = {
            self.words: QRect(_LEFT, _TEXT_TOP, inner, top - _TEXT_TOP),
            self.button: QRect(_LEFT, top, action, _BUTTON),
            self.details_button: QRect(left, top, self.details_button.sizeHint().width(), _BUTTON),
            self.details: QRect(_LEFT, top + _BUTTON + 12, inner, self.details.height_for(inner)),
        }
        for widget, place in places.items():
            widget.setGeometry(mirrored(self, place))

    def _buttons_top(self) -> int:
        return _TEXT_TOP + self.words.lines_height() + 12

    def _write(self, strip: TroubleStrip) -> None:
        safe = tr("The words above are saved.") if strip.has_words else tr("What you wrote is saved.")
        lines = lines_of(LOOSE_LINE)
        self.words.write(f"{strip.trouble.sentence} {safe}", self._look("text_2"), lines)
        if strip.trouble.next_step:
            lines.setTopMargin(_BETWEEN)
            self.words.begin_paragraph(lines)
            self.words.add(tr("What helps:") + " ", self._look("text", weight=600))
            self.words.add(strip.trouble.next_step, self._look("text"))

    def _look(self, color: str, *, weight: int | None = None) -> QTextCharFormat:
        theme = self.surroundings.theme
        return look_of(theme.font(TextRole.INTERFACE, weight=weight), theme.color(color))

    def _act(self) -> None:
        if self._shown is None:
            return
        requests = self.surroundings.requests
        request = requests.continue_requested if self._shown.has_words else requests.retry_requested
        request.emit(self._shown.message_id)

    def _show_details(self, is_open: bool) -> None:  # noqa: FBT001 - a slot of QAbstractButton.toggled
        self.details.setVisible(is_open)
        self._show_chevron()
        self.surroundings.requests.strip_resized.emit(self)

    def _show_chevron(self) -> None:
        name = "chevron-up" if self.details_button.isChecked() else "chevron-down"
        self.details_button.setIcon(self.surroundings.icons.icon(name, "text_2", 13))
        state = tr("Hide details") if self.details_button.isChecked() else tr("Show details")
        self.details_button.setAccessibleName(state)
