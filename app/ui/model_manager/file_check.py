"""Reading a model's file whole, to see whether it is what it should be: the button, the bar, the verdict."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.translation import tr
from app.ui.model_manager.progress_bar import ThinBar
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme


class FileCheck(QWidget):
    """Either the button, or how far the reading is with a way to stop it; below, what was found last."""

    requested = Signal()
    stop_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._start = TextButton(tr("Check the file"))
        self._start.setObjectName("verify_button")
        self._start.setToolTip(tr("Reads the whole file and compares its checksum with what its publisher offers"))
        self._stop = TextButton(tr("Stop"))
        self._stop.setObjectName("stop_verify_button")
        self._bar = ThinBar(tr("Checking the file"), theme)
        self._percent = PlainLabel("", theme, TextRole.SMALL, "text_3")
        self._verdict = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._verdict.setWordWrap(True)
        self._verdict.setObjectName("verdict")
        self._start.clicked.connect(self.requested)
        self._stop.clicked.connect(self.stop_requested)
        self._lay_out()
        self.show_verdict("")

    def show_progress(self, fraction: float) -> None:
        """Show how much has been read, 0 to 1."""
        had_focus = self._start.hasFocus()
        for part in (self._bar, self._percent, self._stop):
            part.show()
        self._start.hide()
        self._verdict.hide()
        self._bar.set_fraction(fraction)
        self._percent.setText(tr("{percent} %", percent=round(fraction * 100)))
        if had_focus:
            self._stop.setFocus()

    def show_verdict(self, sentence: str, tone: str = "text_2") -> None:
        """Say what was found; "" when the file has not been checked."""
        had_focus = self._stop.hasFocus()
        for part in (self._bar, self._percent, self._stop):
            part.hide()
        self._start.show()
        self._verdict.setText(sentence)
        self._verdict.set_color(tone)
        self._verdict.setVisible(bool(sentence))
        if had_focus:
            self._start.setFocus()

    def set_possible(self, *, possible: bool) -> None:
        """Offer the check, or not: what is gone cannot be read."""
        self._start.setEnabled(possible)

    def _lay_out(self) -> None:
        running = QHBoxLayout()
        running.setSpacing(10)
        running.addWidget(self._start)
        running.addWidget(self._bar, 1)
        running.addWidget(self._percent)
        running.addWidget(self._stop)
        running.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(running)
        layout.addWidget(self._verdict)
