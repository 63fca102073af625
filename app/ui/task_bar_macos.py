"""The dock of macOS, which has no bar for a program: a number at its icon. Written for macOS and not run there yet."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication


class Dock:
    """Shows the percentage as a badge."""

    def show_fraction(self, fraction: float | None) -> None:
        """Show so much; None, and less than a hundredth, show nothing."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.setBadgeNumber(0 if fraction is None else round(fraction * 100))
