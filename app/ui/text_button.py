"""A button that says in words what it does."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget


class TextButton(QPushButton):
    """Looks by its `kind` as the stylesheet says; "" is the usual one. Enter presses it as the space bar does."""

    def __init__(self, text: str, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", kind)
        self.setAutoDefault(True)  # by itself only a button in a dialog is, and nothing else answers to Enter
