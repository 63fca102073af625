"""The contract of an engine. Three fulfil it: llama.cpp, the child process around it, and the fake of the tests."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol, TypeAlias

from app.engine.events import GenerationEvent, LoadedModel, LoadProgress, PromptDescription, WarmingEvent
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.errors import Fault, PaddockError


class EngineError(PaddockError):
    """The engine could not do what was asked; the sentence says why."""

    fault = Fault.PADDOCK


class ModelFileError(EngineError):
    """The model file cannot be loaded: damaged, not a model, not readable, or of an unknown kind."""

    fault = Fault.FILE


class ChatTemplateError(EngineError):
    """The model file's chat template cannot be used: wrong syntax, its own refusal, the sandbox, or a limit."""

    fault = Fault.FILE


class ChosenTemplateError(ChatTemplateError):
    """The chat template that the user chose in place of the file's own cannot be used."""

    fault = Fault.USER


class NotEnoughMemoryError(EngineError):
    """The machine has no room for what was asked."""

    fault = Fault.MACHINE


class TightMemoryError(NotEnoughMemoryError):
    """By the numbers there is no room. The user may have it loaded anyway."""

    flag = "--load-anyway"


class PromptTooLongError(EngineError):
    """The last message does not fit in the context window by itself."""

    fault = Fault.USER


class GrammarError(EngineError):
    """A grammar, the schema it is made from, or the logit bias cannot be used."""

    fault = Fault.USER


class EngineDiedError(EngineError):
    """The engine process ended by itself. `details` holds its exit code and the last lines of its log."""

    fault = Fault.MACHINE


class InterruptedLoadError(EngineError):
    """A load ended because its `Interruption` was requested. Not a trouble to show."""

    fault = Fault.USER


ReportLoad: TypeAlias = Callable[[LoadProgress], None]


class Engine(Protocol):
    """One loaded model and what it can do. It belongs to one thread; only an `Interruption` may come from another.

    After an `EngineError` the engine is usable again: `loaded` tells whether the model is still there.
    """

    @property
    def loaded(self) -> LoadRequest | None:
        """What is in memory now; None after `unload`, after a failed load, and when the process died."""
        ...

    @property
    def process_id(self) -> int | None:
        """The process that it runs in; None where that is this one, or there is none now."""
        ...

    def load(self, request: LoadRequest, report: ReportLoad, interruption: Interruption) -> LoadedModel:
        """Bring a model into memory in place of the one that is there. Blocks; reports a first and a last fraction.

        Raises `ModelFileError`, `EngineDiedError`, `InterruptedLoadError`, or another `EngineError`.
        """
        ...

    def generate(
        self, request: GenerationRequest, interruption: Interruption
    ) -> Generator[GenerationEvent, None, None]:
        """Write a reply: `PromptProgress`*, one `PromptEvaluated`, pieces of reasoning and text*, `GenerationFinished`.

        With a `branch` it is the last message anew: the first piece holds what stays of it and the alternative.
        A requested interruption ends it within 200 ms on the CPU, also in the middle of the prompt: then
        `GenerationFinished` with `cancelled` comes last, without a `PromptEvaluated` if the prompt was not read whole.
        Raises `EngineError` before `PromptEvaluated` (prompt too long, template refused), `EngineDiedError` any time.
        Closing the generator early interrupts, and leaves nothing behind that the next one could see.
        """
        ...

    def warm(self, request: PromptRequest, interruption: Interruption) -> Generator[WarmingEvent, None, None]:
        """Read ahead what the next prompt is sure to begin with, so that it need not be read then.

        The last user message, if there is one, is a draft: more may be written behind it. An interruption ends it
        within a slice of 150 ms or so; what was read stays. `PromptEvaluated` comes last when all was read.
        """
        ...

    def describe_prompt(self, request: PromptRequest) -> PromptDescription:
        """Give the exact prompt that a reply would be written to, without reading it. Raises as `generate` does."""
        ...

    def keep(self, conversation: str, interruption: Interruption) -> None:
        """Write the state of a conversation that is in memory to the disk, if it may be kept and is not there yet."""
        ...

    def unload(self) -> None:
        """Give the model's memory back."""
        ...

    def close(self) -> None:
        """End for good; frees everything, stops the process. May be called twice."""
        ...
