"""One download in the list: what it is at, in words and as a line, and what can be done with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.models.download.download import DownloadState
from app.models.download.model_download import ModelDownload
from app.models.download.sizes import shown_size
from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.model_manager.downloads_buttons import DownloadButtons
from app.ui.model_manager.downloads_look import LOOKS
from app.ui.model_manager.downloads_name import DownloadName
from app.ui.model_manager.downloads_progress import DownloadProgress
from app.ui.model_manager.downloads_wish import Wish
from app.ui.model_manager.downloads_words import status_words, trouble_words
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme

_PADDING: Final = 16
_ICON: Final = 18
_ICON_SPACE: Final = 34
_GRIP: Final = 14
_NO_QUESTION_BYTES: Final = 100 * 10**6
"""So much may be thrown away without a question; the way back is there for a while."""


class DownloadRow(QWidget):
    """Shows a download. The keyboard goes from row to row by Up and Down, and moves a row with Alt."""

    wished = Signal(str, object)
    """Its key, and a `Wish`."""
    dragged = Signal(int)
    """The pointer pulls it: where it is now, in the list's coordinates."""
    dropped = Signal()
    neighbour_wanted = Signal(int)
    """The row before (-1) or behind (1) is to have the keyboard."""

    def __init__(self, model: ModelDownload, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._model = model
        self._pressed_at: int | None = None
        self._is_dragged = False
        self._name = DownloadName(theme)
        self._status = PlainLabel("", theme, TextRole.SMALL, "text_3")
        self._line = DownloadProgress(theme)
        self._sentence = PlainLabel("", theme, TextRole.SMALL, "text_2")
        self.buttons = DownloadButtons(theme, icons)
        self.setObjectName("download_row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self.buttons.wished.connect(self._wish)
        self.buttons.question_ended.connect(self._answered)
        theme.changed.connect(self.update)
        self.show_model(model)

    @property
    def model(self) -> ModelDownload:
        """What it shows."""
        return self._model

    @property
    def has_keyboard(self) -> bool:
        """Whether the keyboard is on it, or on one of its buttons; or will be when the window has it again."""
        focused = self.window().focusWidget() or self.window()
        return focused is self or self.isAncestorOf(focused)

    @property
    def can_move(self) -> bool:
        """Whether its place in the order means anything."""
        return self._model.state is not DownloadState.FINISHED

    def show_model(self, model: ModelDownload) -> None:
        """Show how it is now."""
        self._model = model
        look = LOOKS[model.state]
        self._name.show_words(model.shown_as)
        self._status.setText(status_words(model))
        self._line.setVisible(bool(look.line_tone))
        self._line.set_progress(model.fraction, "hay_line" if model.is_mending else look.line_tone)
        self._show_sentence()
        self.buttons.show_state(model.state, model.shown_as)
        self.setAccessibleName(f"{model.shown_as}: {self._status.text()}")
        self.update()

    def ask_to_cancel(self) -> None:
        """Cancel, at once where little has come; else ask first, here in the row."""
        if self._model.state is DownloadState.FINISHED:
            self.wished.emit(self._model.key, Wish.FORGET)
        elif self._model.received_bytes <= _NO_QUESTION_BYTES:
            self.wished.emit(self._model.key, Wish.CANCEL)
        else:
            self.buttons.ask()
            self._show_sentence()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, moves = event.key(), event.modifiers() == Qt.KeyboardModifier.AltModifier
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and moves:
            if self.can_move:
                self.wished.emit(self._model.key, Wish.MOVE_UP if key == Qt.Key.Key_Up else Wish.MOVE_DOWN)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.neighbour_wanted.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Delete:
            self.ask_to_cancel()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.buttons.press_first()
        elif key == Qt.Key.Key_Escape and self.buttons.is_asking:
            self.buttons.keep()
        else:
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self.buttons.is_asking:
            event.accept()  # Escape answers the question, and does not leave the page
            return True
        return super().event(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.can_move:
            self._pressed_at = round(event.position().y())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        y = round(event.position().y())
        if self._pressed_at is None or (not self._is_dragged and abs(y - self._pressed_at) < _PADDING):
            return
        if not self._is_dragged:
            self._is_dragged = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.dragged.emit(self.y() + y)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        if self._is_dragged:
            self._is_dragged = False
            self.unsetCursor()
            self.dropped.emit()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = LOOKS[self._model.state]
        ratio = self.devicePixelRatioF()
        if self._is_dragged:
            painter.fillRect(self.rect().adjusted(1, 1, -1, 0), self._theme.color("hover_raised"))
        place = mirrored(self, QRect(_PADDING, _PADDING, _ICON, _ICON))
        painter.drawPixmap(place.topLeft(), self._icons.pixmap(look.icon, self._theme.color(look.tone), _ICON, ratio))
        if self.can_move and (self.underMouse() or self.hasFocus()):
            grip = mirrored(self, QRect(2, (self.height() - _GRIP) // 2, _GRIP, _GRIP))
            drawing = self._icons.pixmap("grip-vertical", self._theme.color("text_3"), _GRIP, ratio)
            painter.drawPixmap(grip.topLeft(), drawing)
        painter.end()

    def _wish(self, wish: Wish) -> None:
        if wish is Wish.CANCEL and not self.buttons.is_asking:
            self.ask_to_cancel()
        else:
            self.wished.emit(self._model.key, wish)

    def _answered(self) -> None:
        self._show_sentence()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_sentence(self) -> None:
        """What there is to say: a question, what is wrong and what to do, or a notice."""
        trouble = self._model.trouble
        if self.buttons.is_asking:
            size = shown_size(self._model.received_bytes)
            words, tone = tr("Throw away the {size} that have come?", size=size), "text"
        elif trouble is not None:
            words, tone = trouble_words(trouble), "text_2"
        else:
            words, tone = self._model.notice, "text_2"
        self._sentence.setText(words)
        self._sentence.set_color(tone)
        self._sentence.setVisible(bool(words))
        self.setAccessibleDescription(words)

    def _lay_out(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._sentence.setWordWrap(True)
        self._sentence.setContentsMargins(0, 4, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self._name)
        words.addWidget(self._status)
        words.addSpacing(3)
        words.addWidget(self._line)
        words.addWidget(self._sentence)
        words.addStretch(1)  # so that no line moves away from another where the row is a little too high
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_PADDING + _ICON_SPACE, 13, _PADDING - 2, 14)
        layout.setSpacing(24)
        layout.addLayout(words, 1)
        layout.addWidget(self.buttons)
