"""The ledger on the page of the network: what was connected to, filtered, and taken along as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.network.ledger import LONGEST_LEDGER, LedgerContent, LedgerEntry
from app.translation import tr, trn
from app.ui.announcement import announce
from app.ui.card import Card
from app.ui.composer.model_choice import show_size
from app.ui.icons import Icons
from app.ui.plain_label import PlainLabel
from app.ui.settings.choice_editor import ChoiceBox
from app.ui.settings.group_extra import ExtraPart
from app.ui.settings.ledger_csv import ledger_csv
from app.ui.settings.ledger_model import LedgerModel
from app.ui.settings.ledger_table import LedgerTable
from app.ui.settings.ledger_words import Outcome, day
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_LOOK_EVERY_MS: Final = 2_000
_FIELD_WIDTH: Final = 180


class LedgerCard(ExtraPart):
    """A heading with the sums, a filter, and the table; or the sentence that nothing was ever sent."""

    wanted = Signal()
    """It is looked at: the entries of now are wanted."""
    save_requested = Signal(str)
    """The shown entries as a table for other programs."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.model = LedgerModel()
        self.table = LedgerTable(self.model, theme, icons)
        self.words = QLineEdit()
        self.outcomes = ChoiceBox(theme, icons)
        self.copy_button = TextButton(tr("Copy"))
        self.save_button = TextButton(tr("Save as file"))
        self._sums = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self.said = PlainLabel("", theme, TextRole.SMALL, "text_3")
        self.trouble = PlainLabel("", theme, TextRole.SMALL, "hay")
        self._nothing = Card([_Nothing(theme)], theme)
        self._filters = QWidget()
        self._look = QTimer(self, interval=_LOOK_EVERY_MS)
        self._look.timeout.connect(self.wanted)
        self._name_controls(theme)
        self._lay_out(theme)
        self._connect()
        self.show_content(LedgerContent(), datetime.now().astimezone())

    @override
    def controls(self) -> Sequence[QWidget]:
        return (self.words, self.outcomes, self.copy_button, self.save_button, self.table)

    def show_content(self, content: LedgerContent, now: datetime) -> None:
        """Show what the ledger says, as seen from `now`."""
        self.model.show_entries(content.entries, now)
        has_any = bool(content.entries)
        self._sums.setText(_sums(content.entries, now) if has_any else "")
        self._nothing.setVisible(not has_any)
        self._filters.setVisible(has_any)
        self.table.setVisible(has_any)
        self._damaged_lines = content.damaged_lines
        self._say_damage()
        self._say_found()

    def show_saved(self, name: str) -> None:
        """Say that the table was saved: what hindered that before is over."""
        self._say_damage()
        self.say(tr("Saved as {name}.", name=name))

    def show_trouble(self, sentence: str) -> None:
        """Say why the ledger cannot be read or saved."""
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look.start()
        self.wanted.emit()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look.stop()

    def _name_controls(self, theme: Theme) -> None:
        self.words.setProperty("kind", "search")
        self.words.setFont(theme.font(TextRole.ROW))
        self.words.setPlaceholderText(tr("Host or purpose"))
        self.words.setAccessibleName(tr("Show only connections that hold these words"))
        self.words.setFixedWidth(_FIELD_WIDTH)
        self.words.setClearButtonEnabled(False)
        self.outcomes.addItem(tr("All results"), None)
        for outcome in Outcome:
            self.outcomes.addItem(tr(outcome.value), outcome)
        self.outcomes.setAccessibleName(tr("Show only connections with this result"))
        self.copy_button.setAccessibleName(tr("Copy the shown connections as a table"))
        self.save_button.setAccessibleName(tr("Save the shown connections as a file"))

    def _lay_out(self, theme: Theme) -> None:
        filters = QHBoxLayout(self._filters)
        filters.setContentsMargins(0, 0, 0, 0)
        filters.setSpacing(8)
        filters.addWidget(self.words)
        filters.addWidget(self.outcomes)
        filters.addStretch(1)
        filters.addWidget(self.copy_button)
        filters.addWidget(self.save_button)
        head = QHBoxLayout()
        head.setSpacing(11)
        head.addWidget(PlainLabel(tr("Every connection so far"), theme, TextRole.INTERFACE_STRONG))
        head.addWidget(self._sums, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._filters)
        layout.addWidget(self.table)
        layout.addWidget(self._nothing)
        for line in (self.said, self.trouble):
            line.setWordWrap(True)
            line.hide()
            layout.addWidget(line)

    def _connect(self) -> None:
        self.words.textChanged.connect(self._choose)
        self.outcomes.activated.connect(self._choose)
        self.copy_button.clicked.connect(self._copy)
        self.save_button.clicked.connect(lambda: self.save_requested.emit(ledger_csv(self.model.entries)))

    def _choose(self) -> None:
        self.model.choose(self.words.text(), self.outcomes.currentData())
        self._say_found()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(ledger_csv(self.model.entries))
        self.say(trn("{count} connection copied.", "{count} connections copied.", len(self.model.entries)))

    def _say_found(self) -> None:
        is_filtered = bool(self.words.text().strip()) or self.outcomes.currentData() is not None
        nothing = is_filtered and not self.model.entries and not self.model.is_empty
        self.say(tr("No connection is like that.") if nothing else "")

    def say(self, sentence: str) -> None:
        """Say a quiet word below the table."""
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)

    def _say_damage(self) -> None:
        lines = self._damaged_lines
        words = trn(
            "{count} line of the ledger is damaged and cannot be shown.",
            "{count} lines of the ledger are damaged and cannot be shown.",
            lines,
        )
        self.show_trouble(words if lines else "")


class _Nothing(QWidget):
    """What stands where there is no connection yet."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        words = PlainLabel(tr("Nothing has ever been sent from here."), theme, TextRole.INTERFACE, "text_2")
        more = tr(
            "When you search for a model or download one, each connection is listed here: host, purpose, bytes, result."
        )
        explanation = PlainLabel(more, theme, TextRole.SMALL, "text_3")
        explanation.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(3)
        layout.addWidget(words)
        layout.addWidget(explanation)


def _sums(entries: Sequence[LedgerEntry], now: datetime) -> str:
    """Say how many there are since when, and how much came and went."""
    received = show_size(sum(entry.bytes for entry in entries))
    sent = show_size(sum(entry.sent for entry in entries))
    since = day(min(entry.at for entry in entries), now)
    told = {"since": since, "received": received, "sent": sent}
    if len(entries) >= LONGEST_LEDGER:  # older ones have been dropped
        return tr("the newest {count:,}, since {since}: {received} received, {sent} sent", count=len(entries), **told)
    one = "{count} since {since}: {received} received, {sent} sent"
    return trn(one, "{count:,} since {since}: {received} received, {sent} sent", len(entries), **told)
