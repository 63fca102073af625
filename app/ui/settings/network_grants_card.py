"""Which hosts may be connected to without a question, and the way to take that back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.network.purpose import PurposeKind
from app.translation import tr
from app.ui.card import Card
from app.ui.plain_label import PlainLabel
from app.ui.settings.group_extra import ExtraPart
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_PURPOSES: Final = {
    PurposeKind.SEARCH: "Searching for models",
    PurposeKind.DETAILS: "Details of models",
    PurposeKind.DOWNLOAD: "Downloads",
    PurposeKind.TOKEN_TEST: "Testing the access token",
}
"""Message ids."""


_PURPOSE_WIDTH: Final = 170


@dataclass(frozen=True, slots=True)
class Grant:
    """One host that is allowed for good, for one kind of purpose."""

    kind: PurposeKind
    host: str


class NetworkGrantsCard(ExtraPart):
    """A row for each grant; without any, the sentence that each host is asked about."""

    revoke_requested = Signal(object)
    """A `Grant`."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._grants: tuple[Grant, ...] | None = None
        self._card: Card | None = None
        self._buttons: list[TextButton] = []
        self.trouble = PlainLabel("", theme, TextRole.SMALL, "error")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 14, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(PlainLabel(tr("Allowed without a question"), theme, TextRole.INTERFACE_STRONG))
        self._layout.addWidget(self.trouble)
        self.show_grants(())

    @override
    def controls(self) -> Sequence[QWidget]:
        return self._buttons

    def show_grants(self, grants: Sequence[Grant]) -> None:
        """Show these, in place of those before."""
        if self._grants == tuple(grants):
            return
        self._grants = tuple(grants)
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
        self._buttons = []
        rows = [self._row(grant) for grant in grants] or [self._nothing()]
        self._card = Card(rows, self._theme)
        self._layout.insertWidget(1, self._card)
        self.controls_changed.emit()

    def show_trouble(self, sentence: str) -> None:
        """Say why a grant could not be taken back."""
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))

    def _row(self, grant: Grant) -> QWidget:
        row = QWidget()
        host = PlainLabel(grant.host, self._theme, TextRole.CODE)
        host.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        purpose = PlainLabel(tr(_PURPOSES[grant.kind]), self._theme, TextRole.INTERFACE, "text_2")
        purpose.setMinimumWidth(_PURPOSE_WIDTH)
        revoke = TextButton(tr("Ask again"))
        revoke.setAccessibleName(
            tr("Ask again before {host} is connected to: {purpose}", host=grant.host, purpose=tr(_PURPOSES[grant.kind]))
        )
        revoke.clicked.connect(partial(self.revoke_requested.emit, grant))
        self._buttons.append(revoke)
        line = QHBoxLayout(row)
        line.setContentsMargins(16, 10, 16, 10)
        line.setSpacing(16)
        line.addWidget(purpose)
        line.addWidget(host, 1)
        line.addWidget(revoke)
        return row

    def _nothing(self) -> QWidget:
        words = tr("None. When Paddock asks before it connects, “Always” is listed here and can be taken back.")
        label = PlainLabel(words, self._theme, TextRole.INTERFACE, "text_2")
        label.setWordWrap(True)
        label.setContentsMargins(16, 12, 16, 12)
        return label
