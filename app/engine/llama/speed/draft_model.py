"""A small model of the same family, which guesses what the large one is going to write."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engine.engine import EngineError
from app.engine.interruption import Interruption
from app.engine.llama.abort import AbortSwitch
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.load_plan import Choice
from app.engine.llama.loading.model import LlamaModel, LoadStoppedError, MemoryKind, create_context, plan_context
from app.engine.llama.loading.model_file import inspect_model_file
from app.engine.llama.memory.kv_cache import CachePlan, KvCache
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.speed.adaptive_threads import AdaptiveThreads
from app.engine.llama.speed.guessing_gain import EvaluationTimes
from app.settings.values import LoadSettings

_LONGEST_TEXT: Final = 1024
"""How many tokens of the text it sees at most."""
_CATCHING_UP: Final = 256
"""How many tokens it reads at most before it guesses: more would make its guesses hardly better, and take seconds."""
_SAMPLED_TOKENS: Final = 997
_FEW: Final = 32
"""Up to how many tokens it is behind while it guesses all the time."""
_LEARNING: Final = 0.25


class DraftError(EngineError):
    """A draft model cannot guess for this model."""


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """Which draft model is wanted, for a model with this vocabulary and context window, loaded by `settings`."""

    path: Path
    vocabulary: Vocabulary
    n_ctx: int
    settings: LoadSettings


class DraftModel:
    """A second model in the process, with a memory of its own that follows the text. It takes the likeliest tokens."""

    def __init__(
        self, context: api.llama_context_p, cache: KvCache, vocabulary: Vocabulary, n_ctx: int, most: int
    ) -> None:
        """Guess at most so many tokens at once, in `context`, of which `cache` is the memory."""
        self._context = context
        self._cache = cache
        self._vocabulary = vocabulary
        self._n_ctx = n_ctx
        self._most = most
        self._abort = AbortSwitch(context)
        self._likeliest = api.llama_sampler_init_greedy()
        self._begin = self._end = 0
        """Which part of the text it has seen."""
        self._reading_s = 0.0
        self._times = EvaluationTimes()

    def listen_to(self, interruption: Interruption) -> None:
        """Let `interruption` end its evaluations."""
        self._abort.arm(interruption)

    @property
    def first_s(self) -> float:
        """What it takes to read what was written since the last guesses, in seconds, while it guesses all the time."""
        return self._reading_s

    @property
    def each_s(self) -> float:
        """What a guess takes."""
        return self._times.single_s

    def catching_up_s(self, text: Sequence[int]) -> float:
        """What it takes at most to read what it has not seen of `text`, in seconds; 0 when that is not known yet."""
        return min(max(0, len(text) - self._end), _CATCHING_UP) * self._times.single_s

    def guess(self, text: Sequence[int], count: int) -> tuple[int, ...]:
        """Guess how `text` goes on. Raises `EvaluationAbortedError` or `EngineError`."""
        self._read(text)
        guesses: list[int] = []
        while (token := self._next()) is not None:
            guesses.append(token)
            if len(guesses) >= min(count, self._most):
                break
            self._timed(lambda: self._cache.append((guesses[-1],)), lambda seconds: self._times.took(1, seconds))
        return tuple(guesses)

    def close(self) -> None:
        """Give the sampler's memory back."""
        api.llama_sampler_free(self._likeliest)

    def _next(self) -> int | None:
        token: int = api.llama_sampler_sample(self._likeliest, self._context, -1)  # pyright: ignore[reportAssignmentType] - an alias of c_int32; the call gives an int
        return None if self._vocabulary.ends_generation(token) else token

    def _read(self, text: Sequence[int]) -> None:
        """Make the memory that of the text's end, as much of it as there is room for."""
        is_behind = len(text) - self._end > _FEW
        self._move(text)
        shown = text[self._begin :]
        self._end = len(text)
        self._timed(lambda: self._cache_reads(shown), lambda seconds: None if is_behind else self._learn(seconds))

    def _cache_reads(self, text: Sequence[int]) -> None:
        for _ in self._cache.read(text):
            pass

    def _learn(self, seconds: float) -> None:
        self._reading_s += (seconds - self._reading_s) * (_LEARNING if self._reading_s else 1.0)

    def _move(self, text: Sequence[int]) -> None:
        """Begin later when there is no room for more, or too much to catch up with, and in another text."""
        known = self._cache.tokens[:_FEW]
        is_other = list(text[self._begin : self._begin + len(known)]) != known
        is_full = len(text) - self._begin + self._most > self._n_ctx
        if is_other or is_full or len(text) - self._end > _CATCHING_UP:
            self._begin = max(0, len(text) - _CATCHING_UP)

    def _timed(self, do: Callable[[], None], learn: Callable[[float], None]) -> None:
        began = time.perf_counter()
        do()
        api.llama_synchronize(self._context)
        learn(time.perf_counter() - began)


def load_draft(
    order: DraftOrder, most: int, interruption: Interruption, log: LibraryLog, resources: ExitStack
) -> DraftModel:
    """Load a draft model on the processor; `resources` will free it. Raises `DraftError` or another `EngineError`."""
    try:
        file = inspect_model_file(order.path)
        model = LlamaModel(file, 0, log, lambda _: not interruption.requested)
    except (LoadStoppedError, OSError) as error:
        raise DraftError("{name} could not be read to its end.", name=order.path.name, details=str(error)) from error
    resources.callback(model.free)
    vocabulary = Vocabulary(model.pointer)
    if not is_same_vocabulary(vocabulary, order.vocabulary):
        raise DraftError("{name} knows other tokens.", name=file.name)
    if not model.writes_text or model.memory_kind is MemoryKind.RECURRENT:
        raise DraftError("{name} cannot take back what it wrote.", name=file.name)
    plan = plan_context(model, Choice(0, min(order.n_ctx, _LONGEST_TEXT)), order.settings)
    context = create_context(model, plan, log)
    resources.callback(api.llama_free, context)
    threads = AdaptiveThreads(context, plan.threads, fixed=order.settings.threads is not None)
    cache = KvCache(context, CachePlan(model.memory_kind, plan.n_batch, model.sliding_window), log, threads)
    resources.callback(cache.free)
    draft = DraftModel(context, cache, vocabulary, plan.n_ctx, most)
    resources.callback(draft.close)
    return draft


def is_same_vocabulary(one: Vocabulary, other: Vocabulary) -> bool:
    """Whether the same numbers mean the same tokens: by their count, the special ones, and a sample of all."""
    if (one.size, one.bos, one.adds_bos, one.eos_text) != (other.size, other.bos, other.adds_bos, other.eos_text):
        return False
    special = (token.id for token in one.special_tokens())
    step = max(1, one.size // _SAMPLED_TOKENS)
    sample = {*special, *range(0, one.size, step), one.size - 1}
    return all(
        one.name(token) == other.name(token) and one.ends_generation(token) == other.ends_generation(token)
        for token in sample
    )
