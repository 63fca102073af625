"""Where the line of forgetting runs: what is above it the model no longer sees."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from app.ui.transcript.shown_message import ShownMessage
from app.ui.transcript.strips import Fence, Strip, SummaryStrip


class LineOfForgetting:
    """Knows which messages are left out and what stands for them, and tells the messages."""

    def __init__(self) -> None:
        self.left_out: frozenset[str] = frozenset()
        self.summary: str | None = None
        self._is_drawn = False
        self.drafts: dict[str, str] = {}
        """What is being written over a summary, by the conversation's id: it outlives a look elsewhere."""

    def forget(self) -> None:
        """Another conversation is shown, of which nothing is known yet."""
        self.left_out = frozenset()
        self.summary = None

    def draw(self, messages: Sequence[ShownMessage]) -> list[int]:
        """Say to each message whether the model sees it; give the indices of those above which the line moved."""
        if not self.left_out and not self._is_drawn:
            return []
        self._is_drawn = bool(self.left_out)
        line = max((at for at, shown in enumerate(messages) if shown.message.id in self.left_out), default=-1) + 1
        for at, shown in enumerate(messages):
            shown.is_left_out = at < line and shown.message.id in self.left_out and not shown.message.pinned
        return list(self._moved(messages, line))

    def _moved(self, messages: Sequence[ShownMessage], line: int) -> Iterator[int]:
        for at, shown in enumerate(messages):
            opening = self._opening(messages, line) if 0 < at == line else ()
            closing = self._opening(messages, line) if at + 1 == line == len(messages) else ()
            if (shown.opening, shown.closing) != (opening, closing):
                shown.opening, shown.closing = opening, closing
                yield at

    def _opening(self, messages: Sequence[ShownMessage], line: int) -> tuple[Strip, ...]:
        above: Collection[ShownMessage] = messages[:line]
        fence = Fence(sum(shown.is_left_out for shown in above), sum(shown.message.pinned for shown in above))
        if self.summary is None:
            return (fence,)
        return (fence, SummaryStrip(self.summary, self.drafts.get(messages[0].message.conversation_id)))
