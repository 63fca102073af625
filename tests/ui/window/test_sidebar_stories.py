"""The list of conversations in the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.fakes import FakeEngine
from tests.ui.window.use import OpenWindow, Use


def talk(use: Use, text: str) -> str:
    """Begin a conversation with `text`, and give its id."""
    use.desktop.conversations.open_new()
    use.send(text)
    use.until_answered(text, "Hello")
    conversation = use.desktop.conversations.conversation
    assert conversation is not None
    return conversation.id


def titles(use: Use) -> list[str]:
    """What is on the disk, newest first."""
    return [conversation.title for conversation in use.desktop.parts.store.conversations()]


def test_deleting_can_be_undone(use: Use) -> None:
    """It leaves the list and the view, and comes back with one click."""
    talk(use, "Keep me")
    doomed = talk(use, "Delete me")
    use.window.sidebar.delete_requested.emit(doomed)
    use.until(lambda: titles(use) == ["Keep me"])
    use.until(lambda: use.shown() == [])
    use.press("undo_button")
    use.until(lambda: titles(use) == ["Delete me", "Keep me"])
    use.until(lambda: use.shown() == ["Delete me", "Hello"])


def test_renaming_in_the_list_and_above_the_words(use: Use) -> None:
    """Both show the new title; an empty one changes nothing."""
    id_ = talk(use, "First title")
    use.window.sidebar.rename_requested.emit(id_, "Second title")
    use.until(lambda: use.window.top_bar.title.text() == "Second title")
    use.window.top_bar.renamed.emit("Third title")
    use.until(lambda: titles(use) == ["Third title"])
    use.window.sidebar.rename_requested.emit(id_, "   ")
    assert titles(use) == ["Third title"]


def test_the_open_conversation_survives_a_restart(start: OpenWindow) -> None:
    """The window opens where it was."""
    with start(FakeEngine()) as use:
        first = talk(use, "First")
        talk(use, "Second")
        use.desktop.conversations.open(first)
    with start(FakeEngine()) as use:
        assert use.shown() == ["First", "Hello"]


def test_searching_finds_words_in_messages(use: Use) -> None:
    """The hits open their conversation; the bin is not searched."""
    sheep = talk(use, "A story about sheep")
    talk(use, "Something else")
    use.window.sidebar.search_changed.emit("sheep")
    use.until(lambda: use.window.sidebar.list.model().rowCount() > 0)
    use.window.sidebar.hit_selected.emit(sheep, use.messages()[0].id)
    use.until(lambda: use.shown() == ["A story about sheep", "Hello"])


def test_what_is_in_the_bin_can_be_brought_back(use: Use) -> None:
    """Also long after the moment in which it could be undone, and after a look at an empty bin."""
    use.desktop.bin.open()
    assert use.find("bin_page").isVisible()
    use.window.show_conversation()
    doomed = talk(use, "Delete me")
    use.window.sidebar.delete_requested.emit(doomed)
    use.until(lambda: titles(use) == [])
    use.desktop.bin.open()
    restore = next(
        button for button in use.find("bin_page").findChildren(QPushButton) if "Delete me" in button.accessibleName()
    )
    QTest.mouseClick(restore, Qt.MouseButton.LeftButton)
    use.until(lambda: titles(use) == ["Delete me"])
    use.until(lambda: use.shown() == ["Delete me", "Hello"])
    assert not use.find("bin_page").isVisible()


def test_writing_puts_the_sidebar_over_the_words_away(use: Use) -> None:
    """One wants to see what one writes about."""
    use.window.resize(900, 700)
    use.window.side_panel.open_sidebar()
    assert use.window.side_panel.is_over
    QTest.keyClick(use.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not use.window.side_panel.is_over
    assert use.window.focusWidget() is use.window.composer.editor
