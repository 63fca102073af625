"""Whatever is done to the transcript, in any order: strips never overlap, the end is kept, nothing breaks."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.conversation import Message, MessageStatus, Role, Trouble
from app.ui.theme import Theme
from app.ui.transcript.transcript import Transcript
from tests.conftest import Campaign
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY
from tests.ui.transcript.screen import everything
from tests.ui.transcript.test_hostile_view import LOADING

TEXTS = (CODE_REPLY, CONVERSATION_REPLY, LOADING, "<think>a\nb</think>\n\nc", "word " * 300, "- a\n" * 40, "")
ENDS = (MessageStatus.COMPLETE, MessageStatus.CANCELLED, MessageStatus.INTERRUPTED, MessageStatus.ERROR)


class Somebody:
    """Does one thing after the other, at random: also what the engine and the window do meanwhile."""

    def __init__(self, view: Transcript, theme: Theme, make: MakeMessage, seed: int) -> None:
        self._view = view
        self._theme = theme
        self._make = make
        self._draw = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._reply: Message | None = None
        self._rest = ""

    def do_something(self) -> None:
        """Write, scroll, click, resize, or open another conversation."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self._write, 50),
            (self._scroll, 20),
            (self._view.scroll_to_end, 5),
            (self._click, 5),
            (self._resize, 3),
            (self._open, 2),
            (self._restyle, 2),
            (self._think, 10),
            (self._forget, 6),
            (self._summarise, 3),
            (self._pin, 3),
        )
        weights = [weight for _, weight in acts]
        self._draw.choices([act for act, _ in acts], weights)[0]()

    def _write(self) -> None:
        if self._reply is None:
            self._view.add_message(self._make(Role.USER, self._draw.choice(TEXTS)))
            self._reply = self._make(Role.ASSISTANT, "", MessageStatus.STREAMING)
            self._rest = self._draw.choice(TEXTS)
            self._view.add_message(self._reply)
            return
        length = self._draw.randint(1, 80)
        self._view.append_piece(self._reply.id, self._rest[:length])
        self._rest = self._rest[length:]
        self._view.flush()
        if not self._rest:
            self._end(self._reply)

    def _end(self, reply: Message) -> None:
        status = self._draw.choice(ENDS)
        trouble = Trouble("It stopped.", "Try again.", "line") if status is MessageStatus.ERROR else None
        text = self._view.message_text(reply.id)
        self._view.update_message(replace(reply, text=text, status=status, trouble=trouble))
        self._reply = None

    def _think(self) -> None:
        if self._reply is not None:
            self._view.append_reasoning(self._reply.id, self._draw.choice(TEXTS)[:200])

    def _forget(self) -> None:
        ids = self._view.message_ids()
        self._view.set_left_out(ids[: self._draw.choice((0, 1, 2, len(ids) // 2, len(ids)))])

    def _summarise(self) -> None:
        self._view.set_summary(self._draw.choice((None, "Short.", "word " * 300)))

    def _pin(self) -> None:
        if self._reply is None and self._view.message_count():
            shown = self._draw.choice(self._view.column.messages)
            self._view.update_message(replace(shown.message, pinned=not shown.message.pinned))

    def _scroll(self) -> None:
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + self._draw.choice((-3000, -150, -40, 40, 150, 3000)))

    def _click(self) -> None:
        for strip in everything(self._view):
            for button in strip.buttons():
                if self._draw.random() < 0.2:
                    button.setFocus()
                    click = getattr(button, "click", None)
                    if callable(click):
                        click()

    def _resize(self) -> None:
        self._view.resize(self._draw.randint(200, 1500), self._draw.randint(100, 1100))

    def _restyle(self) -> None:
        self._theme.set_zoom(self._draw.choice((80, 100, 150, 200)))
        self._theme.set_choice(self._draw.choice(("light", "dark")))

    def _open(self) -> None:
        roles = (Role.USER, Role.ASSISTANT)
        count = self._draw.choice((0, 1, 5, 100))
        self._view.show_messages([self._make(roles[at % 2], self._draw.choice(TEXTS)) for at in range(count)])
        self._reply = None


@pytest.mark.ui
@pytest.mark.campaign
def test_any_use_leaves_the_page_whole(
    qtbot: QtBot, view: Transcript, theme: Theme, make: MakeMessage, campaign: Campaign
) -> None:
    """After each thing that is done, the page is as a page should be."""
    for seed in range(campaign.rounds(sample=2, full=40)):
        somebody = Somebody(view, theme, make, seed)
        for step in range(150):
            somebody.do_something()
            if step % 5 == 0:
                view.grab()
            extents = [(strip.y(), strip.y() + strip.height()) for strip in everything(view)]
            assert all(upper[1] <= lower[0] for upper, lower in itertools.pairwise(extents)), (seed, step)
            at_end = view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
            assert at_end or not view.is_following_end, (seed, step)
            assert len(view.live) < 120, (seed, step)
