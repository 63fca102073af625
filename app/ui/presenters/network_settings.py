"""The page of the network: the gate, what was allowed for good, and the ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeAlias

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.errors import Fault, PaddockError
from app.network.addresses import HUB_VARIABLE
from app.network.gate import NetworkPolicy
from app.network.ledger import LedgerContent
from app.network.purpose import PurposeKind
from app.translation import told, tr
from app.ui.icons import Icons
from app.ui.presenters.access_token import AccessTokenPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.offline import OfflinePresenter
from app.ui.settings.group_extra import GroupExtra
from app.ui.settings.ledger_card import LedgerCard
from app.ui.settings.network_gate_card import NetworkGateCard
from app.ui.settings.network_grants_card import Grant, NetworkGrantsCard
from app.ui.theme import Theme

_Stamp: TypeAlias = tuple[int, int, date]
_FILE_NAME: Final = "paddock-network.csv"


class LedgerFileError(PaddockError):
    """The ledger could not be written where it was wanted."""

    fault = Fault.MACHINE


class NetworkSettingsPresenter(QObject):
    """Fills what the page of the network shows besides its settings. It is made when the page is opened first."""

    def __init__(self, desk: Desk, offline: OfflinePresenter, theme: Theme, icons: Icons) -> None:
        """Show what holds now; the ledger is read when it is looked at."""
        super().__init__(desk.window)
        self._desk = desk
        self._online = desk.parts.online
        self._stamp: _Stamp | None = None
        self._is_reading = False
        self.gate = NetworkGateCard(theme, icons)
        self.grants = NetworkGrantsCard(theme)
        self.ledger = LedgerCard(theme, icons)
        self.token = AccessTokenPresenter(desk, theme)
        self.gate.toggled.connect(offline.toggle)
        self.grants.revoke_requested.connect(self._revoke)
        self.ledger.wanted.connect(self._look)
        self.ledger.save_requested.connect(self._save)
        offline.changed.connect(self._show_policy)
        self._show_policy(offline.policy)
        self._show_grants()

    @property
    def extra(self) -> GroupExtra:
        """What the page shows, in its order."""
        below = (self.token.card, self.grants, self.ledger)
        return GroupExtra((self.gate,), below, tr("offline gate access token gated ledger connections allowed hosts"))

    def hints(self) -> Mapping[str, str]:
        """Say of the hub's address that the environment wins, where it does."""
        chosen = os.environ.get(HUB_VARIABLE, "").strip()
        if not chosen:
            return {}
        words = tr("The environment variable {name} is set, and wins: {address}", name=HUB_VARIABLE, address=chosen)
        return {"network.hub": words}

    def _show_policy(self, policy: NetworkPolicy) -> None:
        self.gate.show_policy(policy)

    def _show_grants(self) -> None:
        try:
            known = self._online.grants
            grants = [Grant(kind, host) for kind in PurposeKind for host in known.hosts(kind)]
        except PaddockError as error:
            self.grants.show_trouble(told(error))
            return
        self.grants.show_grants(grants)

    def _revoke(self, grant: Grant) -> None:
        try:
            self._online.grants.revoke(grant.kind, grant.host)
        except PaddockError as error:
            self.grants.show_trouble(told(error))
            return
        self.grants.show_trouble("")
        self._show_grants()

    def _look(self) -> None:
        """Read what is new, off the GUI thread. While it is read, nothing more is asked for."""
        self._show_grants()
        if not self._is_reading:
            self._is_reading = True
            self._desk.background.run(lambda: self._read(self._stamp), self._take, self._could_not_read)

    def _read(self, known: _Stamp | None) -> tuple[_Stamp, LedgerContent] | None:
        stamp = _stamp(self._desk.parts.paths.network_ledger)
        return None if stamp == known else (stamp, self._online.ledger.read())

    def _take(self, found: tuple[_Stamp, LedgerContent] | None) -> None:
        self._is_reading = False
        if found is not None:
            self._stamp, content = found
            self.ledger.show_content(content, datetime.now().astimezone())

    def _could_not_read(self, error: PaddockError) -> None:
        self._is_reading = False
        self.ledger.show_trouble(told(error))

    def _save(self, table: str) -> None:
        start = str(Path.home() / _FILE_NAME)
        path, _filter = QFileDialog.getSaveFileName(
            self._desk.window, tr("Save the connections as a file"), start, tr("Tables (*.csv)")
        )
        if path:
            named = _with_ending(Path(path))
            self._desk.background.run(
                lambda: _write(named, table),
                lambda _: self.ledger.show_saved(named.name),
                lambda error: self.ledger.show_trouble(told(error)),
            )


def _stamp(path: Path) -> _Stamp:
    """What changes when the file does, or the day: then “today” is another one."""
    today = datetime.now().astimezone().date()
    try:
        state = path.stat()
    except OSError:
        return (0, 0, today)
    return (state.st_mtime_ns, state.st_size, today)


def _with_ending(path: Path) -> Path:
    """Add the ending that some dialogs leave out; never to write over a file that the dialog did not ask about."""
    named = path if path.suffix else path.with_suffix(".csv")
    return path if named.exists() else named


def _write(path: Path, table: str) -> None:
    try:
        path.write_text(table, encoding="utf-8-sig", newline="")  # the mark lets spreadsheets know the encoding
    except OSError as error:
        raise LedgerFileError(
            "{name} could not be saved.",
            next_step="Check that there is room on the disk and that you may write to {folder}.",
            details=str(error),
            name=path.name,
            folder=path.parent,
        ) from error
