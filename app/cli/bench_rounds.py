"""What `bench` has the engine do, and how long that took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from app.chat.pieces import Pieces
from app.cli.engine_job import EngineJobs
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

DECODED_TOKENS: Final = 64
_PROMPT_TOKENS: Final = 512
_LOOKUP_TOKENS: Final = 256
_SEED: Final = 7
_VARIED: Final = SamplingSettings(temperature=0.8, seed=_SEED, max_tokens=DECODED_TOKENS)
"""With a seed that was chosen the engine neither guesses nor changes its threads: that is what a bare loop does too."""
_EXACT: Final = SamplingSettings(temperature=0.0, repeat_penalty=1.0, max_tokens=_LOOKUP_TOKENS)
_ALTERNATIVES: Final = 20
_LONGEST_WORD: Final = 8
_STORY: Final = "Write a long story about a llama and its paddock. " * 4
_SENTENCE: Final = "The llama looks over the fence and counts the bales of hay in the evening sun. "
_CODE: Final = '''class Paddock:
    """A fenced field in which llamas live."""

    def __init__(self, name, size, fence):
        self.name = name
        self.size = size
        self.fence = fence
        self.llamas = []

    def add(self, llama):
        if llama in self.llamas:
            raise ValueError("The llama is already in the paddock.")
        self.llamas.append(llama)
        llama.paddock = self

    def remove(self, llama):
        if llama not in self.llamas:
            raise ValueError("The llama is not in the paddock.")
        self.llamas.remove(llama)
        llama.paddock = None

    def feed(self, food):
        for llama in self.llamas:
            llama.eat(food)
'''
REPEAT: Final = f"Repeat this code exactly, but rename the class Paddock to Meadow:\n\n```python\n{_CODE}```"
"""A request that models of all sizes fulfil."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What came of one generation, with the seconds at which each event arrived here."""

    events: tuple[tuple[float, WorkerEvent], ...]

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

    @property
    def pieces(self) -> Pieces:
        """What was written."""
        pieces = Pieces()
        for _, event in self.events:
            pieces.take(event)
        return pieces


class BenchRounds:
    """Has one model read and write."""

    def __init__(self, engine: EngineWorker, load: LoadRequest) -> None:
        """Use `engine`, which has been started, with the model of `load`."""
        self._jobs = EngineJobs(engine, load)
        self._words = 0

    def load(self) -> LoadedModel:
        """Bring the model into memory, and tell what it is. Raises `EngineError`."""
        loaded = self._jobs.last_event(None, ModelLoaded).model
        self._words = self._words_for(min(_PROMPT_TOKENS, loaded.n_ctx // 2))
        return loaded

    def prompt(self, number: int) -> Timed:
        """Read a prompt of about 512 tokens, none of which is known, and write one."""
        text = self._text(self._words, number)
        return self._write(text, replace(_VARIED, max_tokens=1))

    def story(self) -> Timed:
        """Write 64 tokens that nobody could guess."""
        return self._timed(story_request())

    def repetition(self, *, guesses: bool) -> Timed:
        """Write what the prompt says already, with one word changed."""
        return self._write(REPEAT, replace(_EXACT, seed=None if guesses else _SEED))

    def repetition_in_detail(self) -> Timed:
        """Write the same without guesses, and tell of each token how likely it was, and what else was."""
        return self._timed(_request(REPEAT, replace(_EXACT, seed=_SEED), _ALTERNATIVES))

    def stop(self) -> None:
        """End what is being done, from a handler of Ctrl-C: whoever waits for it gets `KeyboardInterrupt`."""
        self._jobs.stop()

    def _write(self, text: str, sampling: SamplingSettings) -> Timed:
        return self._timed(_request(text, sampling))

    def _words_for(self, tokens: int) -> int:
        """How many words have about so many tokens. Of each letter a token is the most there can be."""
        words = max(1, tokens // _LONGEST_WORD)
        described = self._jobs.last_event(Inspection(_request(self._text(words, 0), _VARIED).prompt), PromptDescription)
        return max(1, words * tokens // max(1, len(described.tokens)))

    def _text(self, words: int, number: int) -> str:
        sentence = _SENTENCE.split()
        return f"{number} " + " ".join(sentence[i % len(sentence)] for i in range(words))

    def _timed(self, request: GenerationRequest) -> Timed:
        """Have a reply written, and note when each event came."""
        events: list[tuple[float, WorkerEvent]] = []
        self._jobs.last_event(request, GenerationFinished, lambda event, at: events.append((at, event)))
        return Timed(tuple(events))


def story_request() -> GenerationRequest:
    """Give the request whose reply is written by the engine and by the bare loop."""
    return _request(_STORY, _VARIED)


def _request(text: str, sampling: SamplingSettings, alternatives: int = 0) -> GenerationRequest:
    return GenerationRequest(PromptRequest((PromptMessage(Role.USER, text),)), sampling, alternatives=alternatives)
