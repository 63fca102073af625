"""What crosses the pipe, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conversation import FinishReason
from app.engine import wire
from app.engine.engine import ChatTemplateError, EngineError, ModelFileError, PromptTooLongError
from app.engine.events import (
    Concession,
    GenerationFinished,
    LoadedModel,
    PieceGenerated,
    PromptEvaluated,
    PromptProgress,
)
from app.engine.llama.prompting.context_window import NothingToAnswerError
from app.engine.requests import GenerationRequest, Grammar, GrammarKind, LoadRequest, PromptRequest
from app.errors import Fault
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.stories import assistant, system, user
from tests.fakes import receipt

RECEIPT = receipt(template_sha256="ab", sampling={"top_k": 40, "top_p": 0.9})
EVENTS = [
    PromptProgress(1, 2),
    PromptEvaluated(9, 4, 5, (1,)),
    PieceGenerated("Grüße 🦙", (1, 2)),
    GenerationFinished(FinishReason.STOP, 2, RECEIPT, 20.0, 0.1),
    GenerationFinished(FinishReason.CANCELLED, 0, None),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_arrive_as_they_were_sent(event: GenerationFinished) -> None:
    """Every event is the same on the other side."""
    report = wire.decode_report(wire.encode(wire.event_report(3, event)))
    assert isinstance(report, wire.PromptStep | wire.PromptRead | wire.Thought | wire.Piece | wire.Finished)
    assert (report.job, report.event) == (3, event)


def test_orders_arrive_as_they_were_sent() -> None:
    """A load with a name that is no text, and a generation with all its settings."""
    load = LoadRequest(Path("/models/gr\udcfc\udcdfe.gguf"), LoadSettings(context=512, threads=2))
    order = wire.decode_order(wire.encode(wire.load_order(load)))
    assert isinstance(order, wire.Load)
    assert wire.load_request(order) == load
    request = GenerationRequest(
        PromptRequest((system("s"), user("u"), assistant("a"))), SamplingSettings(seed=3), ("\n",)
    )
    assert wire.decode_order(wire.encode(wire.generate_order(1, request))) == wire.Generate(1, request)


def test_half_a_character_becomes_a_mark() -> None:
    """What somebody pasted need not be sound; it must not end the engine, which reads what is kept of it."""
    grammar = Grammar(GrammarKind.GBNF, 'root ::= "a\ud83e"')
    prompt = PromptRequest((user("a\ud83e b"),))
    order = wire.generate_order(1, GenerationRequest(prompt, SamplingSettings(), ("\udcff",), grammar))
    decoded = wire.decode_order(wire.encode(order))
    assert isinstance(decoded, wire.Generate)
    assert decoded.request.messages[0].content == "a\ufffd b"
    assert decoded.request.grammar == Grammar(GrammarKind.GBNF, 'root ::= "a\ufffd"')


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ModelFileError("{name} is empty.", next_step="Download it.", details="x", name="a.gguf"), ModelFileError),
        (ChatTemplateError("Refused: {reason}", reason="{no} %s"), ChatTemplateError),
        (PromptTooLongError("{tokens} of {n_ctx}.", tokens=5, n_ctx=4), PromptTooLongError),
        (NothingToAnswerError("Nothing."), EngineError),
    ],
)
def test_errors_arrive_with_their_sentence_and_fault(error: EngineError, kind: type[EngineError]) -> None:
    """An error is the same error, or its nearest kind, with the same words and the same fault."""
    report = wire.decode_report(wire.encode(wire.failure_report(2, error)))
    assert isinstance(report, wire.Failed)
    told = wire.failure_error(report)
    assert type(told) is kind
    assert (str(told), told.details, told.fault) == (str(error), error.details, error.fault)


@pytest.mark.parametrize(
    "message",
    ["{name.__class__}", "{name:999999999}", "{name!r}", "{other}", "{0}", "{", "{}", "x" * 100_000],
)
def test_a_sentence_can_do_nothing_but_name_its_values(message: str) -> None:
    """A model that has taken over the engine process gets no further by its errors."""
    failed = wire.Failed(1, "EngineError", message, "", "", {"name": "a"}, Fault.FILE)
    with pytest.raises(wire.WireError):
        wire.decode_report(wire.encode(failed))


def test_an_unknown_kind_of_error_is_refused() -> None:
    """Only the kinds of the contract can be made from outside."""
    failed = wire.Failed(1, "SystemExit", "Bye.", "", "", {}, Fault.FILE)
    with pytest.raises(wire.WireError):
        wire.decode_report(wire.encode(failed))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xc1",
        b"hello",
        msgspec.msgpack.encode({"type": "piece", "job": "1", "event": {"text": "a"}}),
        msgspec.msgpack.encode({"type": "piece", "job": 1, "event": {"text": 5}}),
        msgspec.msgpack.encode({"type": "piece", "job": 1}),
        msgspec.msgpack.encode({"type": "shout", "job": 1}),
        msgspec.msgpack.encode({"type": "load", "path": b"/", "settings": {}}),
    ],
)
def test_what_is_no_report_is_refused(frame: bytes) -> None:
    """Wrong types, missing fields, unknown tags and orders in the wrong direction are all the same error."""
    with pytest.raises(wire.WireError):
        wire.decode_report(frame)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_do_anything_else(frame: bytes) -> None:
    """Any bytes are a message or a `WireError`."""
    for decode in (wire.decode_report, wire.decode_order):
        try:
            decode(frame)
        except wire.WireError as error:
            assert str(error)  # noqa: PT017 - one of the two allowed ends


def test_a_loaded_model_arrives() -> None:
    """What is loaded is told whole, but for its path; what is less than was wished in words that can be translated."""
    small = Concession("{n_ctx} tokens in place of {wished}.", {"n_ctx": "1,024", "wished": 2048})
    assert wire.decode_report(wire.encode(wire.loaded_report(tiny(small)))) == wire.Loaded(
        replace(tiny(small), path="")
    )


@pytest.mark.parametrize(
    "message", ["{secret}", "{name.__class__}", "{name!r}", "{name:1000000000}", "{", "x" * 20_000]
)
def test_a_concession_that_would_do_more_than_name_its_values_is_refused(message: str) -> None:
    """As the sentence of an error is."""
    frame = wire.encode(wire.Loaded(tiny(Concession(message, {"name": "a.gguf"}))))
    with pytest.raises(wire.WireError):
        wire.decode_report(frame)


def tiny(*concessions: Concession) -> LoadedModel:
    """A model that was loaded with these."""
    return LoadedModel("/a", "Tiny", 512, 2048, 2, "CPU", "build", has_template=True, concessions=concessions)
