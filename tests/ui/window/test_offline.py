"""Stories of somebody who closes the gate, and opens it again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.models.download.download import DownloadState
from app.network.gate import NetworkPolicy
from app.settings.registry import Group
from app.ui.offline_switch import OfflineSwitch
from app.ui.settings.network_gate_card import NetworkGateCard
from app.ui.settings.settings_page import SettingsPage
from tests.fakes import FakeEngine
from tests.hub_server.server import hub_server
from tests.ui.hands import click
from tests.ui.window.downloading import Downloading, make_repository, prepare
from tests.ui.window.use import OpenWindow, Use

pytestmark = pytest.mark.ui


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine has a say."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def switch(use: Use) -> OfflineSwitch:
    """The switch at the sidebar's foot."""
    found = use.find("offline_switch")
    assert isinstance(found, OfflineSwitch)
    return found


def policy(use: Use) -> str:
    """What holds."""
    return use.desktop.parts.settings.settings.network.policy


def test_the_switch_closes_the_gate_and_opens_it_as_far_as_it_was(start: OpenWindow, engine: FakeEngine) -> None:
    """Also in another run of the program; who is asked before each connection is asked again."""
    with start(engine) as use:
        assert (switch(use).text(), policy(use)) == ("Asks first", "ask")
        use.desktop.parts.settings.change("network.policy", "allow")
        use.desktop.offline.refresh()
        click(switch(use))
        assert (switch(use).text(), policy(use)) == ("Offline", "offline")
        assert use.desktop.parts.online.gate.is_offline
    with start(engine) as use:
        assert switch(use).isChecked()
        click(switch(use))
        assert (switch(use).text(), policy(use)) == ("Online", "allow")


def test_all_switches_show_the_same(use: Use) -> None:
    """That of the sidebar, of the rail, of the settings, the card on the page, and the row of the setting."""
    use.desktop.settings.open_at(Group.NETWORK)
    page = use.window.findChild(SettingsPage)
    assert page is not None
    card = page.findChild(NetworkGateCard)
    assert card is not None
    card.switch.click()
    switches = use.window.findChildren(OfflineSwitch)
    assert len(switches) == 3
    assert all(each.isChecked() for each in switches)
    assert card.switch.isChecked()
    click(page.offline_switch)
    assert not any(each.isChecked() for each in switches)
    assert not card.switch.isChecked()
    assert policy(use) == NetworkPolicy.ASK


def test_the_row_of_the_setting_moves_the_switches_too(use: Use) -> None:
    """There is one state, wherever it is changed."""
    use.desktop.settings.open_at(Group.NETWORK)
    use.desktop.parts.settings.change("network.policy", "offline")
    page = use.window.findChild(SettingsPage)
    assert page is not None
    page.changed.emit("network.policy")
    assert switch(use).isChecked()


def test_the_rail_has_it_too(use: Use) -> None:
    """In a narrow window the switch is the fence alone, and works by keyboard."""
    use.window.resize(900, 700)
    use.until(use.window.rail.isVisible)
    (narrow,) = use.window.rail.findChildren(OfflineSwitch)
    assert narrow.isVisible()
    assert narrow.width() <= use.window.rail.width()
    QTest.keyClick(narrow, Qt.Key.Key_Space)
    assert policy(use) == "offline"
    assert "every connection is refused" in narrow.toolTip()


def test_a_change_that_cannot_be_saved_is_said_and_changes_nothing(use: Use) -> None:
    """The switch must never show a gate as closed that is open."""
    use.window.show()
    folder = use.desktop.parts.paths.settings.parent
    use.desktop.parts.paths.settings.mkdir()  # a folder where the file ought to be: nobody can write it
    click(switch(use))
    assert folder.is_dir()
    assert not switch(use).isChecked()
    assert policy(use) == "ask"
    assert "settings.json" in use.notice()


def test_going_offline_ends_a_download_with_a_sentence(start: OpenWindow, engine: FakeEngine, tmp_path: Path) -> None:
    """What has come is kept; nothing more comes."""
    with hub_server(make_repository(tmp_path / "on-the-hub")) as hub:
        prepare(tmp_path / "home", hub)
        with start(engine) as use:
            downloading = Downloading(use, hub)
            downloading.slowly(60_000)
            downloading.get("First")
            downloading.until_begun("First")
            click(switch(use))
            downloading.until_state("First", DownloadState.PAUSED)
            stopped = downloading.download("First")
            assert stopped.trouble is not None
            assert "offline" in str(stopped.trouble)
            results = [entry.result for entry in use.desktop.parts.online.ledger.read().entries]
            assert "stopped: offline" in results


def test_what_the_switch_stopped_goes_on_when_it_is_off_again(
    start: OpenWindow, engine: FakeEngine, tmp_path: Path
) -> None:
    """Running or waiting, it was asked for; what the user has paused rests on."""
    with hub_server(make_repository(tmp_path / "on-the-hub")) as hub:
        prepare(tmp_path / "home", hub)
        with start(engine) as use:
            use.desktop.parts.settings.change("network.files_at_a_time", 1)
            downloading = Downloading(use, hub)
            cap = downloading.slowly(60_000)
            downloading.get("First", "Second", "Third")
            downloading.until_begun("First")
            use.desktop.parts.online.downloads.pause(downloading.download("Third").id)
            click(switch(use))
            for name in ("First", "Second", "Third"):
                downloading.until_state(name, DownloadState.PAUSED)
            hub.faults.remove(cap)
            click(switch(use))
            for name in ("First", "Second"):
                downloading.until_state(name, DownloadState.FINISHED)
            assert downloading.download("Third").state is DownloadState.PAUSED


def test_a_switch_that_is_off_again_at_once_stops_nothing(
    start: OpenWindow, engine: FakeEngine, tmp_path: Path
) -> None:
    """Whether a download has heard of it already or not."""
    with hub_server(make_repository(tmp_path / "on-the-hub")) as hub:
        prepare(tmp_path / "home", hub)
        with start(engine) as use:
            downloading = Downloading(use, hub)
            downloading.slowly()
            downloading.get("First")
            downloading.until_begun("First")
            click(switch(use))
            click(switch(use))
            downloading.until_state("First", DownloadState.FINISHED)
