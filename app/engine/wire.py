"""What crosses the pipe between the application and the engine process, as bytes. Never pickle.

What comes from the engine process is checked field by field: a model file may have taken it over.
"""

from __future__ import annotations

import dataclasses
import os
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from app.engine.engine import (
    ChatTemplateError,
    EngineError,
    InterruptedLoadError,
    ModelFileError,
    NotEnoughMemoryError,
    PromptTooLongError,
    TightMemoryError,
)
from app.engine.events import (
    Concession,
    GenerationEvent,
    GenerationFinished,
    LoadedModel,
    LoadProgress,
    PieceGenerated,
    PromptDescription,
    PromptEvaluated,
    PromptProgress,
    ReasoningGenerated,
)
from app.engine.requests import Adapter, GenerationRequest, Grammar, LoadRequest, PromptMessage, PromptRequest
from app.errors import Fault
from app.given_text import whole_characters
from app.settings.values import LoadSettings

_MAX_TEXT_CHARACTERS: Final = 16 * 1024
_Answer = TypeVar("_Answer")


Doing: TypeAlias = Literal["load", "keep", "prompt", "decode", "other"]
"""What a process with something to do is at; "other" should be short."""


class WireError(Exception):
    """What came over the pipe is no message."""


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Have this model in memory; see `LoadRequest`. Paths are bytes: a file's name need not be text."""

    path: bytes
    settings: LoadSettings
    adapters: tuple[tuple[bytes, float], ...] = ()
    draft: bytes | None = None
    template: str | None = None
    state_folder: bytes | None = None
    model_sha256: str | None = None
    even_if_memory_is_short: bool = False
    beat_s: float = 2.0
    """How often to send a `Beat` while there is something to do."""


class Generate(msgspec.Struct, frozen=True, tag="generate"):
    """Write a reply. `job` tells its messages from those of another."""

    job: int
    request: GenerationRequest


class Warm(msgspec.Struct, frozen=True, tag="warm"):
    """Read ahead."""

    job: int
    prompt: PromptRequest


class Describe(msgspec.Struct, frozen=True, tag="describe"):
    """Show a prompt."""

    job: int
    prompt: PromptRequest


class Keep(msgspec.Struct, frozen=True, tag="keep"):
    """Write a conversation's state to the disk."""

    job: int
    conversation: str


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """End `job`, if it still runs."""

    job: int


class LoadStep(msgspec.Struct, frozen=True, tag="loading"):
    """See `LoadProgress`."""

    event: LoadProgress


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The load has ended well."""

    model: LoadedModel


class PromptStep(msgspec.Struct, frozen=True, tag="reading"):
    """See `PromptProgress`."""

    job: int
    event: PromptProgress


class PromptRead(msgspec.Struct, frozen=True, tag="read"):
    """See `PromptEvaluated`."""

    job: int
    event: PromptEvaluated


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """See `PieceGenerated`."""

    job: int
    event: PieceGenerated


class Thought(msgspec.Struct, frozen=True, tag="thought"):
    """See `ReasoningGenerated`."""

    job: int
    event: ReasoningGenerated


class Described(msgspec.Struct, frozen=True, tag="described"):
    """What `Describe` asked for."""

    job: int
    description: PromptDescription


class Done(msgspec.Struct, frozen=True, tag="done"):
    """`Warm` or `Keep` has ended."""

    job: int


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """See `GenerationFinished`."""

    job: int
    event: GenerationFinished


class Beat(msgspec.Struct, frozen=True, tag="beat"):
    """A sign of life: what is being done, and how many steps have been."""

    doing: Doing
    steps: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The load (`job` 0) or another job ended with an error."""

    job: int
    kind: str
    message: str
    next_step: str
    details: str
    values: dict[str, str | int | float]
    fault: Fault


Task: TypeAlias = Generate | Warm | Describe | Keep
Order: TypeAlias = Load | Task | Cancel
TaskReport: TypeAlias = PromptStep | PromptRead | Thought | Piece | Finished | Described | Done | Failed
Report: TypeAlias = LoadStep | Loaded | TaskReport

LOAD_JOB: Final = 0
_ERRORS: Final[Mapping[str, type[EngineError]]] = {
    kind.__name__: kind
    for kind in (
        EngineError,
        ModelFileError,
        ChatTemplateError,
        NotEnoughMemoryError,
        TightMemoryError,
        PromptTooLongError,
        InterruptedLoadError,
    )
}
_encoder: Final = msgspec.msgpack.Encoder()
_orders: Final = msgspec.msgpack.Decoder[Order](Order)
_reports: Final = msgspec.msgpack.Decoder[Report | Beat](Report | Beat)


def encode(message: Order | Report | Beat) -> bytes:
    """Give the bytes of `message`."""
    return _encoder.encode(message)


def decode_order(frame: bytes) -> Order:
    """Read what the application sent. Raises `WireError`."""
    try:
        return _orders.decode(frame)
    except msgspec.MsgspecError as error:
        raise WireError(str(error)) from error


def decode_report(frame: bytes) -> Report | Beat:
    """Read what the engine process sent. Raises `WireError`."""
    try:
        report = _reports.decode(frame)
    except msgspec.MsgspecError as error:
        raise WireError(str(error)) from error
    if isinstance(report, Failed):
        _check_failure(report)
    if isinstance(report, Loaded):
        for concession in report.model.concessions:
            _check_sentence(concession.message, concession.values)
    return report


