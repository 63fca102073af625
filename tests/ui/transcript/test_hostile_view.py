"""Whatever a model writes, the view loads nothing, opens nothing and stays quick."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage, QTextDocument

from app.conversation import MessageStatus, Role
from app.ui.transcript.block_widgets.read_only_text import ReadOnlyText
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY

pytestmark = pytest.mark.ui

ADDRESSES = ("file:///etc/passwd", "//host/share/x.png", "https://example.org/x.png", "data:image/png;base64,AAAA")
LOADING = "\n\n".join(
    f"""![picture]({address}) <img src="{address}"> [ref][1] ![ref][1] <style>@import url({address});</style>
<body background="{address}"> `<img src="{address}">` <{address}>

| <img src="{address}"> | ![x]({address}) |
|---|---|
| <link rel=stylesheet href="{address}"> | ![y]({address}) |

> ![z]({address})

```html
<img src="{address}">
```

[1]: {address}"""
    for address in ADDRESSES
)
HEAVY = {
    "brackets": "[" * 10_000,
    "quotes": "> " * 2_000 + "deep",
    "word": "w" * 200_000,
    "code line": "```\n" + "x y " * 50_000 + "\n```",
    "table of one word": "|a|b|\n|-|-|\n|" + "w" * 100_000 + "|x|\n",
    "columns": "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n|" + "1|" * 100,
    "accents": "a" + "\u0301" * 20_000,
    "inline code": "`" + "x" * 100_000 + "`",
}


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.USER])
def test_nothing_is_loaded(view: Transcript, make: MakeMessage, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    """Pictures, styles and backgrounds are words: no text even asks for a resource."""
    asked: list[object] = []

    def note(_: ReadOnlyText, kind: int, name: QUrl | str) -> QImage:
        asked.append((kind, name))
        return QImage(1, 1, QImage.Format.Format_RGB32)

    monkeypatch.setattr(ReadOnlyText, "loadResource", note)
    view.show_messages([make(role, LOADING)])
    view.verticalScrollBar().setValue(0)
    view.grab()
    assert asked == []
    assert all("\ufffc" not in text.toPlainText() for text in view.findChildren(ReadOnlyText))


def test_a_resource_that_is_asked_for_is_blank(view: Transcript, make: MakeMessage) -> None:
    """Even rich text that came in some other way finds no file: the answer is never empty."""
    view.show_messages([make(Role.ASSISTANT, "words")])
    text = view.findChildren(ReadOnlyText)[0]
    image = text.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("file:///etc/passwd"))
    assert isinstance(image, QImage)
    assert not image.isNull()
    assert text.loadResource(QTextDocument.ResourceType.StyleSheetResource.value, QUrl("file:///etc/passwd")) == b" "


def test_what_is_copied_is_plain(view: Transcript, make: MakeMessage) -> None:
    """The clipboard gets words, no HTML that another program would load pictures for."""
    view.show_messages([make(Role.ASSISTANT, "**bold** and [link](https://example.org)")])
    text = view.findChildren(ReadOnlyText)[0]
    text.selectAll()
    data = text.createMimeDataFromSelection()
    assert isinstance(data, QMimeData)
    assert data.formats() == ["text/plain"]
    assert data.text() == "bold and link"


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_heavy_text_is_shown_in_bounded_time(view: Transcript, make: MakeMessage, text: str) -> None:
    """The bound is loose: without care some of these take many seconds."""
    start = time.thread_time()
    view.show_messages([make(Role.ASSISTANT, text)])
    view.grab()
    assert time.thread_time() - start < 8


@pytest.mark.parametrize("text", [CODE_REPLY, CONVERSATION_REPLY, "1. a\n   ```py\n   x\n   ```\n> b\n"])
def test_every_half_of_a_reply_can_be_drawn(view: Transcript, make: MakeMessage, text: str) -> None:
    """A reply may stop after any letter: half a fence, half a table, half a link."""
    reply = make(Role.ASSISTANT, "", MessageStatus.STREAMING)
    view.show_messages([reply])
    for at, letter in enumerate(text):
        view.append_piece(reply.id, letter)
        view.flush()
        if at % 40 == 0:
            view.grab()
    assert view.message_text(reply.id) == text
