"""The quiet line under a reply while it is made."""

from __future__ import annotations

from app.engine.events import LoadProgress, PieceGenerated, PromptEvaluated, PromptProgress, ReasoningGenerated
from app.ui.presenters.activity import ReplyActivity


class Clock:
    """A clock that the test sets, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_from_loading_to_writing() -> None:
    """Each stage has its words and its numbers."""
    clock = Clock()
    activity = ReplyActivity(clock)
    assert activity.words(LoadProgress(0.4)) == "Loading the model, 40 %"
    clock.now = 1
    assert activity.words(PromptProgress(1200, 3000)) == "Reading, 1,200 of 3,000 tokens"
    assert activity.words(PromptEvaluated(3000, 0, 3000)) == "Writing"
    clock.now = 2
    assert activity.words(PieceGenerated("a", (1,))) == "Writing · 1 token"
    clock.now = 3
    assert activity.words(PieceGenerated("bcd", (2, 3, 4))) == "Writing · 4 tokens · 3 tok/s"


def test_the_line_does_not_flicker() -> None:
    """Between two looks of the reader nothing changes."""
    clock = Clock()
    activity = ReplyActivity(clock)
    assert activity.words(PieceGenerated("a", (1,))) is not None
    clock.now = 0.1
    assert activity.words(PieceGenerated("b", (1,))) is None
    clock.now = 0.3
    assert activity.words(PieceGenerated("c", (1,))) == "Writing · 3 tokens · 7 tok/s"


def test_thinking_is_told_from_writing() -> None:
    """Both count, as both take their time."""
    clock = Clock()
    activity = ReplyActivity(clock)
    assert activity.words(ReasoningGenerated("Hm", (1, 2))) == "Thinking · 2 tokens"
    clock.now = 1
    assert activity.words(PieceGenerated("A", (3,))) == "Writing · 3 tokens · 2 tok/s"
