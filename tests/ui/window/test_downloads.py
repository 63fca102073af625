"""Downloads in the window, from a real hub on this computer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.models.download.download import DownloadState
from app.models.download.part_file import part_path
from app.models.installed import Source
from app.ui.toast import Toast
from tests.fakes import FakeEngine
from tests.hub_server.faults import Failing
from tests.hub_server.server import HubServer, hub_server
from tests.models.download.dying import NAME, REPOSITORY, Step, die_at
from tests.models.download.dying import make_repository as make_model
from tests.ui.window.downloading import Downloading, make_repository, prepare
from tests.ui.window.use import OpenWindow

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine has a say."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """A hub with three small models."""
    with hub_server(make_repository(tmp_path / "on-the-hub")) as running:
        prepare(tmp_path / "home", running)
        yield running


@pytest.fixture
def downloading(start: OpenWindow, engine: FakeEngine, hub: HubServer) -> Iterator[Downloading]:
    """A window that downloads from it."""
    with start(engine) as use:
        yield Downloading(use, hub)


def test_a_download_is_seen_everywhere_and_becomes_a_model_to_use(downloading: Downloading, engine: FakeEngine) -> None:
    """The bar at the foot tells of it; when it is complete and right, one press has it answer."""
    cap = downloading.slowly()
    downloading.get("First")
    downloading.until_begun("First")
    bar = downloading.use.desktop.downloads.bar
    assert bar.isVisible()
    downloading.use.until(lambda: "First" in bar.accessibleName() and " of " in bar.accessibleName())
    downloading.hub.faults.remove(cap)
    downloading.until_state("First", DownloadState.FINISHED)
    downloading.use.press("toast_action_button")
    downloading.use.until(lambda: engine.loads[-1].path == downloading.file("First"))
    assert not bar.isVisible()
    model = next(each for each in downloading.use.desktop.parts.models.models() if each.source is Source.DOWNLOADED)
    assert (model.repository, model.licence) == ("owner/Tiny-GGUF", "apache-2.0")
    assert model.sha256_expected == downloading.wanted("First").sha256


def test_a_click_on_the_bar_shows_the_downloads(downloading: Downloading) -> None:
    """And its button pauses without leaving the conversation."""
    downloading.slowly()
    downloading.get("First")
    downloading.until_begun("First")
    downloading.use.press("pause_running_button")
    downloading.until_state("First", DownloadState.PAUSED)
    downloading.row("First").setFocus()
    QTest.keyClick(downloading.row("First"), Qt.Key.Key_Space)
    downloading.until_state("First", DownloadState.RUNNING)
    downloading.use.window.show_conversation()
    downloading.use.press("downloads_bar")
    assert downloading.use.find("downloads_page").isVisible()


def test_what_the_end_of_paddock_interrupted_is_offered_at_the_next_start(
    start: OpenWindow, hub: HubServer, engine: FakeEngine
) -> None:
    """Nothing connects before the user says so, and what had come does not come again."""
    with start(engine) as use:
        first = Downloading(use, hub)
        cap = first.slowly()
        first.get("First")
        first.until_begun("First")
    hub.faults.remove(cap)
    hub.log.wait_until_quiet()
    sent = len(hub.log.requests)
    with start(FakeEngine()) as use:
        again = Downloading(use, hub)
        again.until_state("First", DownloadState.INTERRUPTED)
        assert again.use.desktop.downloads.bar.isVisible()
        assert again.page.isVisible()
        assert not again.use.desktop.downloads.bar.isVisible()  # the page offers the same
        again.use.window.show_conversation()
        assert len(hub.log.requests) == sent
        again.use.press("resume_interrupted_button")
        again.until_state("First", DownloadState.FINISHED)
    assert hub.log.bytes_sent_twice("First.gguf") < 0.5 * again.wanted("First").size_bytes


def test_a_start_without_a_list_looks_for_nothing(start: OpenWindow, hub: HubServer, engine: FakeEngine) -> None:
    """The first window costs nothing of what downloads need."""
    with start(engine) as use:
        use.send("Hello")
        use.until_answered("Hello", "Hello")
        assert not use.desktop.parts.paths.downloads.exists()
        assert not use.desktop.downloads.bar.isVisible()
    assert hub.log.requests == ()


@pytest.mark.parametrize("step", [Step.HAS_ITS_NAME, Step.ALL_CAME, Step.IN_THE_LIBRARY])
def test_what_came_before_paddock_was_killed_joins_at_the_next_start(
    start: OpenWindow, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    """Nothing is asked of the hub; it has one name in the toast, on the page and in the list of models."""
    monkeypatch.setenv("PADDOCK_HOME", str(tmp_path / "home"))
    with hub_server(make_model(tmp_path / "on-the-hub")) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        die_at(step)
    with start(engine) as use:
        use.until(lambda: any(model.source is Source.DOWNLOADED for model in use.desktop.parts.models.models()))
        use.until(lambda: f"{NAME} is here." in [label.text() for label in use.window.findChildren(QLabel)])
        found = next(each for each in use.desktop.parts.models.models() if each.source is Source.DOWNLOADED)
        assert (found.name, found.repository, found.projector is not None) == (NAME, REPOSITORY, True)
        assert [model.shown_as for model in use.desktop.downloads.models] == [NAME]
        use.press("toast_action_button")
        use.until(lambda: engine.loads[-1].path == found.path)
    with start(FakeEngine()) as use:
        assert use.desktop.parts.online.downloads.downloads == ()


def test_a_cancelled_download_can_be_taken_back(downloading: Downloading) -> None:
    """Nothing of it is thrown away as long as it can."""
    cap = downloading.slowly()
    downloading.get("First")
    downloading.until_begun("First")
    QTest.keyClick(downloading.row("First"), Qt.Key.Key_Delete)
    downloading.use.until(lambda: not downloading.page.unfinished.rows)
    downloading.use.until(lambda: downloading.download("First").state is DownloadState.PAUSED)
    assert part_path(downloading.file("First")).exists()
    downloading.hub.faults.remove(cap)
    downloading.use.press("undo_button")
    downloading.until_state("First", DownloadState.FINISHED)


def test_a_cancelled_download_is_gone_when_nobody_takes_it_back(downloading: Downloading) -> None:
    """With its line in the list and its part on the disk."""
    downloading.slowly()
    downloading.get("First")
    downloading.until_begun("First")
    QTest.keyClick(downloading.row("First"), Qt.Key.Key_Delete)
    downloading.use.until(lambda: downloading.use.window.findChild(Toast) is not None)
    downloading.let_undo_go()
    downloading.use.until(lambda: not downloading.use.desktop.parts.online.downloads.downloads)
    downloading.use.until(lambda: not list(downloading.use.desktop.parts.paths.models.iterdir()))


def test_what_is_cancelled_stays_so_when_paddock_is_closed_at_once(
    start: OpenWindow, hub: HubServer, engine: FakeEngine
) -> None:
    """Nobody took it back: of neither is anything left, and the next start offers nothing."""
    with start(engine) as use:
        downloading = Downloading(use, hub)
        downloading.slowly()
        downloading.get("First", "Second")
        downloading.until_begun("First")
        for name in ("First", "Second"):
            QTest.keyClick(downloading.row(name), Qt.Key.Key_Delete)
            downloading.until_gone(name)
    with start(FakeEngine()) as use:
        assert use.desktop.parts.online.downloads.downloads == ()
        assert list(use.desktop.parts.paths.models.iterdir()) == []


def test_cancelling_leaves_the_files_that_another_model_uses(downloading: Downloading) -> None:
    """A projector goes with each quantization of a model: giving one of them up takes it from no other."""
    online, library = downloading.use.desktop.parts.online, downloading.use.desktop.parts.models
    downloading.get("First")
    downloading.use.until(lambda: any(model.source is Source.DOWNLOADED for model in library.models()))
    downloading.slowly()
    third = downloading.wanted("Third")
    online.downloads.add(downloading.wanted("First", model=third.name), third)
    downloading.until_begun("Third")
    both = [each.wanted.name for each in online.downloads.downloads if each.wanted.model == third.name]
    assert sorted(both) == sorted([third.name, downloading.wanted("First").name])
    downloading.use.until(lambda: downloading.download("First").state is DownloadState.FINISHED)
    QTest.keyClick(downloading.row("Third"), Qt.Key.Key_Delete)
    downloading.until_gone("Third")
    downloading.let_undo_go()
    downloading.use.until(lambda: not online.downloads.downloads)
    downloading.use.until(lambda: not part_path(downloading.file("Third")).exists())
    assert downloading.file("First").is_file()


def test_who_gets_a_cancelled_model_again_keeps_it(downloading: Downloading) -> None:
    """The later wish counts, also while the first can still be taken back."""
    downloading.slowly()
    downloading.get("First")
    downloading.until_begun("First")
    QTest.keyClick(downloading.row("First"), Qt.Key.Key_Delete)
    downloading.use.until(lambda: downloading.download("First").state is DownloadState.PAUSED)
    downloading.get("First")
    downloading.until_state("First", DownloadState.RUNNING)
    downloading.let_undo_go()
    downloading.hub.faults.clear()
    downloading.until_state("First", DownloadState.FINISHED)


def test_settings_are_felt_at_once(downloading: Downloading) -> None:
    """One file at a time makes the second wait; two let it begin."""
    settings = downloading.use.desktop.parts.settings
    settings.change("network.files_at_a_time", 1)
    downloading.slowly()
    downloading.get("First", "Second")
    downloading.until_state("First", DownloadState.RUNNING)
    downloading.until_state("Second", DownloadState.WAITING)
    settings.change("network.files_at_a_time", 2)
    downloading.use.desktop.settings.download_limits_changed.emit()
    downloading.until_state("Second", DownloadState.RUNNING)


def test_what_is_finished_while_it_is_moved_is_not_moved(downloading: Downloading) -> None:
    """The others keep their order."""
    downloading.use.desktop.parts.settings.change("network.files_at_a_time", 1)
    downloading.slowly()
    downloading.get("First", "Second")
    downloading.page.moved.emit("a model that is here by now", 0)
    downloading.page.moved.emit(downloading.wanted("Second").name, 0)
    downloading.use.until(lambda: downloading.order() == ["Second", "First"])


def test_the_order_is_changed_by_keys(downloading: Downloading) -> None:
    """Alt with Up and Down moves a row, and the keyboard stays on it."""
    downloading.use.desktop.parts.settings.change("network.files_at_a_time", 1)
    downloading.slowly()
    downloading.get("First", "Second", "Third")
    row = downloading.row("Third")
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Up, ALT)
    downloading.use.until(lambda: downloading.order() == ["First", "Third", "Second"])
    assert downloading.row("Third").hasFocus()
    QTest.keyClick(row, Qt.Key.Key_Down, ALT)
    downloading.use.until(lambda: downloading.order() == ["First", "Second", "Third"])
    QTest.keyClick(row, Qt.Key.Key_Up)
    assert downloading.row("Second").hasFocus()


def test_a_failed_download_says_why_and_is_tried_again(downloading: Downloading) -> None:
    """Over the conversation too, with the way to the list."""
    fault = Failing(404)
    downloading.hub.faults.append(fault)
    downloading.get("First")
    downloading.until_state("First", DownloadState.FAILED)
    downloading.use.press("notice_action_button")
    downloading.until_row("First", lambda words: "Stopped" in words and len(words) > 40)
    downloading.hub.faults.remove(fault)
    downloading.use.press("download_act_button")
    downloading.until_state("First", DownloadState.FINISHED)


def test_going_offline_pauses_what_runs(downloading: Downloading) -> None:
    """Nothing more comes, and the row says whose wish that was."""
    downloading.slowly()
    downloading.get("First")
    downloading.until_begun("First")
    downloading.use.desktop.offline.toggle()
    downloading.until_state("First", DownloadState.PAUSED)
    downloading.until_row("First", lambda words: "offline" in words)
    assert downloading.use.notice() == ""


def test_parts_that_belong_to_nothing_can_be_thrown_away(downloading: Downloading) -> None:
    """After a question: they may be large."""
    folder = downloading.use.desktop.parts.paths.models
    left = folder / "0123456789ab-Forgotten.gguf.part"
    folder.mkdir(exist_ok=True)
    left.write_bytes(b"x" * 100_000)
    assert downloading.page.isVisible()
    downloading.use.press("throw_away_button")
    assert left.exists()
    downloading.use.press("throw_away_for_ever_button")
    downloading.use.until(lambda: not left.exists())


def test_a_model_waits_for_what_goes_with_it(downloading: Downloading) -> None:
    """It joins the library when its projector is here too, and knows it."""
    library, queue = downloading.use.desktop.parts.models, downloading.use.desktop.parts.online.downloads
    downloading.use.desktop.parts.settings.change("network.files_at_a_time", 1)
    cap = downloading.slowly()
    model, sees = downloading.wanted("First"), downloading.wanted("Second", downloading.wanted("First").name)
    queue.add(model, sees)
    downloading.use.until(lambda: [model.shown_as for model in downloading.use.desktop.downloads.models] == ["First"])
    downloading.hub.faults.remove(cap)
    downloading.until_state("First", DownloadState.FINISHED)
    downloading.use.until(lambda: any(each.source is Source.DOWNLOADED for each in library.models()))
    found = next(each for each in library.models() if each.source is Source.DOWNLOADED)
    assert found.projector == downloading.file("Second")
