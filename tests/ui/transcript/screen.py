"""What a test sees on the screen, and how it touches it."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.conversation import MessageStatus, Role
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.live_strips import AnyView
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.markdown_texts import CODE_REPLY

V = TypeVar("V", bound=AnyView)
USER, ASSISTANT = Role.USER, Role.ASSISTANT
STREAMING = MessageStatus.STREAMING


def fill(view: Transcript, make: MakeMessage, turns: int) -> None:
    """Open a conversation of so many turns."""
    view.show_messages(
        [make(USER, f"Question {at // 2}") if at % 2 == 0 else make(ASSISTANT, CODE_REPLY) for at in range(2 * turns)]
    )


def visible(view: Transcript, kind: type[V]) -> list[V]:
    """The strips of a kind that are on the screen, from top to bottom."""
    found = [live for _, live in view.live.items() if isinstance(live, kind) and live.isVisible()]
    return sorted(found, key=lambda live: live.y())


def everything(view: Transcript) -> list[AnyView]:
    """All strips that are on the screen, from top to bottom."""
    return sorted((live for _, live in view.live.items() if live.isVisible()), key=lambda live: live.y())


def shown_text(view: Transcript) -> str:
    """All words that replies show on the screen."""
    return "\n".join(live.text.toPlainText() for live in visible(view, WordsView))


def heard(signal: SignalInstance) -> list[str]:
    """What a signal says from now on."""
    words: list[str] = []
    signal.connect(words.append)
    return words


def click(widget: QWidget, place: QPoint | None = None) -> None:
    """Press the left button on a widget, in its middle unless said."""
    where = widget.rect().center() if place is None else place
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


def screen_y(view: Transcript, strip: AnyView) -> int:
    """Where a strip is, from the top of the viewport."""
    return strip.mapTo(view.viewport(), QPoint(0, 0)).y()
