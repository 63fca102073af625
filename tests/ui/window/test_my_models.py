"""The models that are here, in the window: found, looked at, named, checked, and let go of."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit

from app.hardware import Memory
from app.models.library import STARTER_ID
from app.ui.model_manager.check_row import CheckRow
from app.ui.model_manager.fit_gauge import FitGauge
from app.ui.model_manager.tab import Tab
from tests.fakes import FakeEngine
from tests.gguf_files import TinyModel
from tests.ui.window.managing import Managing, add
from tests.ui.window.use import OpenWindow, Use


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
