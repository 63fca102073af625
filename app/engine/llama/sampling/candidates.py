"""The tokens that may come next, with their logits, as llama.cpp's samplers pass them on."""

from __future__ import annotations

import array
import ctypes
import math
from typing import Any, Final

from app.engine.engine import EngineError
from app.engine.llama.binding import api

_FIELDS: Final = 3  # `llama_token_data` is an id, a logit and a probability, four bytes each


class Candidates:
    """Room for `size` tokens. The samplers sort it, cut it, and mark the chosen one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._data = (api.llama_token_data * size)()
        self._ids = array.array("i", range(size))
        self._nothing = array.array("f", bytes(4 * size))
        numbers = memoryview(self._data).cast("B")
        self._id_slots = numbers.cast("i")[::_FIELDS]
        self._logit_slots = numbers.cast("f")[1::_FIELDS]
        self._probability_slots = numbers.cast("f")[2::_FIELDS]
        self._array = api.llama_token_data_array()
        self._pointer: Any = ctypes.pointer(self._array)
        self._first: Any = ctypes.cast(self._data, api.llama_token_data_p)

    def read(self, context: api.llama_context_p, row: int) -> None:
        """Take all tokens with the logits of `row`."""
        logits: Any = api.llama_get_logits_ith(context, row)
        if not logits:
            raise EngineError("There is nothing to choose the next token from.")
        values = (ctypes.c_float * self._size).from_address(ctypes.addressof(logits.contents))
        self._id_slots[:] = memoryview(self._ids)
        self._logit_slots[:] = memoryview(values).cast("B").cast("f")
        self._probability_slots[:] = memoryview(self._nothing)
        self._begin()

    def set_only(self, token: int) -> None:
        """Take this one token."""
        self._data[0] = api.llama_token_data(token, 1.0, 0.0)
        self._begin()

    def apply(self, sampler: api.llama_sampler_p) -> None:
        """Let `sampler` do its work."""
        api.llama_sampler_apply(sampler, self._pointer)

    def chosen(self) -> int:
        """Give the token that was chosen; -1 if there is none."""
        selected, size = int(self._array.selected), int(self._array.size)
        if not 0 <= selected < size:
            return -1
        return int(self._array.data[selected].id)

    def at(self, place: int) -> tuple[int, float]:
        """Give the token at a place, with the probability that a sampler computed. Unsorted, its id is its place."""
        entry = self._array.data[place]
        return int(entry.id), float(entry.p)

    def first_is_possible(self) -> bool:
        """Whether the first token has a logit above minus infinity."""
        return bool(self._data[0].logit > -math.inf)

    def is_any_possible(self, likeliest: api.llama_sampler_p) -> bool:
        """Whether any token has; `likeliest` is the sampler that finds the largest logit."""
        self.apply(likeliest)
        best = float(self._array.data[self._array.selected].logit)
        self._array.selected = -1
        return best > -math.inf

    def _begin(self) -> None:
        self._array.data = self._first
        self._array.size = self._size
        self._array.selected = -1
        self._array.sorted = False
