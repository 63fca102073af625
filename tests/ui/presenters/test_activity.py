"""The quiet line under a reply while it is made."""

from __future__ import annotations

import pytest

from app.chat.reply_progress import ReplyProgress
from app.engine.events import LoadProgress, PieceGenerated, PromptEvaluated, PromptProgress, ReasoningGenerated
from app.ui.presenters.activity import activity_words


class Clock:
    """A clock that the test sets, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def words(progress: ReplyProgress) -> str:
    """What is said where no other reply is written first."""
    return activity_words(progress, None)


def test_from_loading_to_writing() -> None:
    """Each stage has its words and its numbers."""
    clock = Clock()
    progress = ReplyProgress(clock)
    progress.take(LoadProgress(0.4))
    assert words(progress) == "Loading the model, 40 %"
    progress.take(PromptProgress(1200, 3000))
    assert words(progress) == "Reading, 1,200 of 3,000 tokens"
    progress.take(PromptEvaluated(3000, 0, 3000))
    assert words(progress) == "Writing"
    clock.now = 2
    progress.take(PieceGenerated("a", (1,)))
    assert words(progress) == "Writing · 1 token"
    clock.now = 3
    progress.take(PieceGenerated("bcd", (2, 3, 4)))
    assert words(progress) == "Writing · 4 tokens · 3 tok/s"


def test_many_tokens_are_written_as_everywhere() -> None:
    """The gauge beside and the footer after it part the thousands too."""
    progress = ReplyProgress(Clock())
    progress.take(PieceGenerated("many", tuple(range(1684))))
    assert words(progress) == "Writing · 1,684 tokens"


def test_thinking_is_told_from_writing() -> None:
    """Both count, as both take their time."""
    clock = Clock()
    progress = ReplyProgress(clock)
    progress.take(ReasoningGenerated("Hm", (1, 2)))
    assert words(progress) == "Thinking · 2 tokens"
    clock.now = 1
    progress.take(PieceGenerated("A", (3,)))
    assert words(progress) == "Writing · 3 tokens · 2 tok/s"


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        ("Bread", "Waits until the reply in “Bread” is written"),
        (None, "Waits until the engine is ready"),
    ],
)
def test_a_long_wait_is_explained(ahead: str | None, said: str) -> None:
    """A short one needs no words; when the engine begins it is over."""
    clock = Clock()
    progress = ReplyProgress(clock)
    clock.now = 2.9
    assert activity_words(progress, ahead) == ""
    clock.now = 3
    assert activity_words(progress, ahead) == said
    progress.take(LoadProgress(0.0))
    assert activity_words(progress, ahead) == "Loading the model, 0 %"
