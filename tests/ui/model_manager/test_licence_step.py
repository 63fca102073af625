"""The step before each download: what is asked, what is remembered, and what begins then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.models.acceptances import fingerprint
from app.models.download.disk_room import DiskRoom
from app.models.download.download import DownloadState
from app.models.offer import Terms
from app.ui.model_manager.tab import Tab
from app.ui.network_question import NetworkQuestion
from app.ui.plain_label import PlainLabel
from app.ui.presenters.discover_words import shown_date, shown_day
from app.ui.presenters.errands import IsStopped
from app.ui.presenters.licence_step import Choice, LicenceStepPresenter
from app.ui.presenters.network_question import NetworkQuestionPresenter
from tests.gguf_files import TinyModel
from tests.hub_server.repositories import HubFile, HubRepository
from tests.ui.hands import press
from tests.ui.model_manager.discover_use import LLAMA, QWEN, DiscoverUse, llama, open_discover

pytestmark = pytest.mark.ui


@pytest.fixture
def discover(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DiscoverUse]:
    """Discover, just opened."""
    with open_discover(tmp_path, qapp, qtbot, monkeypatch) as opened:
        yield opened


def get(discover: DiscoverUse, repository: str) -> None:
    """Press Get in the row of a hand-picked model."""
    row = next(row for row in discover.page.list.rows if row.shown.key == repository)
    row.button.click()


def test_the_recommended_model_is_three_clicks_away(discover: DiscoverUse) -> None:
    """Models, Get, Download: then it is on its way, under the name and the licence that were shown."""
    discover.page.card.get_button.click()
    step = discover.step()
    assert step.accept_button.isEnabled()
    assert not step.tick.isVisible()
    assert step.shown.text_note.startswith("version of January 2004"), "nobody knows the day"
    step.accept_button.click()
    discover.until(lambda: not discover.has_step and bool(discover.parts.online.downloads.downloads))
    (download,) = discover.parts.online.downloads.downloads
    assert download.wanted.remote.repository == QWEN
    assert download.wanted.licence == "apache-2.0"
    assert not discover.parts.online.acceptances.all()
    discover.until(lambda: discover.parts.online.downloads.downloads[0].state is DownloadState.FINISHED)
    discover.until(lambda: not discover.page.card.get_button.isVisible())


def test_the_keyboard_answers_the_question_after_the_step(
    discover: DiscoverUse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens over the step, which goes only then: no key reaches the page behind, and Tab and Enter answer."""
    asker = discover.use.window.findChild(NetworkQuestionPresenter)
    assert isinstance(asker, NetworkQuestionPresenter)
    is_asked, begin = threading.Event(), LicenceStepPresenter._download  # pyright: ignore[reportPrivateUsage] - as below

    def question() -> NetworkQuestion | None:
        return next((each for each in discover.use.window.findChildren(NetworkQuestion) if each.isVisible()), None)

    def download(presenter: LicenceStepPresenter, choice: Choice, terms: Terms, is_stopped: IsStopped) -> str:
        name = begin(presenter, choice, terms, is_stopped)
        assert is_asked.wait(30), "the download asks while the step is there"
        return name

    monkeypatch.setattr(LicenceStepPresenter, "_download", download)
    discover.page.card.get_button.setFocus()
    press(Qt.Key.Key_Return)
    discover.step().accept_button.setFocus()
    discover.parts.online.gate.ask = asker.ask
    press(Qt.Key.Key_Return)
    discover.until(lambda: question() is not None)
    is_asked.set()
    discover.until(lambda: not discover.has_step)
    press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert discover.use.desktop.model_manager.frame.tab is Tab.DISCOVER
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Return)
    discover.until(lambda: question() is None)
    discover.until(lambda: discover.parts.online.downloads.downloads[0].state is DownloadState.FAILED)


def test_a_restricted_licence_has_to_be_ticked_and_is_remembered(discover: DiscoverUse) -> None:
    """With the fingerprint of the very text that was shown; the second time it says when."""
    get(discover, LLAMA)
    step = discover.step()
    assert not step.accept_button.isEnabled()
    assert f"version of {shown_date('2024-09-25')}" in step.shown.text_note
    assert "25" in shown_date("2024-09-25")
    step.tick.click()
    step.accept_button.click()
    discover.until(lambda: not discover.has_step and bool(discover.parts.online.acceptances.all()))
    (acceptance,) = discover.parts.online.acceptances.all()
    licences = discover.parts.online.licences
    text = licences.full_text(licences.find("llama3.2"))
    assert text is not None
    assert (acceptance.licence, acceptance.model) == ("llama3.2", LLAMA)
    assert acceptance.text_sha256 == fingerprint(text)
    discover.paste(LLAMA)
    discover.until(lambda: discover.parts.online.downloads.downloads[0].state is DownloadState.FINISHED)
    discover.parts.online.downloads.cancel(discover.parts.online.downloads.downloads[0].id)


