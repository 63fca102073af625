"""The least that writing takes: decode, choose, decode. Only a measure for what does more."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

from app.engine.bare_loop_wire import Looped
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog, Sink, start_library
from app.engine.llama.loading.loaded_set import load_set
from app.engine.llama.sampling.sampler import Sampler
from app.engine.requests import GenerationRequest, LoadRequest


class DecodeLoop:
    """Writes the reply to one request, and throws it away. `close` it."""

    def __init__(self, load: LoadRequest, request: GenerationRequest, sink: Sink) -> None:
        """Load the model. Raises `EngineError`."""
        self._log = LibraryLog(sink)
        start_library()
        self._loaded = load_set(load, lambda _: None, Interruption(), self._log)
        self._request = request
        self._prompt = self._loaded.prompts.fit(request.prompt).tokens
        self._row: Any = api.llama_batch_init(1, 0, 1)
        self._row.n_tokens, self._row.n_seq_id[0], self._row.seq_id[0][0], self._row.logits[0] = 1, 1, 0, 1

    def run(self, tokens: int) -> Looped:
        """Read the prompt, and write at most so many tokens."""
        loaded, sampling = self._loaded, self._request.sampling
        loaded.cache.clear()
        for _ in loaded.cache.read(self._prompt):
            pass
        threads = loaded.described.threads
        api.llama_set_n_threads(loaded.context, threads, threads)
        with closing(Sampler(sampling, sampling.seed or 0, loaded.vocabulary, loaded.described.n_ctx_train)) as sampler:
            sampler.prime(self._prompt)
            times = self._decode(sampler, min(tokens, loaded.described.n_ctx - len(self._prompt)))
        loaded.cache.clear()  # its ledger knows nothing of what was decoded
        return Looped(len(times) - 1, times[-1] - times[0]) if len(times) > 1 else Looped()

    def close(self) -> None:
        """Free everything."""
        api.llama_batch_free(self._row)
        self._loaded.close()

    def _decode(self, sampler: Sampler, tokens: int) -> list[float]:
        """Give when each token was chosen."""
        context, row, times = self._loaded.context, self._row, list[float]()
        for position in range(len(self._prompt), len(self._prompt) + tokens):
            row.token[0], row.pos[0] = sampler.sample(context), position
            times.append(time.monotonic())
            if self._loaded.vocabulary.ends_generation(row.token[0]):
                break
            api.llama_decode(context, row)
        return times
