"""What the details of a model are made of: sections, and facts with their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.ui.model_manager.my_models_shown import Fact
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme

_NAME_WIDTH: Final = 104
_BUTTON: Final = 32


def wrapped(words: str, theme: Theme, color: str = "text") -> PlainLabel:
    """Give words that break their lines."""
    label = PlainLabel(words, theme, TextRole.INTERFACE, color)
    label.setWordWrap(True)
    return label


def say(label: PlainLabel, words: str) -> None:
    """Show words, and no room where there are none."""
    label.setText(words)
    label.setVisible(bool(words))


def keep_height(button: QWidget) -> None:
    """Have a button as high as the highest beside it, such as a primary one."""
    button.setMaximumHeight(_BUTTON)
    button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.MinimumExpanding)


def row_of(*buttons: QWidget) -> QHBoxLayout:
    """Give buttons side by side, each as wide as its words."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for button in buttons:
        keep_height(button)
        row.addWidget(button)
    row.addStretch(1)
    return row


def scrolled(inside: QWidget) -> QScrollArea:
    """Give what scrolls `inside`, on the ground of who holds it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(inside)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inside.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area


class Section(QWidget):
    """A heading and what belongs to it."""

    def __init__(self, heading: str, parts: Sequence[QWidget], theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName(heading)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(PlainLabel(heading, theme, TextRole.INTERFACE_STRONG))
        for part in parts:
            layout.addWidget(part)


class FactRows(QWidget):
    """Names at the left, values at the right, and under a value what it means."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._facts: tuple[Fact, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, _NAME_WIDTH)

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show these in place of those before."""
        if facts == self._facts:
            return
        self._facts = facts
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, fact in enumerate(facts):
            self._add(2 * number, fact)

    def _add(self, line: int, fact: Fact) -> None:
        name = PlainLabel(fact.name, self._theme, TextRole.INTERFACE, "text_3")
        value = wrapped(fact.value, self._theme)
        value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(f"{fact.name}: {fact.value}. {fact.meaning}".strip())
        self._grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, line, 1)
        if fact.meaning:
            meaning = wrapped(fact.meaning, self._theme, "text_3")
            self._grid.addWidget(meaning, line + 1, 1)