def decode_or_failure(decoder: msgspec.msgpack.Decoder[_Answer], frame: bytes) -> _Answer | Failed:
    """Read an answer that `decoder` knows, or the failure that came in its place. Raises `WireError`."""
    try:
        return decoder.decode(frame)
    except msgspec.MsgspecError as error:
        failed = decode_report(frame)  # checks the sentences of a failure
        if not isinstance(failed, Failed):
            raise WireError(str(error)) from error
        return failed


def loaded_report(model: LoadedModel) -> Loaded:
    """Put what was loaded in words for the pipe. Its path stays here: it need not be text, and the asker knows it."""
    concessions = tuple(Concession(each.message, _cleaned_values(each.values)) for each in model.concessions)
    return Loaded(dataclasses.replace(model, path="", concessions=concessions))


def event_report(job: int, event: GenerationEvent) -> Report:
    """Put what a generation reports in words for the pipe."""
    match event:
        case ReasoningGenerated():
            return Thought(job, event)
        case PromptProgress():
            return PromptStep(job, event)
        case PromptEvaluated():
            return PromptRead(job, event)
        case PieceGenerated():
            return Piece(job, event)
        case GenerationFinished():
            return Finished(job, event)


def load_order(request: LoadRequest, *, beat_s: float = 2.0) -> Load:
    """Put a load request in words for the pipe."""
    return Load(
        os.fsencode(request.path),
        request.settings,
        adapters=tuple((os.fsencode(adapter.path), adapter.scale) for adapter in request.adapters),
        draft=_path_bytes(request.draft),
        template=None if request.template is None else whole_characters(request.template),
        state_folder=_path_bytes(request.state_folder),
        model_sha256=request.model_sha256,
        even_if_memory_is_short=request.even_if_memory_is_short,
        beat_s=beat_s,
    )


def load_request(order: Load) -> LoadRequest:
    """Give the request that an order holds."""
    return LoadRequest(
        Path(os.fsdecode(order.path)),
        order.settings,
        adapters=tuple(Adapter(Path(os.fsdecode(path)), scale) for path, scale in order.adapters),
        draft=_path(order.draft),
        template=order.template,
        state_folder=_path(order.state_folder),
        model_sha256=order.model_sha256,
        even_if_memory_is_short=order.even_if_memory_is_short,
    )


def generate_order(job: int, request: GenerationRequest) -> Generate:
    """Put a generation request in words for the pipe."""
    stop = tuple(whole_characters(text) for text in request.stop)
    grammar = request.grammar and Grammar(request.grammar.kind, whole_characters(request.grammar.text))
    return Generate(
        job, dataclasses.replace(request, prompt=cleaned_prompt(request.prompt), stop=stop, grammar=grammar)
    )


def cleaned_prompt(prompt: PromptRequest) -> PromptRequest:
    """Give `prompt` with texts that can be sent."""
    return dataclasses.replace(
        prompt,
        messages=tuple(_cleaned_message(message) for message in prompt.messages),
        summary=whole_characters(prompt.summary),
    )


def _cleaned_message(message: PromptMessage) -> PromptMessage:
    return dataclasses.replace(
        message, content=whole_characters(message.content), reasoning=whole_characters(message.reasoning)
    )


def _path_bytes(path: Path | None) -> bytes | None:
    return None if path is None else os.fsencode(path)


def _path(encoded: bytes | None) -> Path | None:
    return None if encoded is None else Path(os.fsdecode(encoded))


def failure_report(job: int, error: EngineError) -> Failed:
    """Put an error in words for the pipe."""
    known = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _ERRORS)
    details = whole_characters(error.details)[:_MAX_TEXT_CHARACTERS]
    return Failed(job, known, error.message, error.next_step, details, _cleaned_values(error.values), error.fault)


def failure_error(report: Failed) -> EngineError:
    """Give the error that a report tells of."""
    error = _ERRORS[report.kind](report.message, next_step=report.next_step, details=report.details, **report.values)
    error.fault = report.fault
    return error


def _cleaned_values(values: Mapping[str, object]) -> dict[str, str | int | float]:
    return {
        name: value if isinstance(value, int | float) else whole_characters(str(value))
        for name, value in values.items()
    }


def _check_failure(report: Failed) -> None:
    if report.kind not in _ERRORS or len(report.details) > _MAX_TEXT_CHARACTERS:
        raise WireError("An error of an unknown kind, or with too many words.")
    for sentence in (report.message, report.next_step):
        _check_sentence(sentence, report.values)


def _check_sentence(sentence: str, values: Mapping[str, str | int | float]) -> None:
    """Only plain names may stand in a sentence: filling it must not be able to do anything else."""
    if any(len(text) > _MAX_TEXT_CHARACTERS for text in (sentence, *map(str, values.values()))):
        raise WireError("A sentence with too many words.")
    try:
        fields = list(string.Formatter().parse(sentence))
    except ValueError as error:
        raise WireError(str(error)) from error
    for _, name, layout, conversion in fields:
        if name is not None and (name not in values or layout or conversion):
            raise WireError("A sentence that would do more than name its values.")
