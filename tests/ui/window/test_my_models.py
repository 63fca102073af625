"""The models that are here, in the window: found, looked at, named, checked, and let go of."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit

from app.hardware import Memory
from app.models.library import STARTER_ID
from app.models.library_error import ModelLibraryError
from app.ui.model_manager.check_row import CheckRow
from app.ui.model_manager.fit_gauge import FitGauge
from app.ui.model_manager.tab import Tab
from tests.fakes import FakeEngine, Pause
from tests.gguf_files import TinyModel
from tests.ui.window.managing import Managing
from tests.ui.window.use import OpenWindow, Use

SLOW_TO_READ_BYTES = 6_000_000_000
"""A file with a hole of this size takes no room on the disk, and seconds to read."""


@pytest.fixture
def managing(use: Use) -> Managing:
    """A window, and what its user does with the models."""
    return Managing(use)


@pytest.fixture
def binned(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What went to the bin of the system; the tests have none of their own."""
    gone: list[Path] = []

    def take(path: Path) -> None:
        gone.append(path)
        path.unlink()

    monkeypatch.setattr("send2trash.send2trash", take)
    return gone


def add(managing: Managing, path: Path, *, downloaded: bool = False) -> Path:
    """Write a model, and take it into the list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    TinyModel().write(path)
    if downloaded:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        managing.library.add_downloaded(path, repository="tiny/tiny", licence="mit", sha256=sha256)
    else:
        managing.library.add(path)
    return path


def test_the_picker_leads_to_more_models(use: Use) -> None:
    """The last row of its list opens what can be had; Escape comes back to the words."""
    use.window.composer.open_model_list()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
    frame = use.desktop.model_manager.frame
    use.until(frame.isVisible)
    assert frame.tab is Tab.DISCOVER
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    use.until(lambda: not frame.isVisible())


def test_the_first_page_is_the_one_that_helps(start: OpenWindow, engine: FakeEngine, tmp_path: Path) -> None:
    """Who has only the starter sees what can be had; who has a model of their own sees theirs."""
    with start(engine) as use:
        use.desktop.model_manager.open()
        assert use.desktop.model_manager.frame.tab is Tab.DISCOVER
        use.desktop.parts.models.add(TinyModel().write(tmp_path / "own.gguf"))
    with start(engine) as use:
        use.desktop.model_manager.open()
        assert use.desktop.model_manager.frame.tab is Tab.MY_MODELS


def test_the_list_says_what_is_here(managing: Managing, tmp_path: Path) -> None:
    """Every model with its licence, its quantization in plain words, and where it lies."""
    add(managing, tmp_path / "models" / "tiny.gguf")
    managing.open()
    starter, tiny = managing.row("Starter model").model, managing.row("Tiny").model
    assert starter.is_in_use
    assert "Apache-2.0 · open source" in starter.sentence
    assert "Q4_1 · balanced, older kind" in starter.sentence
    assert str(tmp_path / "models") in tiny.place or "~" in tiny.place
    assert tiny.context == "context 2,048 tokens"
    assert managing.use.desktop.model_manager.frame.tabs.tabs[Tab.MY_MODELS].accessibleName() == "My models, 2"


def test_escape_goes_back_step_by_step(managing: Managing) -> None:
    """From the details to the list, from the list to the conversation."""
    managing.open()
    managing.show("Starter model")
    managing.key(Qt.Key.Key_Escape)
    assert not managing.details.isVisible()
    assert managing.row("Starter model").hasFocus()
    managing.key(Qt.Key.Key_Escape)
    assert not managing.use.desktop.model_manager.frame.isVisible()


def test_f6_walks_between_the_sidebar_and_the_models(managing: Managing) -> None:
    """As it does between the panels of a conversation."""
    managing.open()
    managing.row("Starter model").setFocus()
    managing.key(Qt.Key.Key_F6)
    assert managing.use.window.sidebar.list.hasFocus()
    managing.key(Qt.Key.Key_F6)
    assert managing.row("Starter model").hasFocus()


def test_use_has_the_model_answer(managing: Managing, engine: FakeEngine, tmp_path: Path) -> None:
    """Ctrl+Enter on its row loads it, and one can write."""
    path = add(managing, tmp_path / "tiny.gguf")
    managing.open()
    managing.row("Tiny").setFocus()
    managing.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    managing.use.until(lambda: engine.loads[-1].path == path)
    assert not managing.use.desktop.model_manager.frame.isVisible()
    managing.open()
    managing.use.until(lambda: managing.row("Tiny").model.is_in_use)


def test_a_damaged_download_is_not_loaded_before_its_user_says_so(
    managing: Managing, engine: FakeEngine, tmp_path: Path
) -> None:
    """Use says what is wrong and what helps; nothing of the file is read until somebody wants it all the same."""
    path = add(managing, tmp_path / "tiny.gguf", downloaded=True)
    status, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    managing.library.verify(managing.model(path).id)
    managing.open()
    assert "File is damaged" in managing.row("Tiny").model.sentence
    managing.row("Tiny").setFocus()
    managing.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    notice = managing.use.window.notice  # not the one of the page
    managing.use.until(lambda: "is not what its publisher offers" in notice.accessibleName())
    notice.clear()
    managing.use.write("Hello?")
    managing.use.press_key(Qt.Key.Key_Return)
    managing.use.until(lambda: notice.isVisible() and "Download it again" in notice.accessibleName())
    assert path not in {load.path for load in engine.loads}
    managing.use.press("notice_action_button")
    managing.use.until(lambda: path in {load.path for load in engine.loads})


def test_name_star_and_note_are_kept(managing: Managing, start: OpenWindow, engine: FakeEngine, tmp_path: Path) -> None:
    """What the user says of a model is there after the next start too, and the picker knows the new name."""
    path = add(managing, tmp_path / "tiny.gguf")
    managing.open()
    managing.show("Tiny")
    managing.key(Qt.Key.Key_F2)
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "My own")
    managing.key(Qt.Key.Key_Return)
    managing.use.until(lambda: managing.model(path).name == "My own")
    note = managing.use.find("model_note")
    assert isinstance(note, QPlainTextEdit)
    QTest.keyClicks(note, "Good at rhymes")
    managing.use.until(lambda: managing.model(path).note == "Good at rhymes")
    managing.row("My own").setFocus()
    managing.key(Qt.Key.Key_F)
    managing.use.until(lambda: managing.rows()[0].model.name == "My own")
    managing.use.desktop.window.close()
    with start(engine) as again:
        other = Managing(again)
        other.open()
        row = other.row("My own").model
        assert row.is_favourite
        assert other.model(path).note == "Good at rhymes"


def test_a_name_that_is_taken_is_refused_with_a_sentence(managing: Managing, tmp_path: Path) -> None:
    """Two models of one name could not be told apart; the old name is shown again."""
    add(managing, tmp_path / "tiny.gguf")
    managing.open()
    panel = managing.show("Tiny")
    panel.renamed.emit(panel.model_id, "Starter model")
    managing.use.until(lambda: "Starter model" in managing.said())
    assert managing.row("Tiny").model.name == "Tiny"


def test_the_details_say_how_it_fits(managing: Managing) -> None:
    """From its own header and the memory that is free now."""
    managing.open()
    panel = managing.show("Starter model")
    managing.use.until(lambda: any("needs about" in label.text() for label in panel.findChildren(QLabel)))


def test_the_details_and_the_head_name_one_amount_of_free_memory(
    managing: Managing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head follows when a model is measured while other memory is free than when the page was opened."""
    monkeypatch.setattr("app.hardware.memory", lambda: Memory(16 * 10**9, 9_100_000_000))
    managing.open()
    line = managing.use.desktop.model_manager.frame.memory
    assert line.accessibleName().startswith("16.0 GB memory, 9.1 GB free")
    monkeypatch.setattr("app.hardware.memory", lambda: Memory(16 * 10**9, 5_200_000_000))
    panel = managing.show("Starter model")
    managing.use.until(lambda: any("of 5.2 GB" in gauge.accessibleName() for gauge in panel.findChildren(FitGauge)))
    assert line.accessibleName() == "16.0 GB memory, 5.2 GB free for a model"


