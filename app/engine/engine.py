"""The contract of an engine. Three fulfil it: llama.cpp, the child process around it, and the fake of the tests."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from app.conversation import Role
from app.engine.events import GenerationEvent, LoadedModel, LoadProgress
from app.engine.interruption import Interruption
from app.errors import Fault, PaddockError
from app.settings.values import LoadSettings, SamplingSettings


class EngineError(PaddockError):
    """The engine could not do what was asked; the sentence says why."""

    fault = Fault.PADDOCK


class ModelFileError(EngineError):
    """The model file cannot be loaded: damaged, not a model, not readable, or of an unknown kind."""

    fault = Fault.FILE


class ChatTemplateError(EngineError):
    """The model file's chat template cannot be used: wrong syntax, its own refusal, the sandbox, or a limit."""

    fault = Fault.FILE


class NotEnoughMemoryError(EngineError):
    """The machine has no room for what was asked."""

    fault = Fault.MACHINE


class PromptTooLongError(EngineError):
    """The last message does not fit in the context window by itself."""

    fault = Fault.USER


class EngineDiedError(EngineError):
    """The engine process ended by itself. `details` holds its exit code and the last lines of its log."""

    fault = Fault.MACHINE


class InterruptedLoadError(EngineError):
    """A load ended because its `Interruption` was requested. Not a trouble to show."""

    fault = Fault.USER


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Which model file to have in memory, and how. Two equal requests are the same loaded model."""

    path: Path
    settings: LoadSettings


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message as the chat template sees it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What to write. The last message is the user's, or, to go on with it, the assistant's own unfinished reply.

    `sampling.seed` None lets the engine draw one; the receipt tells which.
    `stop` are strings that end the reply and are not part of it.
    """

    messages: tuple[PromptMessage, ...]
    sampling: SamplingSettings
    stop: tuple[str, ...] = ()

    @property
    def continues_reply(self) -> bool:
        """Whether the reply begins in the middle of the last message."""
        return bool(self.messages) and self.messages[-1].role is Role.ASSISTANT


ReportLoad: TypeAlias = Callable[[LoadProgress], None]


class Engine(Protocol):
    """One loaded model and what it can do. It belongs to one thread; only an `Interruption` may come from another.

    After an `EngineError` the engine is usable again: `loaded` tells whether the model is still there.
    """

    @property
    def loaded(self) -> LoadRequest | None:
        """What is in memory now; None after `unload`, after a failed load, and when the process died."""
        ...

    def load(self, request: LoadRequest, report: ReportLoad, interruption: Interruption) -> LoadedModel:
        """Bring a model into memory in place of the one that is there. Blocks; reports a first and a last fraction.

        Raises `ModelFileError`, `EngineDiedError`, `InterruptedLoadError`, or another `EngineError`.
        """
        ...

    def generate(
        self, request: GenerationRequest, interruption: Interruption
    ) -> Generator[GenerationEvent, None, None]:
        """Write a reply: `PromptProgress`*, one `PromptEvaluated`, `PieceGenerated`*, one `GenerationFinished`.

        A requested interruption ends it within 200 ms on the CPU, also in the middle of the prompt: then
        `GenerationFinished` with `cancelled` comes last, without a `PromptEvaluated` if the prompt was not read whole.
        Raises `EngineError` before `PromptEvaluated` (prompt too long, template refused), `EngineDiedError` any time.
        Closing the generator early interrupts, and leaves nothing behind that the next one could see.
        """
        ...

    def unload(self) -> None:
        """Give the model's memory back."""
        ...

    def close(self) -> None:
        """End for good; frees everything, stops the process. May be called twice."""
        ...
