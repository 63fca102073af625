"""Contexts of tiny models whose logits a test can compare."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from app.engine.engine import EngineError
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog, start_library
from app.engine.llama.loading.model import MemoryKind
from app.engine.llama.memory.evaluation import EvaluationAbortedError
from app.engine.llama.memory.kv_cache import CachePlan, KvCache
from tests.gguf_files import HYBRID, TinyModel, vocabulary

Logits: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
MIB = 1024 * 1024
WINDOW = 64
MODELS = {
    "dense": TinyModel("llama", layers=3),
    "sliding": TinyModel("gemma3", layers=6, sliding_window=WINDOW),
    "recurrent": TinyModel("mamba", layers=3),
    "hybrid": TinyModel(HYBRID, layers=4),
}
KINDS = {
    "dense": MemoryKind.DENSE,
    "sliding": MemoryKind.SLIDING,
    "recurrent": MemoryKind.RECURRENT,
    "hybrid": MemoryKind.RECURRENT,
}


@dataclass(frozen=True)
class Memory:
    """A context of a tiny model."""

    cache: KvCache
    context: Any

    def read(self, prompt: Sequence[int], boundaries: Sequence[int] = ()) -> int:
        """Read a whole prompt, and tell how much of it was reused."""
        return next(iter(list(self.cache.read(prompt, boundaries=boundaries))))

    def append(self, tokens: Sequence[int]) -> None:
        """Read tokens one by one, as a reply is read."""
        for token in tokens:
            self.cache.append([token])

    def logits(self, row: int = -1) -> Logits:
        """The logits of a row of the last evaluation."""
        pointer = api.llama_get_logits_ith(self.context, row)
        return np.ctypeslib.as_array(pointer, shape=(len(vocabulary()),)).copy()

    @contextmanager
    def aborting(self, nodes: int) -> Generator[None]:
        """Abort the evaluation as soon as it has computed so many nodes of the graph."""
        left = iter(range(nodes))

        def is_enough(_data: object) -> bool:
            return next(left, None) is None

        callback, nothing = api.ggml_abort_callback(is_enough), ctypes.c_void_p(0)
        api.llama_set_abort_callback(self.context, callback, nothing)
        try:
            yield
        finally:
            api.llama_set_abort_callback(self.context, api.ggml_abort_callback(), nothing)

    def read_aborted(self, prompt: Sequence[int], slices: int, boundaries: Sequence[int] = ()) -> None:
        """Read a prompt that is stopped in the middle of a slice, after so many whole ones."""
        reading = self.cache.read(prompt, boundaries=boundaries)
        for _ in range(1 + slices):
            next(reading)
        with self.aborting(nodes=5):
            try:
                next(reading)
            except EvaluationAbortedError:
                return
        raise AssertionError("the evaluation was not stopped")


class Bench:
    """One loaded tiny model, and as many contexts of it as wanted."""

    def __init__(self, name: str, path: Path) -> None:
        """Load the model `name`, written to `path`."""
        self.name = name
        self.kind = KINDS[name]
        self._log = LibraryLog(lambda _line: None)
        start_library()
        MODELS[name].write(path)
        self._model: Any = api.llama_model_load_from_file(os.fsencode(path), api.llama_model_default_params())
        if not self._model:
            raise EngineError("The tiny model was not loaded.", details=self._log.complaints)
        self._contexts = ExitStack()

    def memory(
        self, *, n_batch: int = 64, outputs: int = 1, rollback: int = 0, swap_bytes: int = 64 * MIB, n_ctx: int = 2048
    ) -> Memory:
        """Make an empty context."""
        parameters: Any = api.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = n_ctx, n_batch, n_batch
        parameters.n_outputs_max, parameters.n_rs_seq = outputs, rollback
        parameters.n_threads = parameters.n_threads_batch = 1
        parameters.swa_full = False
        context: Any = api.llama_init_from_model(self._model, parameters)
        self._contexts.callback(api.llama_free, context)
        window = WINDOW if self.kind is MemoryKind.SLIDING else 0
        plan = CachePlan(self.kind, n_batch, window, n_outputs_max=outputs, swap_bytes=swap_bytes)
        cache = KvCache(context, plan, self._log)
        self._contexts.callback(cache.free)
        return Memory(cache, context)

    def fresh(self, prompt: Sequence[int], *, n_batch: int = 64) -> Logits:
        """The logits after `prompt`, by a context that knows nothing."""
        memory = self.memory(n_batch=n_batch)
        memory.read(prompt)
        return memory.logits()

    def close_contexts(self) -> None:
        """Free the contexts that were made."""
        self._contexts.close()

    def close(self) -> None:
        """Free everything."""
        self.close_contexts()
        api.llama_model_free(self._model)


def random_tokens(count: int, seed: int) -> list[int]:
    """Some ordinary tokens."""
    draw = np.random.default_rng(seed)
    return draw.integers(270, 340, count).tolist()


def largest_difference(first: Logits, second: Logits) -> float:
    """By how much two rows of logits differ at most."""
    return float(np.abs(first - second).max())


def open_bench(name: str, folder: Path) -> Iterator[Bench]:
    """Have a bench for the length of a fixture."""
    bench = Bench(name, folder / f"{name}.gguf")
    yield bench
    bench.close()


def say(text: str) -> None:
    """Leave a figure in what a test prints (`pytest -rP` shows it)."""
    sys.stdout.write(f"{text}\n")
