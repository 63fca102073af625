"""The one stylesheet of the application. Fonts are not set here: a stylesheet cannot choose a variable weight."""

from __future__ import annotations

import dataclasses
from string import Template
from typing import Final

from app.ui.tokens import Tokens


def make_stylesheet(tokens: Tokens) -> str:
    """Fill the sheet with the colours of one scheme."""
    return Template(_SHEET).substitute(dataclasses.asdict(tokens))


# A push button says by its property `kind` what it is: none, "primary", "plain" or "destructive".
_SHEET: Final = """
QToolTip {
  background: $tooltip; color: $tooltip_text; border: 0; padding: 1px 4px;
}
QPushButton {
  background: $raised; color: $text; border: 1px solid $border_strong; border-radius: 8px;
  padding: 0 12px; min-height: 26px; outline: 0;
}
QPushButton:hover { background: $hover_raised; }
QPushButton:pressed, QPushButton:open { background: $pressed_raised; }
QPushButton:disabled { color: $disabled; border-color: $border; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; min-height: 30px; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_pressed; border-color: $accent_pressed; }
QPushButton[kind="primary"]:disabled { background: $pressed; color: $text_3; border-color: $pressed; }
QPushButton[kind="destructive"] { background: $error; color: $on_accent; border-color: $error; min-height: 30px; }
QPushButton[kind="plain"] { background: transparent; color: $text_2; border-color: transparent; }
QPushButton[kind="plain"]:hover { background: $hover; color: $text; }
QPushButton[kind="plain"]:pressed { background: $pressed; }
QPushButton[kind="accent"] { background: transparent; color: $accent; border-color: transparent; padding: 0 8px; }
QPushButton[kind="accent"]:hover { background: $hover_raised; }
QPushButton[kind="link"] {
  background: transparent; color: $accent; border: 0; padding: 0 4px; text-decoration: underline;
}
QPushButton[kind="link"]:hover { color: $accent_hover; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {
  background: $raised; color: $text; border: 1px solid $border_control; border-radius: 8px;
  padding: 0 9px; min-height: 30px; selection-background-color: $selection; selection-color: $text;
  placeholder-text-color: $text_3;
}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border-color: $accent; }
QLineEdit[kind="wrong"] { border-color: $error; }
QLineEdit[kind="search"] { border-color: $border; min-height: 28px; }
QLineEdit[kind="search"]:hover { border-color: $border_strong; }
QLineEdit[kind="search"]:focus { border-color: $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
  color: $disabled; border-color: $border;
}
QPlainTextEdit, QTextEdit { selection-background-color: $selection; selection-color: $text; }
QMenu {
  background: $raised; color: $text; border: 1px solid $border_strong; border-radius: 12px; padding: 6px;
}
QMenu::item { padding: 6px 24px 6px 10px; border-radius: 8px; }
QMenu::item:selected { background: $hover_raised; }
QMenu::item:disabled { color: $disabled; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $border; margin: 6px 4px; }
QTableView[kind="plain"] {
  background: $raised; color: $text; border: 1px solid $border; border-radius: 8px;
  selection-background-color: $accent_soft; selection-color: $text; outline: 0;
}
QTableView[kind="plain"]::item { padding: 0 8px; border-bottom: 1px solid $border; }
QTableView[kind="plain"] QHeaderView::section {
  background: $inset; color: $text_2; border: 0; border-bottom: 1px solid $border; padding: 6px 11px;
}
QTableView[kind="plain"] QHeaderView::section:first { border-top-left-radius: 7px; }
QTableView[kind="plain"] QHeaderView::section:last { border-top-right-radius: 7px; }
QScrollArea { border: 0; background: transparent; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 1px; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 1px; }
QScrollBar::handle { background: $border_strong; border-radius: 3px; }
QScrollBar::handle:hover { background: $border_control; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