def test_a_licence_can_be_read_in_place(managing: Managing) -> None:
    """The whole text lies over the window, and Escape puts it away."""
    managing.open()
    managing.show("Starter model")
    managing.use.press("licence_button")
    managing.use.until(lambda: managing.is_seen("licence_text"))
    assert managing.words("licence_text") == "Apache License 2.0 (Apache-2.0)"
    managing.key(Qt.Key.Key_Escape)
    managing.use.until(lambda: not managing.is_seen("licence_text"))


def test_a_file_is_checked(managing: Managing) -> None:
    """What its publisher offers is said to be so."""
    path = managing.use.desktop.parts.paths.models / "tiny.gguf"
    add(managing, path, downloaded=True)
    managing.open()
    panel = managing.show("Tiny")
    managing.use.press("verify_button")
    managing.use.until(lambda: managing.is_seen("verdict"))
    label = panel.findChild(QLabel, "verdict")
    assert label is not None
    assert label.text() == "tiny.gguf is what its publisher offers."


def test_a_damaged_file_is_named_as_such(managing: Managing) -> None:
    """One byte of it is another one, and size and time are as before: only reading it whole tells."""
    path = add(managing, managing.use.desktop.parts.paths.models / "tiny.gguf", downloaded=True)
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    managing.open()
    panel = managing.show("Tiny")
    managing.use.press("verify_button")
    managing.use.until(lambda: managing.is_seen("verdict"))
    label = panel.findChild(QLabel, "verdict")
    assert label is not None
    assert "the checksum differs" in label.text()
    managing.use.until(lambda: "File is damaged" in managing.row("Tiny").model.sentence)
    managing.use.press("accept_button")
    managing.use.until(lambda: "File is damaged" not in managing.row("Tiny").model.sentence)
    managing.use.until(lambda: not managing.is_seen("verdict"))  # what it said is settled


