"""The one object that knows how the window looks now: colours, type, zoom, motion."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QToolTip

from app.ui.fonts import SIZES, TextRole, load_fonts, make_font
from app.ui.stylesheet import make_stylesheet
from app.ui.tokens import DARK, LIGHT, Tokens

__all__ = ["DARK", "LIGHT", "POPOVER_MS", "SIDEBAR_MS", "TextRole", "Theme", "Tokens"]

POPOVER_MS: Final = 120
SIDEBAR_MS: Final = 160
_SCHEMES: Final = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class Theme(QObject):
    """Colours and type, handed to every widget that paints. "system" follows the desktop, also while running."""

    changed = Signal()
    """Light became dark, or the zoom changed: take colours and fonts anew."""

    def __init__(self, choice: str = "system", zoom_percent: int = 100, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self._zoom = zoom_percent / 100
        self._app: QApplication | None = None
        self._still = False
        self._desktop_is_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self._colors: dict[str, QColor] = {}
        self._is_dark = self._wanted_dark()

    @property
    def tokens(self) -> Tokens:
        """The colours of the present scheme."""
        return DARK if self._is_dark else LIGHT

    @property
    def is_dark(self) -> bool:
        """Whether the dark colours are in use."""
        return self._is_dark

    @property
    def zoom(self) -> float:
        """How much larger than designed the words of a conversation are; 1.0 is 100 %."""
        return self._zoom

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing should move by itself, as set on the desktop or by `set_reduced_motion`."""
        style = QApplication.style()
        return self._still or style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0

    def duration(self, milliseconds: int) -> int:
        """How long a motion of `milliseconds` takes here: 0 with reduced motion."""
        return 0 if self.reduced_motion else milliseconds

    def set_choice(self, choice: str) -> None:
        """Use "light", "dark", or as the "system" is."""
        self._choice = choice
        if self._app is not None:
            self._tell_system()
        self._use_wanted_scheme()

    def set_zoom(self, percent: int) -> None:
        """Show the words of conversations at `percent` of their designed size."""
        if round(self._zoom * 100) != percent:
            self._zoom = percent / 100
            self.changed.emit()

    def set_reduced_motion(self, still: bool) -> None:  # noqa: FBT001 - a setter with one value
        """Let nothing move, whatever the desktop says."""
        self._still = still

    def color(self, name: str) -> QColor:
        """Give the colour of the token `name`, such as "text_2"."""
        if name not in self._colors:
            self._colors[name] = QColor(getattr(self.tokens, name))
        return QColor(self._colors[name])

    def font(self, role: TextRole, *, weight: int | None = None, zoomed: bool = False) -> QFont:
        """Give the font of `role`; `zoomed` for the words of conversations."""
        return make_font(role, weight=weight, zoom=self._zoom if zoomed else 1.0)

    def line_height(self, role: TextRole) -> int:
        """Give the height of a line of `role` in logical pixels at 100 %."""
        return SIZES[role].line_px

    def apply(self, app: QApplication) -> None:
        """Load the fonts and dress the whole application, now and at every later change."""
        self._app = app
        load_fonts()
        app.setStyle("Fusion")  # the same on every system, and the one that takes a palette whole
        app.setFont(self.font(TextRole.INTERFACE))
        QToolTip.setFont(self.font(TextRole.SMALL))
        self._tell_system()
        self._dress(app)
        app.styleHints().colorSchemeChanged.connect(self._follow_desktop)

    def _tell_system(self) -> None:
        """Ask the system for a title bar that fits."""
        hints = QGuiApplication.styleHints()
        if self._choice in _SCHEMES:
            hints.setColorScheme(_SCHEMES[self._choice])
        else:
            hints.unsetColorScheme()

    def _wanted_dark(self) -> bool:
        if self._choice in _SCHEMES:
            return self._choice == "dark"
        return self._desktop_is_dark

    def _follow_desktop(self, scheme: Qt.ColorScheme) -> None:
        self._desktop_is_dark = scheme == Qt.ColorScheme.Dark
        self._use_wanted_scheme()

    def _use_wanted_scheme(self) -> None:
        if self._wanted_dark() == self._is_dark:
            return
        self._is_dark = not self._is_dark
        self._colors.clear()
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit()

    def _dress(self, app: QApplication) -> None:
        app.setPalette(self._palette())
        app.setStyleSheet(make_stylesheet(self.tokens))

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, token in _PALETTE.items():
            palette.setColor(role, self.color(token))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("disabled"))
        return palette


_PALETTE: Final = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "raised",
    QPalette.ColorRole.AlternateBase: "inset",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "text_3",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "error",
    QPalette.ColorRole.Highlight: "selection",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.ToolTipBase: "tooltip",
    QPalette.ColorRole.ToolTipText: "tooltip_text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Midlight: "border",
    QPalette.ColorRole.Mid: "border_strong",
    QPalette.ColorRole.Dark: "border_control",
    QPalette.ColorRole.Shadow: "border_strong",
}
