"""The models to choose from, on a popover."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.composer.model_choice import ModelChoice
from app.ui.focus_ring import SHOWS_OWN_FOCUS
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.list_walk import STEPS, walk
from app.ui.menu import MenuEntry, MenuRow
from app.ui.mirroring import mirrored
from app.ui.shortcuts import shortcut_text, show_keys
from app.ui.theme import TextRole, Theme

_WIDTH: Final = 340
_ROW_HEIGHT: Final = 48
_MOST_ROWS: Final = 7
_TEXT_LEFT: Final = 36
_PADDING: Final = 10
_BUTTON: Final = 28
_BUTTON_GAP: Final = 2


class ModelList(QWidget):
    """Rows for the models and one to add another; arrow keys walk, Enter chooses, Delete removes from the list.

    T opens what there is to choose of a model's chat template. While a model is being loaded, a row stops that.
    """

    model_chosen = Signal(str)
    remove_requested = Signal(str)
    template_requested = Signal(str)
    add_requested = Signal()
    more_requested = Signal()
    """Models that are not here yet."""
    stop_requested = Signal()

    def __init__(
        self,
        models: Sequence[ModelChoice],
        current_id: str | None,
        theme: Theme,
        icons: Icons,
        *,
        is_loading: bool = False,
    ) -> None:
        super().__init__(None)
        self.setAccessibleName(tr("Models"))
        self._rows: list[QAbstractButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._scrolling_rows(models, current_id, theme, icons))
        if is_loading:
            stop = MenuEntry("x", tr("Stop loading"), self.stop_requested.emit, shortcut_text("stop"))
            layout.addWidget(self._entry_row(stop, theme, icons))
        add = MenuEntry("file-plus", tr("Add a model file…"), self.add_requested.emit, shortcut_text("add_model"))
        layout.addWidget(self._entry_row(add, theme, icons))
        more = MenuEntry("boxes", tr("Find more models…"), self.more_requested.emit, shortcut_text("models"))
        layout.addWidget(self._entry_row(more, theme, icons))
        chosen = next((row for row in self._rows if row.isChecked()), self._rows[0])
        self.setFocusProxy(chosen)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key())
        if step is None:
            super().keyPressEvent(event)
        else:
            self._walk(step)

    def _walk(self, step: int) -> None:
        walk(self._rows, step)

    def _scrolling_rows(
        self, models: Sequence[ModelChoice], current_id: str | None, theme: Theme, icons: Icons
    ) -> QWidget:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        area = QScrollArea()
        for model in models:
            row = ModelRow(model, theme, icons, is_current=model.id == current_id)
            row.chosen.connect(self.model_chosen)
            row.remove_requested.connect(self.remove_requested)
            row.template_requested.connect(self.template_requested)
            row.walked.connect(self._walk)
            row.focused.connect(partial(area.ensureWidgetVisible, row, 0, 0))
            layout.addWidget(row)
            self._rows.append(row)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedSize(_WIDTH, _ROW_HEIGHT * min(len(models), _MOST_ROWS))
        return area

    def _entry_row(self, entry: MenuEntry, theme: Theme, icons: Icons) -> QWidget:
        row = MenuRow(entry, theme, icons)
        row.clicked.connect(entry.trigger)
        self._rows.append(row)
        return row


class ModelRow(QAbstractButton):
    """One model: its name, what there is to know on one line, a check mark if it is the chosen one."""

    chosen = Signal(str)
    remove_requested = Signal(str)
    template_requested = Signal(str)
    focused = Signal()
    walked = Signal(int)
    """An arrow key, as a step: told by signal, because the scroll area around would keep the key to itself."""

    def __init__(self, model: ModelChoice, theme: Theme, icons: Icons, *, is_current: bool) -> None:
        super().__init__(None)
        self._model = model
        self._theme = theme
        self._icons = icons
        self.setCheckable(True)
        self.setChecked(is_current)
        self.setAutoExclusive(True)
        self.setText(model.name)
        self.setAccessibleName(model.name)
        self.setAccessibleDescription(model.details)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setProperty(SHOWS_OWN_FOCUS, True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.chosen.emit(model.id))
        self._remove = self._remove_button() if model.is_added else None
        self._template = self._template_button()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _ROW_HEIGHT)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Delete and self._model.is_added:
            self.remove_requested.emit(self._model.id)
        elif event.key() == Qt.Key.Key_T:
            self.template_requested.emit(self._model.id)
        elif event.key() in STEPS:
            self.walked.emit(STEPS[event.key()])
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()  # Escape is the popover's

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        place = QRect(self.width() - _BUTTON - 6, (self.height() - _BUTTON) // 2, _BUTTON, _BUTTON)
        if self._remove is not None:
            self._remove.setGeometry(mirrored(self, place))
            place.translate(-_BUTTON - _BUTTON_GAP, 0)
        self._template.setGeometry(mirrored(self, place))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("pressed_raised" if self.isDown() else "hover_raised"))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        if self.isChecked():
            check = self._icons.pixmap("check", self._theme.color("accent"), 14, self.devicePixelRatioF())
            painter.drawPixmap(mirrored(self, QRect(_PADDING + 1, (self.height() - 14) // 2, 14, 14)).topLeft(), check)
        right = _PADDING + (_BUTTON + _BUTTON_GAP) * (2 if self._remove else 1)
        line = mirrored(self, self.rect().adjusted(_TEXT_LEFT, 6, -right, -6))
        name = self._theme.font(TextRole.ROW, weight=550 if self.isChecked() else 500)
        self._draw(painter, line.adjusted(0, 0, 0, -17), self._model.name, name, "text")
        self._draw(
            painter, line.adjusted(0, 19, 0, 0), self._model.details, self._theme.font(TextRole.SMALL_NAME), "text_2"
        )
        painter.end()

    def _remove_button(self) -> IconButton:
        name = tr("Remove {model} from the list; the file stays", model=self._model.name)
        key = show_keys("Del")
        button = IconButton("x", name, self._theme, self._icons, key=key, size=_BUTTON, icon_size=14, parent=self)
        button.clicked.connect(lambda: self.remove_requested.emit(self._model.id))
        return button

    def _template_button(self) -> IconButton:
        name = tr("Chat template of {model}…", model=self._model.name)
        button = IconButton(
            "file-code", name, self._theme, self._icons, key=show_keys("T"), size=_BUTTON, icon_size=14, parent=self
        )
        button.clicked.connect(lambda: self.template_requested.emit(self._model.id))
        return button

    def _draw(self, painter: QPainter, line: QRect, words: str, font: QFont, color: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        shown = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # names and numbers keep their own direction
        side = Qt.AlignmentFlag.AlignRight if right_to_left else Qt.AlignmentFlag.AlignLeft
        painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter, shown)
