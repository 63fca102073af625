"""Short ways to say what a test asks an engine to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.conversation import Role
from app.engine.engine import Engine
from app.engine.events import Concession, GenerationEvent, GenerationFinished, PieceGenerated, PromptEvaluated
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.loading.loaded_set import LoadedSet
from app.engine.requests import GenerationRequest, PromptMessage, PromptRequest
from app.settings.values import SamplingSettings

GREEDY = SamplingSettings(temperature=0.0, max_tokens=16, seed=7)


@dataclass(frozen=True)
class Reply:
    """What came of one generation."""

    events: tuple[GenerationEvent, ...]

    @property
    def pieces(self) -> list[PieceGenerated]:
        """Its pieces."""
        return [event for event in self.events if isinstance(event, PieceGenerated)]

    @property
    def text(self) -> str:
        """Its pieces, joined."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def tokens(self) -> tuple[int, ...]:
        """The tokens of its pieces, joined."""
        return tuple(token for piece in self.pieces for token in piece.tokens)

    @property
    def prompt(self) -> PromptEvaluated:
        """The one event that tells of the prompt."""
        (event,) = (event for event in self.events if isinstance(event, PromptEvaluated))
        return event

    @property
    def finished(self) -> GenerationFinished:
        """The last event."""
        last = self.events[-1]
        assert isinstance(last, GenerationFinished)
        return last


def sentences_of(concessions: Iterable[Concession]) -> list[str]:
    """The sentences that a user reads."""
    return [concession.message.format(**concession.values) for concession in concessions]


def user(text: str) -> PromptMessage:
    """The user's words."""
    return PromptMessage(Role.USER, text)


def assistant(text: str) -> PromptMessage:
    """The model's words."""
    return PromptMessage(Role.ASSISTANT, text)


def system(text: str) -> PromptMessage:
    """What stands above a conversation."""
    return PromptMessage(Role.SYSTEM, text)


def ask(
    engine: Engine,
    *messages: PromptMessage,
    sampling: SamplingSettings = GREEDY,
    stop: tuple[str, ...] = (),
    interruption: Interruption | None = None,
) -> Reply:
    """Let `engine` write a whole reply."""
    request = GenerationRequest(PromptRequest(messages), sampling, stop)
    return Reply(tuple(engine.generate(request, interruption or Interruption())))


def loaded_set(engine: LlamaEngine) -> LoadedSet:
    """What `engine` has in memory."""
    assert engine._set is not None  # pyright: ignore[reportPrivateUsage] - a test may look behind the door
    return engine._set  # pyright: ignore[reportPrivateUsage] - likewise
