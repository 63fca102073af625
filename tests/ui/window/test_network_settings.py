"""Stories of somebody on the page of the network: what was allowed, what was sent, and the access token."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.credentials import Credentials, Keyring
from app.network.purpose import Purpose, PurposeKind
from app.paths import find_paths
from app.settings.registry import Group
from app.ui.settings.ledger_card import LedgerCard
from app.ui.settings.ledger_model import Column
from app.ui.settings.network_grants_card import NetworkGrantsCard
from app.ui.settings.settings_page import SettingsPage
from app.ui.settings.token_card import TokenCard
from app.ui.text_button import TextButton
from tests.fakes import FakeEngine
from tests.hub_server.repositories import HubAccount
from tests.hub_server.server import HubServer, hub_server
from tests.test_credentials import PlainText, Vault, having
from tests.ui.hands import emitted, press
from tests.ui.window.downloading import make_repository, prepare
from tests.ui.window.use import OpenWindow, Use

pytestmark = pytest.mark.ui
TOKEN = "hf_OnlyForThisTest1"  # noqa: S105 - opens the hub of this test only


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no hub of the machine has a say."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name == "HF_ENDPOINT":
            monkeypatch.delenv(name)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """A hub that knows one token, and a window that may ask it."""
    with hub_server(make_repository(tmp_path / "on-the-hub"), accounts={TOKEN: HubAccount("anna")}) as running:
        prepare(tmp_path / "home", running)
        yield running


def open_page(use: Use) -> SettingsPage:
    """Open the settings at the network."""
    use.desktop.settings.open_at(Group.NETWORK)
    page = use.window.findChild(SettingsPage)
    assert page is not None
    return page


def token_card(use: Use, keyring: Keyring) -> TokenCard:
    """Open the page on a system with this keyring, and wait until it is known what is in there."""
    use.desktop.parts.online.credentials = Credentials(having(keyring))
    card = open_page(use).findChild(TokenCard)
    assert card is not None
    use.until(card.add_button.isEnabled)
    return card


def ledger_card(use: Use) -> LedgerCard:
    """The ledger of the open page."""
    card = open_page(use).findChild(LedgerCard)
    assert card is not None
    return card


def shown(card: LedgerCard, column: Column) -> list[str]:
    """A column of the ledger, from the top."""
    return [str(card.model.index(row, column).data()) for row in range(card.model.rowCount())]


def words(page: SettingsPage) -> str:
    """All that can be read on the page."""
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_the_page_says_at_first_that_nothing_was_ever_sent(use: Use) -> None:
    """And that nobody is allowed anything."""
    page = open_page(use)
    assert "Nothing has ever been sent from here." in words(page)
    assert "None. When Paddock asks before it connects" in words(page)
    assert not use.desktop.parts.paths.network_ledger.exists()


def test_the_ledger_shows_what_happens_while_it_is_looked_at(use: Use) -> None:
    """A refused search stands there a moment later, as good news."""
    use.desktop.parts.settings.change("network.policy", "offline")
    card = ledger_card(use)
    online = use.desktop.parts.online
    online.ledger.refuse(Purpose(PurposeKind.SEARCH, "german letters"), "huggingface.co", "refused: offline")
    use.until(lambda: shown(card, Column.RESULT) == ["Refused: offline"])
    assert shown(card, Column.PURPOSE) == ["Search for “german letters”"]


def test_damaged_lines_are_said(start: OpenWindow, engine: FakeEngine, tmp_path: Path) -> None:
    """What can be read is shown."""
    paths = find_paths(tmp_path / "home")
    paths.create()
    good = {
        "at": datetime.now(UTC).isoformat(),
        "host": "a.example",
        "purpose": "P",
        "bytes": 1,
        "sent": 2,
        "result": "complete",
    }
    paths.network_ledger.write_text(json.dumps(good) + "\n{broken\n")
    with start(engine) as use:
        card = ledger_card(use)
        use.until(lambda: shown(card, Column.HOST) == ["a.example"])
        assert card.trouble.text() == "1 line of the ledger is damaged and cannot be shown."


def test_the_ledger_is_saved_where_it_is_wanted(use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a table for other programs; a folder that is not there is said."""
    online = use.desktop.parts.online
    online.ledger.refuse(Purpose(PurposeKind.SEARCH, "llama"), "huggingface.co", "refused: offline")
    card = ledger_card(use)
    use.until(lambda: card.model.rowCount() == 1)
    wanted = [tmp_path / "gone" / "out.csv", tmp_path / "out", tmp_path / "out"]

    def choose(*_: object) -> tuple[str, str]:
        return str(wanted.pop(0)), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    card.save_button.click()
    use.until(card.trouble.isVisible)
    assert "out.csv could not be saved" in card.trouble.text()
    card.save_button.click()
    use.until(lambda: card.said.text() == "Saved as out.csv.")
    assert "Search for “llama”" in (tmp_path / "out.csv").read_text("utf-8-sig")
    use.until(card.trouble.isHidden)
    card.save_button.click()  # the dialog asked whether "out" may be written over, and knew nothing of "out.csv"
    use.until(lambda: card.said.text() == "Saved as out.")


