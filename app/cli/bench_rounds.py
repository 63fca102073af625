"""What `bench` has the engine do, and how long that took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from app.chat.pieces import Pieces
from app.engine.events import LoadedModel
from app.engine.requests import GenerationRequest, LoadRequest
from app.engine.worker import EngineWorker
from app.settings.values import SamplingSettings
from app.workshop.rounds import SEED, VARIED, Rounds, Timing, request

DECODED_TOKENS: Final = 64
_PROMPT_TOKENS: Final = 512
_LOOKUP_TOKENS: Final = 256
_EXACT: Final = SamplingSettings(temperature=0.0, repeat_penalty=1.0, max_tokens=_LOOKUP_TOKENS)
_ALTERNATIVES: Final = 20
_STORY: Final = "Write a long story about a llama and its paddock. " * 4
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
class Timed(Timing):
    """What came of one generation, and what was written."""

    @property
    def pieces(self) -> Pieces:
        """What was written."""
        pieces = Pieces()
        for _, event in self.events:
            pieces.take(event)
        return pieces


class BenchRounds(Rounds):
    """Has one model read and write."""

    def __init__(self, engine: EngineWorker, load: LoadRequest) -> None:
        """Use `engine`, which has been started, with the model of `load`."""
        super().__init__(engine, load)
        self._prompt_tokens = 0

    @override
    def load(self) -> LoadedModel:
        loaded = super().load()
        self._prompt_tokens = min(_PROMPT_TOKENS, loaded.n_ctx // 2)
        return loaded

    def prompt(self, number: int) -> Timing:
        """Read a prompt of about 512 tokens, none of which is known, and write one."""
        return self.read(self._prompt_tokens, number)

    def story(self) -> Timing:
        """Write 64 tokens that nobody could guess."""
        return self.timed(story_request())

    def repetition(self, *, guesses: bool) -> Timed:
        """Write what the prompt says already, with one word changed."""
        sampling = replace(_EXACT, seed=None if guesses else SEED)
        return Timed(self.timed(request(REPEAT, sampling)).events)

    def repetition_in_detail(self) -> Timed:
        """Write the same without guesses, and tell of each token how likely it was, and what else was."""
        return Timed(self.timed(request(REPEAT, replace(_EXACT, seed=SEED), _ALTERNATIVES)).events)


def story_request() -> GenerationRequest:
    """Give the request whose reply is written by the engine and by the bare loop."""
    return request(_STORY, replace(VARIED, max_tokens=DECODED_TOKENS))
