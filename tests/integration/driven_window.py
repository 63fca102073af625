"""The real application, as a program that types one message by itself: what the kill campaign kills."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.application import built_parts
from app.parts import Parts
from app.paths import Paths, find_paths
from app.ui.desktop import run_desktop

LOOK_EVERY_MS = 20


def type_when_shown(text: str) -> None:
    """Type `text` into the prompt editor and press Enter, as soon as there is one to type into."""
    window = next((top for top in QApplication.topLevelWidgets() if top.objectName() == "main_window"), None)
    editor = window.findChild(QWidget, "prompt_editor") if window is not None and window.isVisible() else None
    if editor is None:
        QTimer.singleShot(LOOK_EVERY_MS, lambda: type_when_shown(text))
        return
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def main() -> int:
    """Run the window on the data folder of the first argument, and send the second."""
    home, text = sys.argv[1:]
    paths = find_paths(Path(home))
    paths.create()

    def build_and_type(paths: Paths) -> AbstractContextManager[Parts]:
        QTimer.singleShot(LOOK_EVERY_MS, lambda: type_when_shown(text))  # the application object exists by now
        return built_parts(paths)

    return run_desktop(paths, build_and_type)


if __name__ == "__main__":
    sys.exit(main())