def test_what_was_allowed_for_good_can_be_taken_back(use: Use) -> None:
    """One host and purpose at a time; the gate asks about it again."""
    grants = use.desktop.parts.online.grants
    grants.grant(PurposeKind.SEARCH, "huggingface.co")
    grants.grant(PurposeKind.DOWNLOAD, "huggingface.co")
    card = open_page(use).findChild(NetworkGrantsCard)
    assert card is not None
    revoke = [button for button in card.findChildren(TextButton) if button.isVisible()]
    assert [button.accessibleName() for button in revoke] == [
        "Ask again before huggingface.co is connected to: Searching for models",
        "Ask again before huggingface.co is connected to: Downloads",
    ]
    revoke[0].click()
    assert not grants.is_granted(PurposeKind.SEARCH, "huggingface.co")
    assert grants.is_granted(PurposeKind.DOWNLOAD, "huggingface.co")
    use.until(lambda: [button.isVisible() for button in card.controls()] == [True])


def test_a_search_finds_what_is_no_setting_too(use: Use) -> None:
    """Whoever looks for the token finds its card, and not the page of the hardware."""
    page = open_page(use)
    search = next(each for each in page.findChildren(QLineEdit) if each.accessibleName() == "Search settings")
    search.setText("access token")
    said = words(page)
    assert "Access token for gated models" in said
    assert "Processor" not in said
    search.setText("graphics")
    assert "Access token for gated models" not in words(page)
    assert "Graphics processors" in words(page)


