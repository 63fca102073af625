"""One message as the transcript shows it: its text as it grows, and the strips it is made of."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.conversation import Message, MessageStatus, Role
from app.translation import tr
from app.ui.transcript.markdown import blocks_of
from app.ui.transcript.reply_ending import ending_of, fills_window_alone
from app.ui.transcript.stream_splitter import StreamSplitter
from app.ui.transcript.strip_heights import StripHeights
from app.ui.transcript.strips import (
    Activity,
    Bubble,
    Fence,
    Footer,
    Header,
    Notice,
    Strip,
    Thoughts,
    TroubleStrip,
    add_blocks,
    estimate_height,
    estimate_text,
    with_caret,
)
from app.ui.transcript.thinking import Thinking

_UNREAD_FRAME = 60


class ShownMessage:
    """A message and its strips. It is read only when it comes near the viewport: `strips` is empty until `open`."""

    def __init__(self, message: Message, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts the seconds for which the model thinks."""
        self.message = message
        self.heights = StripHeights()
        self.strips: list[Strip] = []
        self.is_open = False
        self.is_newest = False
        self.before = 0
        """How many messages stand above its turn."""
        self.does_not_fit = False
        """Whether the engine has said that there is no room for more of it."""
        self.note = ""
        self.activity = ""
        self.opening: tuple[Strip, ...] = ()
        """What stands above the message without being a part of it: the fence, when it runs here."""
        self.closing: tuple[Strip, ...] = ()
        """What stands below it without being a part of it: the fence, when everything is behind it."""
        self.is_left_out = False
        """Whether the model no longer sees it."""
        self.is_unfolded = False
        """Whether the model's thoughts are shown."""
        self.text: str = message.text
        self._reasoning: str = message.reasoning
        self._clock = clock
        self._content: list[Strip] = []
        self._thinking: Thinking  # made when the message is read: most of a long conversation never is
        self._splitter: StreamSplitter | None = None
        self._frozen_blocks = 0

    def open(self) -> None:
        """Read the text, if that was not done before."""
        if self.is_open:
            return
        self.is_open = True
        self._thinking = Thinking(self._clock, self._reasoning)
        if self.message.role is Role.USER:
            self._content = [Bubble(self.text, self.message.id, self.message.pinned)]
        elif self.message.status is MessageStatus.STREAMING:
            self._splitter = StreamSplitter()
            self._splitter.feed(self._thinking.take_words(self.text))
        else:
            answer = self._thinking.take_words(self.text) + self._thinking.finish()
            add_blocks(self._content, blocks_of(answer))
        self._compose()

    def feed(self, text: str) -> None:
        """Append what the model wrote."""
        self.text += text
        if self._splitter is None:
            return
        self._splitter.feed(self._thinking.take_words(text))
        self._compose()

    def feed_thoughts(self, text: str) -> None:
        """Append what the model thought, as the engine tells it apart."""
        self._reasoning += text
        if self.is_open:
            self._thinking.take_thoughts(text)
            self._compose()

    def update(self, message: Message) -> None:
        """Take another state of the same message; its text is the truth."""
        is_same_text = message.text == self.text and message.reasoning == self._reasoning
        is_bubble = message.role is Role.USER
        goes_on = self._splitter is None and message.status is MessageStatus.STREAMING
        self.message = message
        self.text = message.text
        self._reasoning = message.reasoning
        if not self.is_open:
            return
        if not is_same_text or goes_on or is_bubble:
            self._read_again()
        elif self._splitter is not None and message.status is not MessageStatus.STREAMING:
            self._settle(self._splitter)
        self._compose()

    def compose(self) -> None:
        """Put the strips together anew: the note, the activity or the place in the conversation changed."""
        if self.is_open:
            self._compose()

    @property
    def last_content(self) -> int:
        """Which strip holds the last words."""
        endings = (Activity, Notice, TroubleStrip, Footer, Fence)
        return max((at for at, strip in enumerate(self.strips) if not isinstance(strip, endings)), default=-1)

    def estimate(self, width: int, zoom: float) -> int:
        """About how high the message is while it was not read."""
        around = sum(estimate_height(strip, width, zoom) for strip in (*self.opening, *self.closing))
        return around + estimate_text(self.text, width, zoom) + _UNREAD_FRAME

    def _read_again(self) -> None:
        self.is_open = False
        self._splitter = None
        self._content = []
        self._frozen_blocks = 0
        self.open()

    def _settle(self, splitter: StreamSplitter) -> None:
        """No more words come."""
        splitter.feed(self._thinking.finish())
        splitter.finish()
        add_blocks(self._content, (*splitter.frozen[self._frozen_blocks :], *splitter.tail))
        self._splitter = None

    def _growing_content(self, splitter: StreamSplitter) -> list[Strip]:
        """What is frozen is kept as strips; the tail stands behind it only for now, and ends in the caret."""
        add_blocks(self._content, splitter.frozen[self._frozen_blocks :])
        self._frozen_blocks = len(splitter.frozen)
        ending = self._content[-1:]
        add_blocks(ending, splitter.tail)
        content = [*self._content[:-1], *ending]
        return [*content[:-1], with_caret(content[-1])] if content else content

    def _compose(self) -> None:
        content = self._content if self._splitter is None else self._growing_content(self._splitter)
        if self.message.role is Role.USER:
            self.strips = [*self.opening, *content, *self.closing]
        else:
            self.strips = [*self.opening, *self._header(), *content, *self._ending(), *self.closing]

    def _header(self) -> list[Strip]:
        thoughts = self._thinking.thoughts
        words = self._thinking.words(self.message.generations)
        name = self.message.model_name or tr("Model")
        header = Header(name, self.note, self.message.id, words, self.is_unfolded, self.message.pinned)
        return [header, Thoughts(thoughts)] if thoughts and self.is_unfolded else [header]

    def _ending(self) -> list[Strip]:
        return ending_of(
            self.message,
            activity=self.activity,
            is_newest=self.is_newest,
            is_stuck=self.does_not_fit or fills_window_alone(self.message, self.before),
            has_answer=bool(self._content),
            has_thoughts=bool(self._thinking.thoughts),
        )
