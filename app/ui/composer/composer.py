"""The composer: the words, the model, and one button that sends or stops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.composer.context_gauge import ContextGauge
from app.ui.composer.context_use import ContextUse
from app.ui.composer.model_choice import EngineState, ModelChoice
from app.ui.composer.model_list import ModelList
from app.ui.composer.model_picker import ModelPicker
from app.ui.composer.prompt_editor import PromptEditor
from app.ui.composer.send_button import SendButton, StopButton
from app.ui.composer.template_menu import template_menu
from app.ui.composer.too_long import TooLongLine
from app.ui.icons import Icons
from app.ui.popover import Popover
from app.ui.shortcuts import shortcut_text, show_keys
from app.ui.theme import Theme

_WIDEST: Final = 744
_RADIUS: Final = 14
_GLOW: Final = 3
_NARROW: Final = 860
"""Below this width the gauge only says a percentage."""
_SHARE_OF_WINDOW: Final = 0.4
"""The words may take this much of the window's height before they scroll."""


class Composer(QWidget):
    """Writes one message. While a reply runs the words are kept, and Enter says so; Escape stops what runs."""

    send_requested = Signal(str)
    not_sent = Signal(str)
    """Enter was pressed and nothing was sent; why, in a sentence."""
    stop_requested = Signal()
    """End the reply that is written, or the load that runs, if there is one."""
    model_chosen = Signal(str)
    add_model_requested = Signal()
    more_models_requested = Signal()
    remove_model_requested = Signal(str)
    template_file_requested = Signal(str)
    own_template_requested = Signal(str)
    draft_changed = Signal(str)
    settings_requested = Signal()
    model_list_opening = Signal()
    """The list of models is about to be shown: now is the time to say what is in it."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._models: Sequence[ModelChoice] = ()
        self._current: ModelChoice | None = None
        self._reply_running = False
        self.editor = PromptEditor(theme)
        self.gauge = ContextGauge(theme)
        self._too_long = TooLongLine(theme)
        self.picker = ModelPicker(theme, icons)
        self._send = SendButton(tr("Send"), theme, icons)
        self._stop = StopButton(tr("Stop the reply"), theme)
        self._lay_out(_Card(self.editor, theme))
        self._connect()
        self.set_model_name("")
        self._refresh()

    def text(self) -> str:
        """What is written now, with its spaces and line breaks."""
        return self.editor.toPlainText()

    def set_text(self, text: str) -> None:
        """Show `text`, such as the draft of a conversation."""
        self.editor.replace_text(text)

    def clear(self) -> None:
        """Empty it, as after sending."""
        self.editor.replace_text("")

    def focus_editor(self) -> None:
        """Put the keyboard where one writes."""
        self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_reply_running(self, running: bool) -> None:  # noqa: FBT001 - a setter with one value
        """Show Stop in place of Send while a reply is written."""
        had_focus = self._send.hasFocus() or self._stop.hasFocus()
        self._reply_running = running
        self._refresh()
        if had_focus:
            self.focus_editor()

    def set_models(self, models: Sequence[ModelChoice]) -> None:
        """Offer these models."""
        self._models = models

    def set_current_model(self, model: ModelChoice | None) -> None:
        """Show which model will answer; None when one must be chosen first."""
        self._current = model
        self.picker.set_name(model.name if model else "")
        self.set_model_name(model.name if model else "")
        self._refresh()

    def set_engine_state(self, state: EngineState) -> None:
        """Show how the engine is."""
        self.picker.set_state(state)

    def show_context(self, use: ContextUse | None) -> None:
        """Show what of the context window would be used if the draft were sent now; None: nobody knows."""
        self.gauge.show_use(use)
        self._too_long.clear()
        self._refresh()

    def show_too_long(self, sentence: str, draft: str) -> None:
        """Say that `draft` does not fit in the context window. It cannot be sent as it is."""
        self.gauge.show_use(None)
        self._too_long.say(sentence, draft)
        self._refresh()

    @property
    def too_long_words(self) -> str:
        """Why what was written does not fit; "" when it does."""
        return self._too_long.words

    @property
    def is_too_long(self) -> bool:
        """Whether what is written now is known not to fit."""
        return self._too_long.is_about(self.text().strip())

    def set_model_name(self, name: str) -> None:
        """Say in the empty field whom one writes to."""
        words = tr("Message {model}", model=name) if name else tr("Write a message")
        self.editor.setPlaceholderText(words)

    def open_model_list(self) -> None:
        """Open the list of models above its button."""
        self.model_list_opening.emit()
        current_id = self._current.id if self._current else None
        models = ModelList(self._models, current_id, self._theme, self._icons, is_loading=self.picker.is_loading)
        popover = Popover(models, self._theme)
        for signal in (
            models.model_chosen,
            models.add_requested,
            models.more_requested,
            models.remove_requested,
            models.template_requested,
            models.stop_requested,
        ):
            signal.connect(popover.dismiss)
        models.model_chosen.connect(self.model_chosen)
        models.add_requested.connect(self.add_model_requested)
        models.more_requested.connect(self.more_models_requested)
        models.remove_requested.connect(self.remove_model_requested)
        models.template_requested.connect(self.open_template_menu)
        models.stop_requested.connect(self.stop_requested)
        self._open(popover)

    def open_template_menu(self, model_id: str) -> None:
        """Open what there is to choose of a model's chat template, where the list of models was."""
        model = next((model for model in self._models if model.id == model_id), None)
        if model is None:
            return
        menu = template_menu(
            model,
            self._theme,
            self._icons,
            lambda: self.template_file_requested.emit(model_id),
            lambda: self.own_template_requested.emit(model_id),
        )
        popover = Popover(menu, self._theme)
        for row in menu.rows:
            row.clicked.connect(popover.dismiss)
            row.clicked.connect(row.entry.trigger)
        self._open(popover)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._limit_height()
        return False

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.gauge.set_narrow(self.width() < _NARROW)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._limit_height()

    def _lay_out(self, card: QWidget) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(8)
        tools.addStretch(1)
        tools.addWidget(self.gauge)
        tools.addWidget(self.picker)
        tools.addWidget(self._send)
        tools.addWidget(self._stop)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(15 + _GLOW, 13 + _GLOW, 11 + _GLOW, 9 + _GLOW)
        inside.setSpacing(7)
        inside.addWidget(self.editor)
        inside.addWidget(self._too_long)
        inside.addLayout(tools)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20 - _GLOW, 8, 20 - _GLOW, 14 - _GLOW)
        layout.addStretch(1)
        layout.addWidget(card, 1000)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        self.editor.enter_pressed.connect(self._request_send)
        self.editor.escape_pressed.connect(self._request_stop)
        self.editor.textChanged.connect(self._tell_draft)
        self._send.clicked.connect(self._request_send)
        self._stop.clicked.connect(self._request_stop)
        self.picker.clicked.connect(self.open_model_list)
        self._too_long.settings_requested.connect(self.settings_requested)

    def _open(self, popover: Popover) -> None:
        popover.dismissed.connect(popover.deleteLater)
        popover.dismissed.connect(self.focus_editor)
        popover.open_at(self.picker)

    def _request_send(self) -> None:
        why_not = self._why_not()
        if why_not is None:
            self.send_requested.emit(self.text())
        elif self.is_too_long:
            self._too_long.repeat()
        elif self.text().strip():
            self.not_sent.emit(why_not)

    def _request_stop(self) -> None:
        if self._reply_running or self.picker.is_loading:
            self.stop_requested.emit()

    def _tell_draft(self) -> None:
        if not self.text().strip():
            self._too_long.clear()
        self._refresh()
        self.draft_changed.emit(self.text())

    def _why_not(self) -> str | None:
        """Why nothing can be sent now; None when it can."""
        if self._reply_running:
            return tr("This can be sent when the reply is finished, or stopped.")
        if self._current is None:
            return tr("Choose a model to continue. Everything you wrote is kept.")
        if self.is_too_long:
            return self._too_long.words
        return None if self.text().strip() else tr("Write a message first")

    def _refresh(self) -> None:
        why_not = self._why_not()
        self._send.setVisible(not self._reply_running)
        self._stop.setVisible(self._reply_running)
        self._send.setEnabled(why_not is None)
        self._send.setToolTip(why_not or f"{tr('Send')}   {show_keys('Enter')}")
        self._stop.setToolTip(f"{tr('Stop the reply')}   {shortcut_text('stop')}")

    def _limit_height(self) -> None:
        self.editor.set_tallest(round(self.window().height() * _SHARE_OF_WINDOW))


class _Card(QWidget):
    """The raised ground: a border at rest, an accent border with a glow while one writes."""

    def __init__(self, editor: PromptEditor, theme: Theme) -> None:
        super().__init__(None)
        self._editor = editor
        self._theme = theme
        self.setMaximumWidth(_WIDEST + 2 * _GLOW)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        editor.focus_moved.connect(self.update)
        theme.changed.connect(self.update)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._editor.setFocus(Qt.FocusReason.MouseFocusReason)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self._editor.hasFocus()
        rect = QRectF(self.rect())
        if focused:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent_soft"))
            painter.drawRoundedRect(rect, _RADIUS + _GLOW, _RADIUS + _GLOW)
        painter.setPen(QPen(self._theme.color("accent" if focused else "border_strong"), 1))
        painter.setBrush(self._theme.color("raised"))
        inner = rect.adjusted(_GLOW + 0.5, _GLOW + 0.5, -_GLOW - 0.5, -_GLOW - 0.5)
        painter.drawRoundedRect(inner, _RADIUS, _RADIUS)
        painter.end()