def test_the_environment_wins_over_the_address_and_it_is_said(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets a mirror and sees no effect finds the reason beside the field."""
    assert "HF_ENDPOINT" not in words(open_page(use))
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    page = open_page(use)
    page.refresh()
    assert "The environment variable HF_ENDPOINT is set, and wins: https://mirror.example" in words(page)


def test_a_token_is_tested_at_the_hub_and_kept_by_the_keyring(
    start: OpenWindow, hub: HubServer, engine: FakeEngine
) -> None:
    """The whole way: typed, tested, kept, found again, forgotten; and its connection is in the ledger."""
    vault = Vault()
    with start(engine) as use:
        card = token_card(use, vault)
        card.add_button.click()
        card.field.setText(TOKEN)
        card.test_button.click()
        use.until(lambda: card.result.text() == "It works: at the hub you are anna.")
        card.keep_button.click()
        use.until(lambda: card.sentence.text() == "There is one, kept by the keyring of your system.")
        assert list(vault.kept.values()) == [TOKEN]
        card.test_kept_button.click()
        use.until(lambda: "anna" in card.result.text())
        card.forget_button.click()
        use.until(lambda: card.result.text() == "Forgotten, here and in the keyring.")
        assert vault.kept == {}
        assert use.desktop.parts.online.ledger.read().entries[-1].purpose == "Test of the access token"
        log = use.desktop.parts.paths.logs
        assert all(TOKEN not in path.read_text("utf-8", errors="replace") for path in log.iterdir() if path.is_file())
        assert TOKEN.encode() not in use.desktop.parts.paths.settings.read_bytes()


def test_the_keyboard_stays_at_the_token(
    start: OpenWindow, hub: HubServer, engine: FakeEngine, qapp: QApplication
) -> None:
    """Enter, Test and Forget make buttons unpressable for a while: the page does not move on to the ledger for that."""
    with start(engine) as use:
        card = token_card(use, Vault())
        use.window.activateWindow()
        use.until(use.window.isActiveWindow)
        card.add_button.setFocus()
        press(Qt.Key.Key_Space)
        changes = emitted(qapp.focusChanged)
        QTest.keyClicks(card.field, TOKEN)
        card.test_button.setFocus()
        press(Qt.Key.Key_Space)
        use.until(lambda: "anna" in card.result.text())
        assert card.test_button.hasFocus()
        card.field.setFocus()
        press(Qt.Key.Key_Return)
        use.until(lambda: card.sentence.text() == "There is one, kept by the keyring of your system.")
        assert card.add_button.hasFocus()
        card.forget_button.setFocus()
        press(Qt.Key.Key_Space)
        use.until(lambda: card.result.text() == "Forgotten, here and in the keyring.")
        assert card.add_button.hasFocus()
        assert all(now is card or (isinstance(now, QWidget) and card.isAncestorOf(now)) for _, now in changes)


def test_a_token_that_the_hub_does_not_know_is_said(start: OpenWindow, hub: HubServer, engine: FakeEngine) -> None:
    """It is not kept by a test, and can be mended where it stands."""
    vault = Vault()
    with start(engine) as use:
        card = token_card(use, vault)
        card.add_button.click()
        card.field.setText("hf_WrongInThisTest1")
        card.test_button.click()
        use.until(card.test_button.isEnabled)
        assert "token" in card.result.text()
        assert card.field.text() == "hf_WrongInThisTest1"
        assert vault.kept == {}


def test_offline_no_token_is_tested(start: OpenWindow, hub: HubServer, engine: FakeEngine) -> None:
    """Nothing is sent, and it says why."""
    with start(engine) as use:
        card = token_card(use, Vault())
        use.desktop.offline.toggle()
        card.add_button.click()
        card.field.setText(TOKEN)
        card.test_button.click()
        use.until(lambda: "Paddock is offline" in card.result.text())
        assert not hub.log.requests


def test_without_a_keyring_it_is_kept_for_the_session_and_why_is_said(use: Use) -> None:
    """A keyring that keeps its secrets readable counts as none."""
    plain = PlainText()
    card = token_card(use, plain)
    card.add_button.click()
    card.field.setText(TOKEN)
    card.keep_button.click()
    use.until(lambda: "kept in memory only: until Paddock is closed" in card.sentence.text())
    assert "may not encrypt what it keeps" in card.sentence.text()
    assert plain.kept == {}
    assert use.desktop.parts.online.credentials.token() == TOKEN


def test_what_cannot_be_a_token_is_not_kept(qtbot: QtBot, use: Use) -> None:
    """Two words are none."""
    card = token_card(use, Vault())
    card.add_button.click()
    card.field.setText("two words")
    card.keep_button.click()
    use.until(lambda: "This cannot be an access token." in card.result.text())
    assert card.field.isVisible()


def test_a_test_can_be_stopped(use: Use) -> None:
    """Whoever is asked before each connection, and does not answer, need not wait for the test."""
    card = token_card(use, Vault())
    card.add_button.click()
    card.field.setText(TOKEN)
    card.test_button.click()
    use.until(card.stop_button.isVisible)
    card.stop_button.click()
    assert card.result.text() == "Stopped. The token was not tested."
    assert card.test_button.isEnabled()


def test_tests_that_nobody_waits_for_hold_up_nothing_else(use: Use) -> None:
    """However many of them still wait for an answer, the window goes on with its own work."""
    card = token_card(use, Vault())
    card.add_button.click()
    card.field.setText(TOKEN)
    for _ in range(3):
        card.test_button.click()
        use.until(card.stop_button.isVisible)
        card.stop_button.click()
    card.keep_button.click()
    use.until(lambda: card.result.text() == "The keyring of your system keeps it now.")
