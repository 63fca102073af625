"""Model files in the window: adding, choosing, losing them; and files that are none."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.engine.requests import LoadRequest
from app.models.library import STARTER_ID
from app.paths import find_paths
from app.private_file import locked
from tests.fakes import FakeEngine, Pause
from tests.gguf_files import TinyModel
from tests.integration.bad_files import BAD_FILES
from tests.ui.window.use import OpenWindow, Use

NOBODY = 65534


def test_a_dropped_file_is_used_where_it_lies(use: Use, tmp_path: Path) -> None:
    """It becomes the model of the next reply."""
    path = TinyModel().write(tmp_path / "tiny.gguf")
    use.window.files_dropped.emit([path])
    use.until(lambda: bool(use.engine.loads) and use.engine.loads[-1].path == path)
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    assert use.messages()[-1].model_name == "Tiny"
    conversation = use.desktop.conversations.conversation
    assert conversation is not None
    assert conversation.model == "Tiny"


def test_the_first_reply_of_a_file_names_it(use: Use, tmp_path: Path) -> None:
    """Its sha256 is found beside the reply, and comes into the receipt also where that is closed already."""
    path = TinyModel().write(tmp_path / "tiny.gguf")
    use.window.files_dropped.emit([path])
    use.until(lambda: bool(use.engine.loads) and use.engine.loads[-1].path == path)
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    def is_named() -> bool:
        receipt = use.messages()[-1].receipt
        return receipt is not None and receipt.model.sha256 == sha256

    use.until(is_named)
    assert [kept.model_sha256 for kept in use.messages()[-1].generations] == [sha256]


def test_each_conversation_has_its_model(use: Use, tmp_path: Path) -> None:
    """Opening one shows its model, and writing there has it loaded."""
    use.send("With the starter")
    use.until_answered("With the starter", "Hello")
    starter_path = use.engine.loads[-1].path
    first = use.desktop.conversations.conversation
    use.desktop.conversations.open_new()
    path = TinyModel().write(tmp_path / "tiny.gguf")
    use.window.files_dropped.emit([path])
    use.until(lambda: use.engine.loads[-1].path == path)
    use.send("With the tiny one")
    use.until_answered("With the tiny one", "Hello")
    assert first is not None
    use.desktop.conversations.open(first.id)
    use.write("a")
    use.until(lambda: use.engine.loads[-1].path == starter_path)


def test_a_choice_before_the_first_message_outlives_a_restart(start: OpenWindow, tmp_path: Path) -> None:
    """Once it has written, the conversations tell which model was used last."""
    with start(FakeEngine()) as use:
        use.send("With the starter")
        use.until_answered("With the starter", "Hello")
        first = use.desktop.conversations.conversation
        assert first is not None
        use.desktop.conversations.open_new()
        use.window.files_dropped.emit([TinyModel().write(tmp_path / "tiny.gguf")])
        use.until(lambda: chosen(use) == "Tiny")
        use.desktop.conversations.open(first.id)
        assert chosen(use) == "Starter model"
    with start(FakeEngine()) as use:
        use.desktop.conversations.open_new()
        assert chosen(use) == "Tiny"
        use.send("With the tiny one")
        use.until_answered("With the tiny one", "Hello")
        use.desktop.conversations.open(first.id)
        use.send("Again")
        use.until_answered("With the starter", "Hello", "Again", "Hello")
        use.desktop.conversations.open_new()
        assert chosen(use) == "Starter model"


def chosen(use: Use) -> str:
    """The name of the model that answers next."""
    model = use.desktop.models.chosen
    return "" if model is None else model.name


def test_another_file_of_the_same_name_is_not_taken_for_the_first(use: Use, tmp_path: Path) -> None:
    """A conversation goes on with the file that wrote in it; where that is gone, it is said."""
    first, second = TinyModel().write(tmp_path / "a.gguf"), TinyModel(seed=2).write(tmp_path / "b.gguf")
    use.window.files_dropped.emit([first])
    use.until(lambda: bool(use.engine.loads) and use.engine.loads[-1].path == first)
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    use.until(lambda: use.messages()[-1].generations[-1].model_sha256 is not None)
    conversation = use.desktop.conversations.conversation
    assert conversation is not None
    parts = use.desktop.parts
    parts.models.remove(next(model.id for model in parts.models.models() if model.path == first))
    parts.models.add(second)
    parts.hashes.hash_file(second)
    use.desktop.conversations.open_new()
    use.desktop.conversations.open(conversation.id)
    use.write("a")
    use.until(lambda: use.engine.loads[-1].path == first)
    assert use.notice() == ""
    first.unlink()
    use.desktop.conversations.open_new()
    use.desktop.conversations.open(conversation.id)
    use.until(lambda: use.notice() == "The file of Tiny is not the one that wrote here before.")
    use.write("b")
    use.until(lambda: use.engine.loads[-1].path == second)


def test_another_choice_ends_a_load_that_runs(use: Use, tmp_path: Path) -> None:
    """Nobody waits for a model that is not wanted any more."""
    use.until(lambda: len(use.engine.loads) == 1)
    slow, quick = Pause(), TinyModel(seed=2).write(tmp_path / "quick.gguf")
    use.engine.will_pause_while_loading(slow)
    use.window.files_dropped.emit([TinyModel().write(tmp_path / "slow.gguf")])
    use.until(slow.reached.is_set)
    use.window.files_dropped.emit([quick])
    use.until(lambda: use.engine.loads[-1].path == quick)
    loaded: LoadRequest | None = use.engine.loaded
    use.until(lambda: use.engine.loaded is not None and use.engine.loaded.path == quick)
    assert loaded is None or loaded.path == quick


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_said_and_hurts_nobody(kind: str, use: Use, tmp_path: Path) -> None:
    """One sentence names the cause, and the next message is answered."""
    make, words = BAD_FILES[kind]
    use.window.files_dropped.emit([make(tmp_path / "model.gguf")])
    use.until(lambda: words in use.notice())
    assert "model.gguf" in use.notice()
    use.send("Hello")
    use.until_answered("Hello", "Hello")


def test_a_model_whose_file_is_gone(use: Use, tmp_path: Path) -> None:
    """It is said where it was, and the words stay in the editor."""
    path = TinyModel().write(tmp_path / "tiny.gguf")
    use.window.files_dropped.emit([path])
    use.until(lambda: bool(use.engine.loads) and use.engine.loads[-1].path == path)
    path.unlink()
    use.send("Hello")
    use.until(lambda: "no longer at" in use.notice())
    assert use.window.composer.text() == "Hello"
    assert use.shown() == []


def test_a_list_that_cannot_be_read_is_said_and_stops_nobody(use: Use, tmp_path: Path) -> None:
    """Where its file was is a folder now. What was known goes on: models are chosen, loaded, and answer."""
    path = TinyModel().write(tmp_path / "tiny.gguf")
    tiny = use.desktop.parts.models.add(path)
    use.desktop.models.library_changed()
    kept = use.desktop.parts.paths.model_list
    kept.rename(tmp_path / "aside.json")
    kept.mkdir()
    for act in (
        use.window.composer.open_model_list,
        use.desktop.models.library_changed,
        lambda: use.window.composer.remove_model_requested.emit(tiny.id),
        lambda: use.desktop.models.template_changed(tiny.id),
        lambda: use.desktop.models.choose(tiny.id),
    ):
        use.window.notice.clear()
        act()
        use.until(lambda: f"{kept.name} cannot be read" in use.notice())
    use.until(lambda: use.engine.loads[-1].path == path)
    use.send("Hello")
    use.until_answered("Hello", "Hello")


def test_a_list_that_cannot_be_read_keeps_no_window_closed(start: OpenWindow, tmp_path: Path) -> None:
    """Conversations can be read; when the list is there again, so are its models."""
    paths = find_paths(tmp_path / "home")
    paths.create()
    paths.model_list.mkdir()
    with start(FakeEngine()) as use:
        use.until(lambda: f"{paths.model_list.name} cannot be read" in use.notice())
        paths.model_list.rmdir()
        use.window.composer.open_model_list()
        use.desktop.models.choose(STARTER_ID)
        use.send("Hello")
        use.until_answered("Hello", "Hello")


def test_hashes_that_cannot_be_read_are_said_to_whom_they_concern(use: Use, tmp_path: Path) -> None:
    """A model is loaded all the same; who sends is told that its file cannot be named, and keeps the words."""
    slow, hashes = Pause(), use.desktop.parts.paths.model_hashes
    use.until(lambda: use.engine.loaded is not None)
    use.engine.will_pause_while_loading(slow)
    path = TinyModel().write(tmp_path / "tiny.gguf")
    use.window.files_dropped.emit([path])
    use.until(slow.reached.is_set)
    hashes.unlink(missing_ok=True)
    hashes.mkdir()
    slow.go_on()
    use.until(lambda: use.desktop.models.loading.files == frozenset({path}) and not use.desktop.models.loading.is_busy)
    assert use.notice() == ""
    use.send("Hello")
    use.until(lambda: f"{hashes.name} cannot be read" in use.notice())
    assert use.window.composer.text() == "Hello"


def test_removing_a_model_holds_up_nobody(use: Use, tmp_path: Path) -> None:
    """Another Paddock is writing the list: it is waited for behind the window."""
    library = use.desktop.parts.models
    tiny = library.add(TinyModel().write(tmp_path / "tiny.gguf"))
    with locked(use.desktop.parts.paths.model_list):
        use.window.composer.remove_model_requested.emit(tiny.id)
        use.send("Hello")
        use.until_answered("Hello", "Hello")
        assert tiny.id in [model.id for model in library.models()]
    use.until(lambda: tiny.id not in [model.id for model in library.models()])
    assert use.notice() == ""


def test_loading_can_be_stopped(use: Use, tmp_path: Path) -> None:
    """Escape ends it; the next message loads what it needs."""
    use.until(lambda: len(use.engine.loads) == 1)
    use.until(lambda: use.engine.loaded is not None)
    slow = Pause()
    use.engine.will_pause_while_loading(slow)
    path = TinyModel().write(tmp_path / "slow.gguf")
    use.window.files_dropped.emit([path])
    use.until(slow.reached.is_set)
    use.until(lambda: use.window.composer.picker.is_loading)
    use.press_key(Qt.Key.Key_Escape)
    use.until(lambda: not use.window.composer.picker.is_loading)
    assert use.engine.loaded is None
    use.send("Hi")
    use.until_answered("Hi", "Hello")
    assert use.engine.loads[-1].path == path


@pytest.mark.skipif(os.name != "posix", reason="permissions of another kind")
def test_a_file_that_may_not_be_read_is_said_to_be_so(use: Use) -> None:
    """Root reads everything, so the window is somebody else's while it looks at the file."""
    uid = os.geteuid()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        locked = TinyModel().write(Path(folder) / "model.gguf")
        locked.chmod(0)
        os.seteuid(uid or NOBODY)
        try:
            use.window.files_dropped.emit([locked])
            use.until(lambda: "Paddock may not read model.gguf" in use.notice())
        finally:
            os.seteuid(uid)
    use.send("Hi")
    use.until_answered("Hi", "Hello")