def test_a_check_can_be_stopped(managing: Managing, tmp_path: Path) -> None:
    """Nobody waits for gigabytes; nothing is said of a file that was not read."""
    path = add(managing, tmp_path / "tiny.gguf")
    os.truncate(path, SLOW_TO_READ_BYTES)
    managing.library.accept(managing.model(path).id)
    managing.open()
    managing.show("Tiny")
    managing.use.press("verify_button")
    managing.use.press("stop_verify_button")
    managing.use.until(lambda: managing.is_seen("verify_button"))
    assert not managing.is_seen("verdict")


def test_what_paddock_fetched_goes_to_the_bin(managing: Managing, engine: FakeEngine, binned: list[Path]) -> None:
    """It is in memory: it comes out of there first. The question says how much goes, and where."""
    path = add(managing, managing.use.desktop.parts.paths.models / "tiny.gguf", downloaded=True)
    managing.use.desktop.models.choose(managing.model(path).id)
    managing.use.until(lambda: engine.loaded is not None and engine.loaded.path == path)
    managing.open()
    managing.show("Tiny")
    managing.use.press("delete_button")
    managing.use.until(lambda: managing.is_seen("question"))
    assert "Delete Tiny? Its file goes to the bin of this computer." in managing.words("question")
    managing.use.press("delete_file_button")
    managing.use.until(lambda: binned == [path])
    managing.use.until(lambda: engine.loaded is not None and engine.loaded.path != path)
    managing.use.until(lambda: [row.model.id for row in managing.rows()] == [STARTER_ID])
    assert not managing.details.isVisible()


def test_a_delete_that_waits_says_so(managing: Managing, engine: FakeEngine, binned: list[Path]) -> None:
    """The model is writing: its reply is finished first."""
    use = managing.use
    path = add(managing, use.desktop.parts.paths.models / "tiny.gguf", downloaded=True)
    use.desktop.models.choose(managing.model(path).id)
    use.until(lambda: engine.loaded is not None and engine.loaded.path == path)
    pause = Pause()
    engine.will_stream("Hay", pause, " and grass.")
    use.write("What does a llama eat?")
    use.press_key(Qt.Key.Key_Return)
    use.until(pause.reached.is_set)
    managing.open()
    managing.show("Tiny")
    use.press("delete_button")
    use.press("delete_file_button")
    use.until(lambda: "Tiny goes to the bin as soon as it is out of memory" in managing.said())
    assert binned == []
    pause.go_on()
    use.until(lambda: binned == [path])
    use.until(lambda: "Tiny is in the bin of this computer" in managing.said())


