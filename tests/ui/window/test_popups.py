"""What the window shows after something was opened above it."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QTextEdit

from app.ui.menu import MenuRow
from app.ui.overlay import Overlay
from app.ui.popover import Popover
from app.ui.sidebar.conversation_list import ConversationList
from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.code import CodeView
from app.ui.transcript.block_widgets.words import WordsView
from tests.ui.window.use import Use

_TEXTS = (BubbleView, CodeView, WordsView)

TURNS = (
    ("First question", "Words of the first."),
    ("Second", "Intro of the second:\n\n```python\nprint(2)\n```\n\nAfter it."),
    ("Third question, with a longer text than the others", "- one\n- two\n\nThe end of the third."),
)
SHOWN = (
    ["First question", "Words of the first."],
    ["Second", "Intro of the second:", "print(2)", "After it."],
    ["Third question, with a longer text than the others", "one\ntwo\nThe end of the third."],
)


def texts_on_screen(use: Use) -> list[str]:
    """What the widgets themselves hold, from top to bottom."""
    views = [view for _, view in use.window.transcript.live.items() if view.isVisible()]
    texts = [view.text for view in sorted(views, key=lambda view: view.y()) if isinstance(view, _TEXTS)]
    return [text.toPlainText() for text in texts]


def press(key: Qt.Key) -> None:
    """Press a key where the keyboard is."""
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget, key)


def open_and_dismiss_the_model_list(use: Use) -> None:
    """Look at the models, and choose none."""
    use.window.composer.open_model_list()
    use.until(lambda: any(overlay.isVisible() for overlay in use.window.findChildren(Overlay)))
    use.qtbot.waitUntil(lambda: QApplication.focusWidget() is not use.find("prompt_editor"))
    press(Qt.Key.Key_Escape)
    use.until(lambda: not any(overlay.isVisible() for overlay in use.window.findChildren(Overlay)))


def open_and_close_a_context_menu(use: Use) -> None:
    """Ask for the menu of a conversation, and use none of it."""
    conversations = use.find("conversation_list")
    assert isinstance(conversations, ConversationList)
    place = conversations.visualRect(conversations.model().index(1, 0)).center()
    viewport = conversations.viewport()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, event)
    use.until(lambda: bool(use.window.findChildren(MenuRow)))
    press(Qt.Key.Key_Escape)
    use.until(lambda: not use.window.findChildren(MenuRow))


def test_conversations_show_their_own_words_after_popups(use: Use) -> None:
    """A model list and a context menu were open; each conversation still shows its own words, code and questions."""
    ids: list[str] = []
    for question, reply in TURNS:
        use.desktop.conversations.open_new()
        use.engine.will_stream(reply)
        use.send(question)
        use.until_answered(question, reply)
        conversation = use.desktop.conversations.conversation
        assert conversation is not None
        ids.append(conversation.id)
    open_and_dismiss_the_model_list(use)
    open_and_close_a_context_menu(use)
    for at in (0, 1, 2, 1, 0, 2, 0):
        use.desktop.conversations.open(ids[at])
        use.until_answered(*TURNS[at])
        assert texts_on_screen(use) == SHOWN[at]


def test_a_popup_leaves_the_windows_own_objects_alone(use: Use) -> None:
    """What Python holds of the window, such as its viewports and documents, is still there when a popup is gone."""
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    held: list[QObject] = []
    for area in use.window.findChildren(QAbstractScrollArea):
        held.extend((area.viewport(), area.verticalScrollBar()))
    held.extend(text.document() for text in use.window.findChildren(QTextEdit))
    use.window.composer.open_model_list()
    popover = use.window.findChildren(Popover)[-1]
    with use.qtbot.waitSignal(popover.destroyed):
        for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape):
            press(key)
    assert all(shiboken6.isValid(each) for each in held)
