"""What `bench` has the engine do, and how long that took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Final, TypeVar

from app.conversation import Role, TokenChoice
from app.engine.events import (
    GenerationFinished,
    LoadedModel,
    ModelLoaded,
    PieceGenerated,
    PromptDescription,
    PromptEvaluated,
    PromptProgress,
)
from app.engine.requests import GenerationRequest, LoadRequest, PromptMessage, PromptRequest
from app.engine.worker import EngineFailed, EngineWorker, Inspection, Job, LoadCancelled, Task, WorkerEvent
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

_Last = TypeVar("_Last", ModelLoaded, PromptDescription)


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
        """How fast tokens arrived, from the first piece to the last."""
        pieces = [(at, len(event.tokens)) for at, event in self.events if isinstance(event, PieceGenerated)]
        tokens = sum(count for _, count in pieces[1:])
        return tokens / (pieces[-1][0] - pieces[0][0]) if tokens and pieces[-1][0] > pieces[0][0] else None

    @property
    def engine_tokens_per_s(self) -> float | None:
        """How fast the engine itself says that it wrote."""
        last = self.events[-1][1]
        return last.tokens_per_s if isinstance(last, GenerationFinished) else None

    @property
    def tokens(self) -> tuple[int, ...]:
        """The tokens of the reply."""
        return tuple(t for _, event in self.events if isinstance(event, PieceGenerated) for t in event.tokens)

    @property
    def choices(self) -> tuple[TokenChoice, ...]:
        """What is told of each of them, if that was asked for."""
        return tuple(c for _, event in self.events if isinstance(event, PieceGenerated) for c in event.choices)


class BenchRounds:
    """Has one model read and write."""

    def __init__(self, engine: EngineWorker, load: LoadRequest) -> None:
        """Use `engine`, which has been started, with the model of `load`."""
        self._engine = engine
        self._load = load
        self._words = 0
        self._arrivals: SimpleQueue[tuple[float, WorkerEvent]] = SimpleQueue()

    def load(self) -> LoadedModel:
        """Bring the model into memory, and tell what it is. Raises `EngineError`."""
        loaded = self._do(None, ModelLoaded).model
        self._words = self._words_for(min(_PROMPT_TOKENS, loaded.n_ctx // 2))
        return loaded

    def prompt(self, number: int) -> Timed:
        """Read a prompt of about 512 tokens, none of which is known, and write one."""
        text = self._text(self._words, number)
        return self._write(text, replace(_VARIED, max_tokens=1))

    def story(self) -> Timed:
        """Write 64 tokens that nobody could guess."""
        return Timed(self._events(story_request(), GenerationFinished))

    def repetition(self, *, guesses: bool) -> Timed:
        """Write what the prompt says already, with one word changed."""
        return self._write(REPEAT, replace(_EXACT, seed=None if guesses else _SEED))

    def repetition_in_detail(self) -> Timed:
        """Write the same without guesses, and tell of each token how likely it was, and what else was."""
        return Timed(self._events(_request(REPEAT, replace(_EXACT, seed=_SEED), _ALTERNATIVES), GenerationFinished))

    def stop(self) -> None:
        """End what is being done, from a handler of Ctrl-C: whoever waits for it gets `KeyboardInterrupt`."""
        self._arrivals.put((0.0, LoadCancelled()))

    def _write(self, text: str, sampling: SamplingSettings) -> Timed:
        return Timed(self._events(_request(text, sampling), GenerationFinished))

    def _words_for(self, tokens: int) -> int:
        """How many words have about so many tokens. Of each letter a token is the most there can be."""
        words = max(1, tokens // _LONGEST_WORD)
        described = self._do(Inspection(_request(self._text(words, 0), _VARIED).prompt), PromptDescription)
        return max(1, words * tokens // max(1, len(described.tokens)))

    def _text(self, words: int, number: int) -> str:
        sentence = _SENTENCE.split()
        return f"{number} " + " ".join(sentence[i % len(sentence)] for i in range(words))

    def _do(self, task: Task | None, last: type[_Last]) -> _Last:
        """Have something done, and give its last event."""
        return next(event for _, event in self._events(task, last) if isinstance(event, last))

    def _events(self, task: Task | None, last: type[WorkerEvent]) -> tuple[tuple[float, WorkerEvent], ...]:
        """Have something done, and give its events up to the last."""
        arrivals = self._arrivals
        self._engine.submit(Job(self._load, _noting(arrivals), task))
        events: list[tuple[float, WorkerEvent]] = []
        while not events or not isinstance(events[-1][1], last):
            events.append(arrivals.get())
            match events[-1][1]:
                case EngineFailed(error=error):
                    raise error
                case LoadCancelled():
                    raise KeyboardInterrupt
                case _:
                    pass
        return tuple(events)


def story_request() -> GenerationRequest:
    """Give the request whose reply is written by the engine and by the bare loop."""
    return _request(_STORY, _VARIED)


def _request(text: str, sampling: SamplingSettings, alternatives: int = 0) -> GenerationRequest:
    return GenerationRequest(PromptRequest((PromptMessage(Role.USER, text),)), sampling, alternatives=alternatives)


def _noting(arrivals: SimpleQueue[tuple[float, WorkerEvent]]) -> Callable[[WorkerEvent], None]:
    return lambda event: arrivals.put((time.perf_counter(), event))