def test_the_only_model_goes_out_of_memory_before_its_file_goes(
    start: OpenWindow, engine: FakeEngine, binned: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Paddock without the starter model: nothing comes in its place, and nothing of it stays."""
    monkeypatch.setattr("tests.ui.window.use.find_starter", lambda: None)
    with start(engine) as use:
        managing = Managing(use)
        path = add(managing, use.desktop.parts.paths.models / "tiny.gguf", downloaded=True)
        use.desktop.models.choose(managing.model(path).id)
        use.until(lambda: engine.loaded is not None)
        managing.open()
        managing.show("Tiny")
        use.press("delete_button")
        use.press("delete_file_button")
        use.until(lambda: binned == [path])
        assert engine.unloads == 1
        assert engine.loaded is None
        use.until(lambda: managing.rows() == [] and use.desktop.models.chosen is None)


def test_a_model_on_its_way_into_memory_is_in_use(managing: Managing, engine: FakeEngine, binned: list[Path]) -> None:
    """Its file is being read: it goes to the bin when that has been stopped."""
    use = managing.use
    use.until(lambda: engine.loaded is not None)
    path, slow = add(managing, use.desktop.parts.paths.models / "tiny.gguf", downloaded=True), Pause()
    engine.will_pause_while_loading(slow)
    use.desktop.models.choose(managing.model(path).id)
    use.until(slow.reached.is_set)
    with pytest.raises(ModelLibraryError, match="Tiny is in memory"):
        managing.library.delete(managing.model(path).id)
    assert binned == []
    managing.open()
    managing.show("Tiny")
    use.press("delete_button")
    use.press("delete_file_button")
    use.until(lambda: binned == [path])
    assert slow.is_over
    use.until(lambda: engine.loaded is not None and engine.loaded.path != path)


def test_cancel_has_the_keyboard_first(managing: Managing, binned: list[Path], tmp_path: Path) -> None:
    """Enter out of habit deletes nothing."""
    path = add(managing, tmp_path / "tiny.gguf")
    managing.open()
    managing.row("Tiny").setFocus()
    managing.key(Qt.Key.Key_Delete)
    managing.use.until(lambda: managing.is_seen("question"))
    managing.key(Qt.Key.Key_Return)
    managing.use.until(lambda: not managing.is_seen("question"))
    assert binned == []
    assert managing.model(path).is_present


def test_a_file_of_the_user_stays_unless_they_insist(managing: Managing, binned: list[Path], tmp_path: Path) -> None:
    """The list forgets it; the file is moved only by the button that says so."""
    first, second = add(managing, tmp_path / "first.gguf"), tmp_path / "second.gguf"
    TinyModel(seed=2).write(second)
    managing.library.add(second)
    managing.open()
    names = {model.path: model.name for model in managing.library.models()}
    managing.show(names[first])
    managing.use.press("delete_button")
    managing.use.press("remove_from_list_button")
    managing.use.until(lambda: len(managing.rows()) == 2)
    assert first.is_file()
    managing.show(names[second])
    managing.use.press("delete_button")
    managing.use.press("delete_file_button")
    managing.use.until(lambda: binned == [second])
    managing.use.until(lambda: len(managing.rows()) == 1)


def test_removing_can_be_taken_back(managing: Managing, tmp_path: Path) -> None:
    """With its name, its note and its star, and under its id: a conversation that knows an earlier name finds it."""
    path = add(managing, tmp_path / "tiny.gguf")
    model = managing.model(path)
    managing.library.rename(model.id, "Poet")
    managing.library.set_note(model.id, "Rhymes")
    managing.open()
    managing.show("Poet")
    managing.use.press("remove_button")
    managing.use.until(lambda: len(managing.rows()) == 1)
    managing.use.press("undo_button")
    managing.row("Poet")
    assert managing.model(path).note == "Rhymes"
    assert managing.model(path).id == model.id
    assert managing.library.find("Tiny").id == model.id


def test_a_file_that_vanishes_is_noticed(managing: Managing, tmp_path: Path) -> None:
    """While one looks at it: the row says so, and nothing can be done that needs the file."""
    path = add(managing, tmp_path / "tiny.gguf")
    managing.open()
    panel = managing.show("Tiny")
    path.unlink()
    managing.use.until(lambda: "File is missing" in managing.row("Tiny").model.sentence)
    assert not managing.row("Tiny").model.can_be_used
    managing.use.until(lambda: any("no longer where it was" in label.text() for label in panel.findChildren(QLabel)))
    managing.use.press("copy_path_button")
    assert QGuiApplication.clipboard().text() == str(path)


def test_models_of_other_applications_are_used_where_they_lie(managing: Managing) -> None:
    """Looked for, shown by application, all of them checked; the one that is not wanted is left alone."""
    folder = managing.use.desktop.parts.paths.data / "home" / ".lmstudio" / "models" / "somebody"
    for name in ("one", "two"):
        path = folder / name / f"{name}.gguf"
        path.parent.mkdir(parents=True)
        TinyModel(seed=len(name)).write(path)
    managing.open()
    managing.use.press("look_for_models_button")
    managing.use.until(lambda: len(seen_checks(managing)) == 2)
    seen_checks(managing)[0].click()
    managing.use.press("use_found_button")
    managing.use.until(lambda: len(managing.rows()) == 2)
    taken = next(row.model for row in managing.rows() if row.model.id != STARTER_ID)
    assert taken.place == "file of LM Studio"
    assert "1 model is ready." in managing.said()


def seen_checks(managing: Managing) -> list[CheckRow]:
    """What was found, as far as it can be seen."""
    return [row for row in managing.use.window.findChildren(CheckRow) if row.isVisible()]


def test_nothing_found_is_said(managing: Managing) -> None:
    """With the way to look elsewhere; Escape comes back to the list."""
    managing.open()
    managing.use.press("look_for_models_button")
    page = managing.use.find("found_models")
    managing.use.until(lambda: any("No other models" in label.text() for label in page.findChildren(QLabel)))
    assert managing.is_seen("look_in_folder_button")
    managing.key(Qt.Key.Key_Escape)
    managing.use.until(lambda: len(managing.rows()) == 1)


def test_convert_is_handed_on(managing: Managing) -> None:
    """Whoever converts hears which model."""
    heard: list[str] = []
    managing.use.desktop.my_models.convert_requested.connect(heard.append)
    managing.open()
    managing.show("Starter model")
    managing.use.press("convert_button")
    assert heard == [STARTER_ID]
