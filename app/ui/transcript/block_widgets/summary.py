"""What stands for the messages above the fence: a quiet card that can be rewritten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.shortcuts import show_keys
from app.ui.text_button import TextButton
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.block_widgets.summary_editor import SummaryEditor
from app.ui.transcript.block_widgets.whole_text import TypedText
from app.ui.transcript.strips import SummaryStrip
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.text_formats import LOOSE_LINE

_SIDE: Final = 14
_HEAD: Final = 40
_BELOW: Final = 14
_SHORTEST_EDITOR: Final = 64
_BETWEEN: Final = 8
_BUTTON: Final = 32
_RADIUS: Final = 12
_INNER_RADIUS: Final = 8


class SummaryView(StripView[SummaryStrip]):
    """The text, or while it is rewritten an editor with *Save* and *Cancel*."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = SummaryStrip("")
        theme = surroundings.theme
        title = tr("Summary of what lies above")
        self.setAccessibleName(title)
        self.title = PlainLabel(title, theme, TextRole.INTERFACE_STRONG, "text_2", self)
        self.text = TypedText(self)
        self.text.setAccessibleName(title)
        self.edit_button = IconButton(
            "pencil", tr("Edit the summary"), theme, surroundings.icons, size=28, icon_size=15, parent=self
        )
        self.editor = SummaryEditor(surroundings.formats, self)
        self.save_button = TextButton(tr("Save"), "primary", self)
        self.cancel_button = TextButton(tr("Cancel"), "plain", self)
        self._name_buttons()
        self._connect()
        self._show_parts()

    @override
    def show_strip(self, strip: SummaryStrip) -> None:
        before, self._shown = self._shown, strip
        if strip.text != before.text:
            with self.text.selection_kept():
                self._write()
        if strip.draft is not None:
            self.editor.fill(strip.draft)
            self.save_button.setEnabled(bool(strip.draft.strip()))
        self._show_parts()
        self._place()

    @override
    def buttons(self) -> Sequence[QWidget]:
        return (self.edit_button, self.editor, self.save_button, self.cancel_button)

    @override
    def height_for(self, width: int) -> int:
        inside = width - 2 * _SIDE
        if self._shown.draft is not None:
            return _HEAD + self._editor_height(inside) + _BETWEEN + _BUTTON + _BELOW
        self.text.set_width(inside)
        return _HEAD + self.text.lines_height() + _BELOW

    @override
    def restyle(self) -> None:
        self.editor.restyle()
        with self.text.selection_kept():
            self._write()
        self.update()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    @override
    def forget_selection(self) -> None:
        self.text.forget_selection()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.surroundings.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if self._shown.draft is not None:
            painter.setPen(QPen(theme.color("accent" if self.editor.hasFocus() else "border_control"), 1))
            painter.setBrush(theme.color("window"))
            field = QRectF(self.editor.geometry()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(field, _INNER_RADIUS, _INNER_RADIUS)
        painter.end()

    def _name_buttons(self) -> None:
        self.edit_button.setObjectName("edit_summary_button")
        self.save_button.setObjectName("save_summary_button")
        self.save_button.setAccessibleName(tr("Save the summary"))
        self.save_button.setToolTip(show_keys("Ctrl+Return"))
        self.cancel_button.setObjectName("cancel_summary_button")
        self.cancel_button.setAccessibleName(tr("Cancel editing the summary"))
        self.cancel_button.setToolTip(show_keys("Esc"))

    def _connect(self) -> None:
        self.edit_button.clicked.connect(self._begin)
        self.editor.installEventFilter(self)
        self.editor.written.connect(self.surroundings.requests.summary_draft_changed)
        self.editor.save_pressed.connect(self._save)
        self.editor.cancel_pressed.connect(self._cancel)
        self.save_button.clicked.connect(self._save)
        self.cancel_button.clicked.connect(self._cancel)

    def _begin(self) -> None:
        self.surroundings.requests.summary_edit_began.emit()
        self.editor.moveCursor(QTextCursor.MoveOperation.End)
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self) -> None:
        text = self.editor.toPlainText().strip()
        if text:
            self.surroundings.requests.summary_edited.emit(text)
            self.edit_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _cancel(self) -> None:
        self.surroundings.requests.summary_edit_ended.emit()
        self.edit_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_parts(self) -> None:
        is_edited = self._shown.draft is not None
        self.text.setVisible(not is_edited)
        self.edit_button.setVisible(not is_edited)
        for part in (self.editor, self.save_button, self.cancel_button):
            part.setVisible(is_edited)
        self.update()

    def _editor_height(self, inside: int) -> int:
        self.editor.document().setTextWidth(inside)
        return max(_SHORTEST_EDITOR, math.ceil(self.editor.document().size().height()))

    def _place(self) -> None:
        inside = self.width() - 2 * _SIDE
        self.title.setGeometry(mirrored(self, QRect(_SIDE, 6, inside - _BUTTON, 28)))
        self.edit_button.setGeometry(mirrored(self, QRect(self.width() - 34, 6, 28, 28)))
        self.text.setGeometry(mirrored(self, QRect(_SIDE, _HEAD, inside, self.height() - _HEAD - _BELOW)))
        foot = self.height() - _BELOW - _BUTTON
        self.editor.setGeometry(mirrored(self, QRect(_SIDE, _HEAD, inside, foot - _BETWEEN - _HEAD)))
        right = self.width() - _SIDE
        for button in (self.save_button, self.cancel_button):
            width = button.sizeHint().width()
            button.setGeometry(mirrored(self, QRect(right - width, foot, width, _BUTTON)))
            right -= width + _BETWEEN

    def _write(self) -> None:
        formats = self.surroundings.formats
        look = formats.look(TextRole.INTERFACE, "text_2")
        self.text.write(self._shown.text, look, formats.typed(TextRole.INTERFACE, LOOSE_LINE))
