"""How likely a text is to a model, and how fast the model reads it and writes behind it."""

from __future__ import annotations

import math
import time
from contextlib import closing
from typing import Final

from app.engine.engine import EngineError, ModelFileError
from app.engine.interruption import Interruption
from app.engine.llama.library import LibraryLog, Sink, start_library
from app.engine.llama.loading.loaded_set import load_set
from app.engine.llama.sampling.token_choices import TokenChoices
from app.engine.measure_wire import Timed, Weighed
from app.engine.requests import LoadRequest

_LEAST: Final = 1e-30
"""A token that is held for impossible counts as one that is all but impossible: one word must not decide it all."""
_FEWEST: Final = 2


class TextMeasure:
    """A loaded model, one text in its tokens, and as many more as are to be written behind it. `close` it."""

    def __init__(self, load: LoadRequest, text: str, written_tokens: int, sink: Sink) -> None:
        """Load the model. Raises `EngineError`. A text that does not fit in the context window is cut short."""
        self._log = LibraryLog(sink)
        start_library()
        self._loaded = load_set(load, lambda _: None, Interruption(), self._log)
        tokens = self._loaded.vocabulary.tokens(text, add_special=True, parse_special=False)
        room = self._loaded.described.n_ctx - written_tokens
        if min(len(tokens), room) < _FEWEST:
            raise EngineError("The model's context window is too small to measure it.")
        self._text = tokens[:room]
        self._written = [tokens[i % len(tokens)] for i in range(written_tokens)]
        """What is written matters to no clock: the same for every model."""

    def weigh(self) -> Weighed:
        """Say how likely the text is. Raises `ModelFileError` when the weights are damaged."""
        loaded, rows = self._loaded, self._loaded.guessing.rows
        loaded.cache.clear()
        total = 0.0
        with closing(TokenChoices(loaded.context, loaded.vocabulary, 1)) as choices:
            for begin in range(0, len(self._text) - 1, rows):
                read = self._text[begin : min(begin + rows, len(self._text) - 1)]
                loaded.cache.append(read, all_logits=True)
                for row in range(len(read)):
                    total += _logarithm(choices.of(self._text[begin + row + 1], row).probability)
        loaded.cache.clear()
        return Weighed(len(self._text) - 1, total / (len(self._text) - 1))

    def time(self) -> Timed:
        """Read the text, and write behind it."""
        cache = self._loaded.cache
        cache.clear()
        began_s = time.perf_counter()
        for _ in cache.read(self._text):
            pass
        read_s = time.perf_counter()
        for token in self._written:
            cache.append([token])
        written_s = time.perf_counter()
        return Timed(len(self._text) / (read_s - began_s), len(self._written) / (written_s - read_s))

    def close(self) -> None:
        """Free everything."""
        self._loaded.close()


def _logarithm(probability: float) -> float:
    if math.isnan(probability):
        raise ModelFileError(
            "The model's weights are damaged: it computes no numbers.",
            next_step="Download it again, or choose another file of this model.",
        )
    return math.log(max(_LEAST, probability))
