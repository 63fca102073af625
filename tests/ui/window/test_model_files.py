"""The files of models in the window: checking them, deleting them, losing them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from app.models.library import STARTER_ID
from app.models.library_error import ModelLibraryError
from tests.fakes import FakeEngine, Pause
from tests.gguf_files import TinyModel
from tests.ui.window.managing import Managing, add
from tests.ui.window.use import OpenWindow

SLOW_TO_READ_BYTES = 6_000_000_000
"""A file with a hole of this size takes no room on the disk, and seconds to read."""


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


def checked(managing: Managing, name: str) -> str:
    """Have the file of a model checked, and give what is said of it."""
    panel = managing.show(name)
    managing.use.press("verify_button")
    managing.use.until(lambda: managing.is_seen("verdict"))
    label = panel.findChild(QLabel, "verdict")
    assert label is not None
    return label.text()


def test_a_file_is_checked(managing: Managing) -> None:
    """What its publisher offers is said to be so."""
    path = managing.use.desktop.parts.paths.models / "tiny.gguf"
    add(managing, path, downloaded=True)
    managing.open()
    assert checked(managing, "Tiny") == "tiny.gguf is what its publisher offers."


def test_a_damaged_file_is_named_as_such(managing: Managing) -> None:
    """One byte of it is another one, and size and time are as before: only reading it whole tells."""
    path = add(managing, managing.use.desktop.parts.paths.models / "tiny.gguf", downloaded=True)
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    managing.open()
    assert "the checksum differs" in checked(managing, "Tiny")
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
