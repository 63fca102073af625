"""What is printed of an answer that ends before its engine could tell of it."""

from __future__ import annotations

import json

import pytest

from app.cli.ask_output import JsonOutput, TextOutput
from app.engine.engine import EngineError
from app.engine.events import LoadProgress, PieceGenerated, PromptEvaluated, PromptNote, ReasoningGenerated
from app.engine.worker import EngineFailed, LoadCancelled, WorkerEvent


def last_event(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The event that the stream ended with."""
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> JsonOutput:
    """A stream by a clock that goes on by half a second whenever somebody looks at it."""
    moments = iter(half / 2 for half in range(100))
    monkeypatch.setattr("app.cli.ask_output.time.monotonic", lambda: next(moments))
    return JsonOutput(named=True)


def test_an_engine_that_dies_leaves_its_speed(output: JsonOutput, capsys: pytest.CaptureFixture[str]) -> None:
    """The rates come from the clock on this side, since the other side tells nothing any more."""
    output.progressed(PromptEvaluated(4, 0, 4))
    for token in (1, 2, 3):
        output.progressed(PieceGenerated("word ", (token,)))
    output.progressed(EngineFailed(EngineError("The model has died."), while_loading=False))
    output.ended()
    end = last_event(capsys)
    assert (end["reason"], end["tokens"], end["message_text"]) == ("error", 3, "The model has died.")
    assert (end["tokens_per_s"], end["time_to_first_token_s"]) == (2.0, 0.5)


def test_one_token_makes_no_speed(output: JsonOutput, capsys: pytest.CaptureFixture[str]) -> None:
    """As everywhere, rates are null below two tokens."""
    output.progressed(PromptEvaluated(4, 0, 4))
    output.progressed(PieceGenerated("word", (1,)))
    output.progressed(EngineFailed(EngineError("The model has died."), while_loading=False))
    output.ended()
    end = last_event(capsys)
    assert (end["tokens"], end["tokens_per_s"], end["time_to_first_token_s"]) == (1, None, None)


def test_reasoning_has_events_of_its_own(output: JsonOutput, capsys: pytest.CaptureFixture[str]) -> None:
    """Its text is no piece, and its tokens count; marks without text print nothing."""
    output.progressed(PromptEvaluated(4, 0, 4))
    output.progressed(ReasoningGenerated("Hm.", (1, 2)))
    output.progressed(ReasoningGenerated("", (3,)))
    output.progressed(PieceGenerated("Hello.", (4,)))
    output.progressed(EngineFailed(EngineError("The model has died."), while_loading=False))
    output.ended()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[1:3] == [{"event": "reasoning", "text": "Hm."}, {"event": "piece", "text": "Hello."}]
    assert lines[-1]["tokens"] == 4


@pytest.mark.parametrize("is_terminal", [True, False])
def test_reasoning_is_not_printed_as_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_terminal: bool
) -> None:
    """Somebody at a terminal sees that it goes on, and the sign is gone when the answer comes."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    output = TextOutput()
    output.progressed(ReasoningGenerated("Hm.", (1, 2)))
    output.progressed(ReasoningGenerated(" Well.", (3,)))
    before = capsys.readouterr()
    assert (before.out, before.err.count("Reasoning…")) == ("", int(is_terminal))
    output.progressed(PieceGenerated("Hello.", (4,)))
    output.ended()
    after = capsys.readouterr()
    assert after.out == "Hello.\n"
    assert after.err == ("\r\x1b[2K" if is_terminal else "")


@pytest.mark.parametrize(
    ("end", "sentence"),
    [(LoadCancelled(), ""), (EngineFailed(EngineError("No room."), while_loading=True), "No room.\n")],
)
def test_a_load_that_ends_early_leaves_no_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], end: WorkerEvent, sentence: str
) -> None:
    """How far it was is of no interest any more: what comes next has a line of its own."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    output = TextOutput()
    output.progressed(LoadProgress(0.4))
    output.progressed(end)
    output.ended()
    assert capsys.readouterr() == ("", f"Loading the model, 40 %\r\x1b[2K{sentence}")


def test_nothing_is_forgotten_silently(output: JsonOutput, capsys: pytest.CaptureFixture[str]) -> None:
    """What the model did not see, and what was done to make the prompt: in words, and in the stream."""
    evaluated = PromptEvaluated(4, 0, 4, left_out=(1, 2), notes=(PromptNote.SYSTEM_FOLDED, PromptNote.SPECIAL_TEXT))
    TextOutput().progressed(evaluated)
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in said] == [
        "This model takes no system message",
        "A message holds the name of a control token, which may have been read as the token.",
        "2 messages did not fit in the context window",
    ]
    output.progressed(evaluated)
    printed = capsys.readouterr()
    assert printed.err.splitlines() == said
    prompt = json.loads(printed.out)
    assert (prompt["left_out_messages"], prompt["notes"]) == (2, ["system_folded", "special_text"])