def test_a_step_that_is_put_away_while_it_is_busy_begins_nothing(
    discover: DiscoverUse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escape says no until the very moment; and no tick opens a button that is at work."""
    reached, go_on = threading.Event(), threading.Event()
    done = threading.Event()
    check = LicenceStepPresenter._download  # pyright: ignore[reportPrivateUsage] - when it is over is seen nowhere

    def wait(_room: DiskRoom, _path: Path, _size_bytes: int) -> None:
        reached.set()
        assert go_on.wait(30)

    def download(presenter: LicenceStepPresenter, choice: Choice, terms: Terms, is_stopped: IsStopped) -> str:
        try:
            return check(presenter, choice, terms, is_stopped)
        finally:
            done.set()

    monkeypatch.setattr(DiskRoom, "check", wait)
    monkeypatch.setattr(LicenceStepPresenter, "_download", download)
    get(discover, LLAMA)
    step = discover.step()
    step.tick.click()
    step.accept_button.click()
    discover.until(reached.is_set)
    step.tick.click()
    step.tick.click()
    assert step.tick.isChecked()
    assert not step.accept_button.isEnabled()
    QTest.keyClick(step, Qt.Key.Key_Escape)
    discover.until(lambda: not discover.has_step)
    go_on.set()
    discover.until(done.is_set)
    assert discover.parts.online.downloads.downloads == ()


def test_what_was_accepted_needs_no_second_tick(discover: DiscoverUse) -> None:
    """It says when, and the button is open; another text would have to be accepted anew."""
    licences = discover.parts.online.licences
    text = licences.full_text(licences.find("llama3.2"))
    assert text is not None
    when = datetime(2026, 5, 1, 12, tzinfo=UTC)
    discover.parts.online.acceptances.accept("llama3.2", LLAMA, fingerprint(text), when)
    get(discover, LLAMA)
    step = discover.step()
    assert step.accept_button.isEnabled()
    assert not step.tick.isVisible()
    assert step.shown.accepted == f"You accepted this text on {shown_day(when)}."


def test_escape_cancels_and_nothing_is_downloaded(discover: DiscoverUse) -> None:
    """Nor is anything accepted."""
    get(discover, LLAMA)
    step = discover.step()
    step.tick.click()
    QTest.keyClick(step, Qt.Key.Key_Escape)
    discover.until(lambda: not discover.has_step)
    assert discover.parts.online.downloads.downloads == ()
    assert not discover.parts.online.acceptances.all()


def test_what_was_accepted_cannot_be_read(discover: DiscoverUse) -> None:
    """It is said, and nothing is downloaded."""
    discover.parts.paths.licence_acceptances.mkdir()
    get(discover, LLAMA)
    notice = discover.use.desktop.model_manager.frame.notice
    discover.until(notice.isVisible)
    assert any("cannot be read" in label.text() for label in notice.findChildren(PlainLabel))
    assert not discover.has_step
    assert discover.parts.online.downloads.downloads == ()


def test_two_licences_that_disagree_are_both_shown(discover: DiscoverUse) -> None:
    """And the one that restricts has to be accepted."""
    discover.server.publish(llama("---\nlicense: apache-2.0\n---\nWords."))
    get(discover, LLAMA)
    step = discover.step()
    shown = step.shown
    assert [licence.name for licence in shown.licences] == ["Llama 3.2 Community Licence", "Apache License 2.0"]
    assert "do not agree" in shown.disagreement
    assert shown.needs_tick
    assert "Apache License" in shown.text
    assert "Llama 3.2" in shown.text


def publish_silent(discover: DiscoverUse, folder: Path) -> None:
    """A repository that states no licence, with a file whose header states none either."""
    file = HubFile("silent-Q4_0.gguf", TinyModel().write(folder / "silent.gguf"))
    discover.server.publish(HubRepository("many/silent-GGUF", (file,)))


def test_no_licence_means_all_rights_reserved(discover: DiscoverUse, tmp_path: Path) -> None:
    """Silence allows nothing, and has to be accepted knowingly."""
    publish_silent(discover, tmp_path)
    discover.paste("many/silent-GGUF")
    discover.files()[0].button.click()
    step = discover.step()
    assert "No licence stated: all rights reserved" in step.shown.intro
    assert step.shown.needs_tick
    assert step.tick.text().startswith("I know that all rights are reserved")
    assert step.accept_button.text().startswith("Download, ")
    assert "full text" not in f"{step.shown.text_note} {step.shown.small}"


def test_a_short_step_is_shown_whole(discover: DiscoverUse, tmp_path: Path) -> None:
    """Where there is little to say, nothing of the foot is cut, and its buttons stand in one line."""
    publish_silent(discover, tmp_path)
    discover.paste("many/silent-GGUF")
    discover.files()[0].button.click()
    step = discover.step()
    labels = [label for label in step.findChildren(PlainLabel) if label.isVisible()]
    discover.until(lambda: all(label.height() >= label.heightForWidth(label.width()) for label in labels))
    assert step.cancel_button.y() == step.accept_button.y()
    assert step.cancel_button.height() == step.accept_button.height()
    step.tick.click()
    step.accept_button.click()
    discover.until(lambda: not discover.has_step and bool(discover.parts.online.acceptances.all()))
    discover.parts.online.downloads.cancel(discover.parts.online.downloads.downloads[0].id)


def test_the_way_to_open_models_is_as_easy_as_accepting(discover: DiscoverUse) -> None:
    """One click shows those that are open source."""
    get(discover, LLAMA)
    discover.step().others_button.click()
    discover.until(lambda: not discover.has_step)
    assert discover.page.bar.open_source.isChecked()
    assert not any(name.startswith("Llama") for name in discover.names)


def test_a_full_disk_is_said_before_anything_comes(discover: DiscoverUse, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the step itself, which stays."""
    monkeypatch.setattr("app.ui.presenters.licence_step.DiskRoom", lambda: DiskRoom(lambda _path: 1_000_000))
    discover.page.card.get_button.click()
    step = discover.step()
    step.accept_button.click()
    discover.until(lambda: "not enough room on the disk" in step.trouble)
    assert step.isVisible()
    assert discover.parts.online.downloads.downloads == ()
