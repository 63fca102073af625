"""The benchmark on the page of the hardware: measured when it is asked for, shown as a chart or as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.card import Card
from app.ui.icons import Icons
from app.ui.loading_line import LoadingLine
from app.ui.plain_label import PlainLabel
from app.ui.settings.chart import ChartModel, SpeedChart
from app.ui.settings.chart_table import SpeedTable
from app.ui.settings.choice_editor import ChoiceBox
from app.ui.settings.group_extra import ExtraPart
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_BAR: Final = 4


class HardwareBenchmarkCard(ExtraPart):
    """Which model, a button, how far it is, and what was measured."""

    measure_requested = Signal(str, bool)
    """A model's id, and whether to take as long as it takes."""
    stop_requested = Signal()
    shown = Signal()
    """It is looked at: what there is to measure, and what was, is wanted."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.models = ChoiceBox(theme, icons)
        self.models.setAccessibleName(tr("Model to measure"))
        self.measure_button = TextButton(tr("Measure"))
        self.stop_button = TextButton(tr("Stop"))
        self.longer_button = TextButton("", "link")
        self.view_button = TextButton(tr("Show as a table"), "link")
        self.line = LoadingLine(theme)
        self.said = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self.chart = SpeedChart(theme)
        self.table = SpeedTable(theme)
        self._results = QStackedWidget()
        self._has_results = False
        self._is_running = False
        self._why_not = ""
        self._lay_out(theme)
        self._connect()
        self.show_results(())
        self.show_running(is_running=False)
        self.say("")
        self.offer_longer("")

    @override
    def controls(self) -> Sequence[QWidget]:
        buttons = (self.measure_button, self.stop_button, self.longer_button, self.view_button)
        return (self.models, *buttons, self.table)

    def show_choices(self, models: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer these (id, name) to be measured; the choice of before stays where it can."""
        before = self.models.currentData() or chosen
        self.models.clear()
        for model_id, name in models:
            self.models.addItem(name, model_id)
        self.models.setCurrentIndex(max(0, self.models.findData(before)))
        self._allow()

    def show_results(self, models: Sequence[ChartModel]) -> None:
        """Show what was measured, in place of what was before."""
        self._has_results = bool(models)
        self.chart.show_models(models)
        self.table.show_models(models)
        self._fit()

    def show_running(self, *, is_running: bool) -> None:
        """Show that it measures, or that it does not."""
        self._is_running = is_running
        self.measure_button.setVisible(not is_running)
        self.stop_button.setVisible(is_running)
        if is_running:
            self.longer_button.hide()
        self.line.set_fraction(0.0 if is_running else None)
        self._allow()

    def show_fraction(self, fraction: float) -> None:
        """Show how much is measured, 0 to 1."""
        if self._is_running:
            self.line.set_fraction(fraction)

    def forbid(self, why: str) -> None:
        """Say why nothing can be measured now; "" allows it."""
        self._why_not = why
        self._allow()

    def say(self, sentence: str, tone: str = "text_2") -> None:
        """Say what came of it, in a token of colour."""
        self.said.setText(sentence)
        self.said.set_color(tone)
        self.said.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)

    def offer_longer(self, words: str) -> None:
        """Offer to measure what was left out for time; "" offers nothing."""
        self.longer_button.setText(words)
        self.longer_button.setVisible(bool(words))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def _allow(self) -> None:
        self.models.setEnabled(not self._is_running)
        may = not self._why_not and self.models.count() > 0
        for button in (self.measure_button, self.longer_button):
            button.setEnabled(may)
            button.setToolTip(self._why_not)

    def _connect(self) -> None:
        self.measure_button.clicked.connect(lambda: self._wish(longer=False))
        self.longer_button.clicked.connect(lambda: self._wish(longer=True))
        self.stop_button.clicked.connect(self.stop_requested)
        self.view_button.clicked.connect(self._turn)

    def _wish(self, *, longer: bool) -> None:
        self.measure_requested.emit(self.models.currentData(), longer)

    def _turn(self) -> None:
        is_table = self._results.currentWidget() is self.table
        self._results.setCurrentWidget(self.chart if is_table else self.table)
        self.view_button.setText(tr("Show as a table") if is_table else tr("Show as a chart"))
        self._fit()

    def _fit(self) -> None:
        """As high as what is shown: a stack would take the height of the higher one."""
        shown = self._results.currentWidget()
        height = self.chart.sizeHint().height() if shown is self.chart else self.table.height()
        self._results.setFixedHeight(height)
        self._results.setVisible(self._has_results)
        self.view_button.setVisible(self._has_results)

    def _lay_out(self, theme: Theme) -> None:
        self._results.addWidget(self.chart)
        self._results.addWidget(self.table)
        self.said.setWordWrap(True)
        self.line.setAccessibleName(tr("How much is measured"))
        self.line.setFixedHeight(_BAR)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addLayout(self._first_line(theme))
        for part in (self.line, self.said):
            column.addWidget(part)
        column.addWidget(self._results)
        column.addLayout(self._last_line())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(tr("How fast models are here"), theme, TextRole.INTERFACE_STRONG))
        layout.addWidget(Card([inside], theme))

    def _first_line(self, theme: Theme) -> QHBoxLayout:
        words = tr("Measured in about ten seconds, in an engine process of its own. Other programs make it slower.")
        explanation = PlainLabel(words, theme, TextRole.INTERFACE, "text_2")
        explanation.setWordWrap(True)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(explanation, 1)
        for control in (self.models, self.measure_button, self.stop_button):
            line.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _last_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.view_button)
        line.addStretch(1)
        line.addWidget(self.longer_button)
        return line
