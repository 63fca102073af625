"""The colours can be read, the type is the bundled one, and both follow the desktop."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.plain_label import PlainLabel
from app.ui.theme import DARK, LIGHT, TextRole, Theme, Tokens

pytestmark = pytest.mark.ui

_PAPER = ("window", "sidebar", "raised", "inset")
_POINTED = (*_PAPER, "user", "hover", "hover_raised")

CONTRAST = {
    "text": (10.5, (*_POINTED, "pressed", "accent_soft")),
    "text_2": (5.2, (*_POINTED, "pressed", "accent_soft")),
    "text_3": (4.5, (*_POINTED, "accent_soft")),
    "accent": (5.3, (*_POINTED, "accent_soft")),
    "ok": (5.1, (*_PAPER, "ok_soft")),
    "hay": (5.5, (*_PAPER, "hay_soft")),
    "error": (5.3, (*_PAPER, "error_soft")),
    "on_accent": (6.2, ("accent", "accent_hover", "accent_pressed", "error")),
    "tooltip_text": (10.5, ("tooltip",)),
    "border_control": (3.1, _PAPER),
    "syntax_keyword": (4.8, ("inset",)),
    "syntax_string": (4.8, ("inset",)),
    "syntax_comment": (4.8, ("inset",)),
    "syntax_name": (4.8, ("inset",)),
    "syntax_number": (4.8, ("inset",)),
}


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", CONTRAST)
def test_words_stand_out_from_every_ground_they_are_written_on(tokens: Tokens, ink: str) -> None:
    """The worst pair of each ink is at least what the style promises."""
    promised, grounds = CONTRAST[ink]
    colors = asdict(tokens)
    worst = min(_contrast(colors[ink], colors[ground]) for ground in grounds)
    assert worst >= promised - 0.05


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_token_is_a_color(tokens: Tokens) -> None:
    """A misspelt colour would be painted black without a word."""
    colors = {name: value for name, value in asdict(tokens).items() if isinstance(value, str)}
    assert [name for name, value in colors.items() if not QColor(value).isValid()] == []


def test_the_bundled_fonts_are_the_ones_in_use(qapp: QApplication) -> None:
    """Words are set in Inter and code in JetBrains Mono, whatever the system has."""
    theme = Theme("light")
    theme.apply(qapp)
    assert QFontInfo(theme.font(TextRole.READING)).family() == "Inter"
    assert QFontInfo(theme.font(TextRole.CODE)).family() == "JetBrains Mono"
    code = QFontMetricsF(theme.font(TextRole.CODE))
    assert code.horizontalAdvance("iii") == code.horizontalAdvance("mmm")


def test_strong_words_are_really_heavier(qapp: QApplication) -> None:
    """A weight changes the shapes, not only the name: strong words are wider."""
    theme = Theme("light")
    theme.apply(qapp)
    regular = QFontMetricsF(theme.font(TextRole.READING)).horizontalAdvance("The words inside")
    strong = QFontMetricsF(theme.font(TextRole.READING, weight=600)).horizontalAdvance("The words inside")
    assert strong > regular


def test_zoom_makes_only_zoomed_words_larger(qtbot: QtBot) -> None:
    """The words of a conversation grow; rows and buttons stay."""
    theme = Theme("light")
    with qtbot.waitSignal(theme.changed):
        theme.set_zoom(200)
    assert theme.font(TextRole.READING, zoomed=True).pixelSize() == 30
    assert theme.font(TextRole.ROW).pixelSize() == 13


def test_the_window_follows_the_desktop_into_the_dark(qapp: QApplication, qtbot: QtBot) -> None:
    """With "system", a desktop that turns dark takes the open window with it, and back."""
    hints = qapp.styleHints()
    theme = Theme("system")
    theme.apply(qapp)
    with qtbot.waitSignal(theme.changed):
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.is_dark
    assert theme.color("window") == QColor(DARK.window)
    assert DARK.raised in qapp.styleSheet()
    with qtbot.waitSignal(theme.changed):
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.color("window") == QColor(LIGHT.window)


def test_a_chosen_theme_does_not_follow_the_desktop(qapp: QApplication) -> None:
    """Who chose light keeps light at night."""
    theme = Theme("light")
    theme.apply(qapp)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.is_dark


def _contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    rgb = QColor(color)
    return 0.2126 * _linear(rgb.redF()) + 0.7152 * _linear(rgb.greenF()) + 0.0722 * _linear(rgb.blueF())


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def test_a_label_made_by_day_is_read_by_night(qapp: QApplication, qtbot: QtBot) -> None:
    """The theme changes before the window is first shown: its words take the new colour all the same."""
    theme = Theme("light")
    theme.apply(qapp)
    window = QWidget()
    label = PlainLabel("Your words", theme)
    QVBoxLayout(window).addWidget(label)
    theme.set_choice("dark")
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    assert label.palette().windowText().color() == QColor(DARK.text)
    theme.set_choice("light")
    assert label.palette().windowText().color() == QColor(LIGHT.text)
