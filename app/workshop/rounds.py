"""What an engine is given to read and to write when it is measured, and how long that took."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from app.conversation import Role
from app.engine.events import (
    GenerationFinished,
    LoadedModel,
    ModelLoaded,
    PieceGenerated,
    PromptDescription,
    PromptEvaluated,
    PromptProgress,
    ReasoningGenerated,
)
from app.engine.requests import GenerationRequest, LoadRequest, PromptMessage, PromptRequest
from app.engine.worker import EngineWorker, Inspection, WorkerEvent
from app.settings.values import SamplingSettings
from app.workshop.engine_jobs import EngineJobs

SEED: Final = 7
VARIED: Final = SamplingSettings(temperature=0.8, seed=SEED)
"""With a seed that was chosen the engine neither guesses nor changes its threads."""
_LONGEST_WORD: Final = 8
_MOST_COUNTED: Final = 128
_SENTENCE: Final = "The llama looks over the fence and counts the bales of hay in the evening sun. "


@dataclass(frozen=True, slots=True)
class Timing:
    """What came of one generation, with the seconds at which each event arrived here."""

    events: tuple[tuple[float, WorkerEvent], ...]

    @property
    def prompt_tokens(self) -> int:
        """How many tokens the prompt had."""
        return next((event.tokens for _, event in self.events if isinstance(event, PromptEvaluated)), 0)

    @property
    def prompt_tokens_per_s(self) -> float | None:
        """How fast the prompt was evaluated, from the first report of progress on."""
        began = next((at for at, event in self.events if isinstance(event, PromptProgress)), None)
        read = next(((at, event) for at, event in self.events if isinstance(event, PromptEvaluated)), None)
        if began is None or read is None or read[0] <= began:
            return None
        return read[1].evaluated / (read[0] - began)

    @property
    def decode_tokens_per_s(self) -> float | None:
        """How fast tokens arrived, from the first piece to the last, those of reasoning too."""
        words = [(at, event) for at, event in self.events if isinstance(event, PieceGenerated | ReasoningGenerated)]
        tokens = sum(len(event.tokens) for _, event in words[1:])
        return tokens / (words[-1][0] - words[0][0]) if tokens and words[-1][0] > words[0][0] else None

    @property
    def engine_tokens_per_s(self) -> float | None:
        """How fast the engine itself says that it wrote."""
        last = self.events[-1][1]
        return last.tokens_per_s if isinstance(last, GenerationFinished) else None


class Rounds:
    """Has one model read and write."""

    def __init__(
        self, engine: EngineWorker, load: LoadRequest, stopped: Callable[[], BaseException] = KeyboardInterrupt
    ) -> None:
        """Use `engine`, which has been started, with the model of `load`. What was stopped raises `stopped()`."""
        self._jobs = EngineJobs(engine, load, stopped)
        self._tokens_a_word = 1.0
        self._tokens_around = 0.0

    def load(self) -> LoadedModel:
        """Bring the model into memory, and tell what it is. Raises `EngineError`."""
        loaded = self._jobs.last_event(None, ModelLoaded).model
        words = max(2, min(_MOST_COUNTED, loaded.n_ctx // 2 // _LONGEST_WORD))  # of each letter a token at most
        one, many = self._count(1), self._count(words)
        self._tokens_a_word = max(1, many - one) / (words - 1)
        self._tokens_around = max(0.0, one - self._tokens_a_word)  # what the chat template adds
        return loaded

    def read(
        self, tokens: int, number: int, written: int = 1, seen: Callable[[WorkerEvent], None] | None = None
    ) -> Timing:
        """Read a prompt of about so many tokens, which no other `number` begins with, and write behind it."""
        text = self._text(max(1, round((tokens - self._tokens_around) / self._tokens_a_word)), number)
        wish = request(text, replace(VARIED, max_tokens=written))
        return self.timed(replace(wish, prompt=replace(wish.prompt, max_tokens=written)), seen)

    def timed(self, wish: GenerationRequest, seen: Callable[[WorkerEvent], None] | None = None) -> Timing:
        """Have a reply written, and note when each event came."""
        events: list[tuple[float, WorkerEvent]] = []

        def note(event: WorkerEvent, at: float) -> None:
            events.append((at, event))
            if seen is not None:
                seen(event)

        self._jobs.last_event(wish, GenerationFinished, note)
        return Timing(tuple(events))

    def stop(self) -> None:
        """Wait for what is being done no more: whoever waits for it gets what was given as `stopped`."""
        self._jobs.stop()

    def _count(self, words: int) -> int:
        prompt = request(self._text(words, 0), VARIED).prompt
        return len(self._jobs.last_event(Inspection(prompt), PromptDescription).tokens)

    def _text(self, words: int, number: int) -> str:
        sentence = _SENTENCE.split()
        return f"{number} " + " ".join(sentence[i % len(sentence)] for i in range(words))


def request(text: str, sampling: SamplingSettings, alternatives: int = 0) -> GenerationRequest:
    """Ask for a reply to `text` that is nobody's: nothing of it is kept."""
    return GenerationRequest(PromptRequest((PromptMessage(Role.USER, text),)), sampling, alternatives=alternatives)
