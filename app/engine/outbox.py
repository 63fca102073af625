"""What the engine process sends, in as few frames as may be: each one wakes the application on a core that decodes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeAlias

from app.confined.framing import FrameWriter
from app.engine import wire
from app.engine.events import GenerationEvent, PieceGenerated, ReasoningGenerated

_LONGEST_WAIT_S: Final = 0.010
_Text: TypeAlias = PieceGenerated | ReasoningGenerated


class Outbox:
    """Sends reports. A piece waits for the next one if that is expected before the first has waited 10 ms.

    So a slow model's pieces go one by one, and a fast model's two or three together, which is still too soon to see.
    """

    def __init__(self, writer: FrameWriter, now: Callable[[], float] = time.monotonic) -> None:
        """Send through `writer`."""
        self._writer = writer
        self._now = now
        self._held: list[_Text] = []
        self._held_since = 0.0
        self._last_piece_at = float("-inf")

    def send(self, report: wire.Report | wire.Beat) -> None:
        """Send a report at once. Raises `BrokenPipeError` when nobody listens any more."""
        self._writer.write(wire.encode(report))

    def send_event(self, job: int, event: GenerationEvent) -> None:
        """Send what a generation reports, in its order; raises as `send` does."""
        if not isinstance(event, PieceGenerated | ReasoningGenerated):
            self.flush(job)
            self.send(wire.event_report(job, event))
            return
        if self._held and type(self._held[0]) is not type(event):
            self.flush(job)
        now = self._now()
        expected_s, self._last_piece_at = now - self._last_piece_at, now
        self._held_since = self._held_since if self._held else now
        self._held.append(event)
        if now - self._held_since + expected_s > _LONGEST_WAIT_S:
            self.flush(job)

    def flush(self, job: int) -> None:
        """Send the pieces that wait, as one."""
        if not self._held:
            return
        held, self._held = self._held, []
        self.send(wire.event_report(job, held[0] if len(held) == 1 else _join(held)))

    def begin(self) -> None:
        """Forget the last generation: the first piece of the next one waits for nobody."""
        self._held = []
        self._last_piece_at = float("-inf")


def _join(events: list[_Text]) -> _Text:
    return type(events[0])(
        "".join(event.text for event in events),
        sum((event.tokens for event in events), ()),
        sum((event.choices for event in events), ()),
    )
