"""How long the first window takes: from the start of the process to its first paint, beside the least Qt can do.

Prints medians in milliseconds, and their ratio. The data folder holds a conversation, as after a day of use.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 9
PROJECT = Path(__file__).resolve().parents[2]

MEASURE = """
import os, sys, time, psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

STARTED = psutil.Process().create_time()

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget) and watched.window().isVisible():
            print(round((time.time() - STARTED) * 1000), flush=True)
            os._exit(0)
        return False
"""

BARE = (
    MEASURE
    + """
app = QApplication([])
first = FirstPaint()
app.installEventFilter(first)
window = QWidget()
window.show()
app.exec()
"""
)

PADDOCK = (
    MEASURE
    + """
from pathlib import Path
from app.application import built_parts
from app.paths import find_paths
from app.ui.desktop import run_desktop
first = FirstPaint()
def build(paths):
    QApplication.instance().installEventFilter(first)
    return built_parts(paths)
paths = find_paths(Path(sys.argv[1]))
paths.create()
run_desktop(paths, build)
"""
)


def milliseconds(source: str, *arguments: str) -> int:
    """Start a process and give what it measured."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", source, *arguments]
    return int(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)


def main() -> None:
    """Measure in turns and print."""
    with tempfile.TemporaryDirectory() as folder:
        question = ["ask", "Hello", "--max-tokens", "8", "--home", folder]
        subprocess.run([sys.executable, str(PROJECT / "main.py"), *question], capture_output=True, check=True)
        pairs = [(milliseconds(PADDOCK, folder), milliseconds(BARE)) for _ in range(ROUNDS)]
    window, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"first window: {window:.0f} ms; a bare Qt window: {bare:.0f} ms; ratio {window / bare:.2f}")


if __name__ == "__main__":
    main()
