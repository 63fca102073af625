"""The offline switch: one state, shown wherever there is a switch for it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.network.gate import NetworkPolicy
from app.translation import tr
from app.ui.announcement import announce
from app.ui.icons import Icons
from app.ui.offline_switch import OfflineSwitch
from app.ui.presenters.desk import Desk
from app.ui.theme import Theme

_SETTING = "network.policy"


class OfflinePresenter(QObject):
    """Puts the switch at the foot of the sidebar and of the rail, and closes and opens the gate."""

    changed = Signal(object)
    """The `NetworkPolicy` that holds from now on."""

    def __init__(self, desk: Desk, theme: Theme, icons: Icons) -> None:
        """Show what the settings say now."""
        super().__init__(desk.window)
        self._desk = desk
        self._switches: list[OfflineSwitch] = []
        at_sidebar = OfflineSwitch(theme, icons)
        at_sidebar.setObjectName("offline_switch")
        desk.window.sidebar.set_foot(at_sidebar)
        at_rail = OfflineSwitch(theme, icons, is_narrow=True)
        desk.window.rail.set_foot(at_rail)
        for switch in (at_sidebar, at_rail):
            self.add(switch)

    @property
    def policy(self) -> NetworkPolicy:
        """What may connect now."""
        return NetworkPolicy(self._desk.parts.settings.settings.network.policy)

    def add(self, switch: OfflineSwitch) -> None:
        """Let one more switch show and change the same."""
        self._switches.append(switch)
        switch.clicked.connect(self.toggle)
        switch.show_policy(self.policy)

    def toggle(self) -> None:
        """Close the gate, or open it as far as it was open before."""
        is_closed = self.policy is NetworkPolicy.OFFLINE
        if not is_closed:
            self._desk.state.change(policy_when_online=self.policy.value)  # it may have been set outside of the window
        wish = self._policy_when_online() if is_closed else NetworkPolicy.OFFLINE
        try:
            self._desk.parts.settings.change(_SETTING, wish.value)
        except PaddockError as error:
            self._desk.notices.show(error)
        self.refresh()
        announce(self._desk.window, tr("Offline") if self.policy is NetworkPolicy.OFFLINE else tr("Online"))

    def refresh(self) -> None:
        """Show what holds now, wherever it was changed."""
        policy = self.policy
        if policy is not NetworkPolicy.OFFLINE:
            self._desk.state.change(policy_when_online=policy.value)
        for switch in self._switches:
            switch.show_policy(policy)
        self.changed.emit(policy)

    def _policy_when_online(self) -> NetworkPolicy:
        """What held before the gate was closed; to ask, where the file that says it holds something else."""
        known = self._desk.state.state.policy_when_online
        return NetworkPolicy.ALLOW if known == NetworkPolicy.ALLOW else NetworkPolicy.ASK
