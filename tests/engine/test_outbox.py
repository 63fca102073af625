"""How pieces are put together on their way to the application."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from app.confined.framing import FrameReader, FrameWriter
from app.conversation import FinishReason
from app.engine import wire
from app.engine.events import GenerationFinished, PieceGenerated
from app.engine.outbox import Outbox

FINISHED = GenerationFinished(FinishReason.STOP, 0, None)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.at = 100.0

    def __call__(self) -> float:
        """What time it is."""
        return self.at


class Desk:
    """An outbox, its clock, and the other end of its pipe."""

    def __init__(self) -> None:
        """Lay a pipe."""
        read, write = os.pipe()
        self.clock = Clock()
        self.writer = FrameWriter(write)
        self.reader = FrameReader(read)
        self.outbox = Outbox(self.writer, self.clock)

    def write(self, words: str, every_ms: float) -> None:
        """Generate a piece for each letter of `words`."""
        for i, letter in enumerate(words):
            self.outbox.send_event(1, PieceGenerated(letter, (i,)))
            self.clock.at += every_ms / 1000

    def sent(self) -> list[str]:
        """The texts that arrived, a frame each, and `end` for the last report."""
        self.outbox.send_event(1, FINISHED)
        texts: list[str] = []
        while frame := self.reader.read():
            report = wire.decode_report(frame)
            if isinstance(report, wire.Finished):
                return texts
            assert isinstance(report, wire.Piece)
            assert len(report.event.tokens) == len(report.event.text)
            texts.append(report.event.text)
        raise AssertionError("the end never came")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk to write at."""
    desk = Desk()
    yield desk
    desk.writer.close()
    desk.reader.close()


@pytest.mark.parametrize(
    ("every_ms", "frames"),
    [(50, ["a", "b", "c", "d", "e", "f"]), (8, ["a", "bc", "de", "f"]), (4, ["a", "bcd", "ef"]), (1, ["a", "bcdef"])],
)
def test_no_piece_waits_longer_than_ten_milliseconds(desk: Desk, every_ms: float, frames: list[str]) -> None:
    """The first goes at once; later ones wait only for what comes soon; at the end nothing is left."""
    desk.write("abcdef", every_ms)
    assert desk.sent() == frames


def test_a_model_that_becomes_slow_is_followed(desk: Desk) -> None:
    """One slow piece is enough to send the next at once."""
    desk.write("abc", 1)
    desk.clock.at += 0.1
    desk.write("def", 50)
    assert desk.sent() == ["a", "bcd", "e", "f"]


def test_the_first_piece_of_each_reply_goes_at_once(desk: Desk) -> None:
    """What was measured in one reply says nothing about the next."""
    desk.write("ab", 1)
    assert desk.sent() == ["a", "b"]
    desk.outbox.begin()
    desk.write("cd", 1)
    assert desk.sent() == ["c", "d"]
