"""Asks llama.cpp what a load would need, without loading: it reads the header and adds up (`no_alloc`)."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Final

from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.load_plan import Choice
from app.engine.llama.loading.memory_need import Needs, add_up, read_layout
from app.engine.llama.loading.model import ContextPlan, context_parameters, load_error, model_parameters
from app.engine.llama.loading.model_file import ModelFile
from app.engine.llama.loading.weights import WeightTable
from app.memory.slices import slice_tokens

_NO_LOADING: Final = 0


class MemoryProbe:
    """Says what one file needs, choice by choice. Each number of GPU layers takes 0.2 to 1 s, each context 0.05 s."""

    def __init__(self, file: ModelFile, weights: WeightTable, graphics: Collection[str], log: LibraryLog) -> None:
        """Ask about `file`; `graphics` are the names of the devices whose memory is counted for itself."""
        self._file = file
        self._weights = weights
        self._graphics = graphics
        self._log = log
        self._answers: dict[Choice, Needs | None] = {}
        self._model: api.llama_model_p | None = None
        self._gpu_layers = 0
        self._said = ""

    def need(self, choice: Choice) -> Needs | None:
        """Give what each device has to hold, or None when llama.cpp makes no such context.

        Raises `ModelFileError` when it would not load the file at all.
        """
        if choice not in self._answers:
            self._answers[choice] = self._ask(choice)
        return self._answers[choice]

    def close(self) -> None:
        """Free what the questions took."""
        if self._model is not None:
            api.llama_model_free(self._model)
            self._model = None

    def _ask(self, choice: Choice) -> Needs | None:
        model = self._planned(choice.gpu_layers)
        n_batch = min(slice_tokens(api.llama_model_n_params(model), choice.gpu_layers), choice.n_ctx)
        plan = ContextPlan(choice.n_ctx, n_batch, threads=1, kv_type=choice.kv_type)
        with self._log.listen() as heard:
            context = api.llama_init_from_model(model, context_parameters(plan))
        if not context:
            return None
        api.llama_free(context)
        return add_up(read_layout(self._said + "".join(heard)), self._weights, self._graphics)

    def _planned(self, gpu_layers: int) -> api.llama_model_p:
        """Give the model as it would be with so many layers on graphics processors; one at a time is kept."""
        if self._model is not None and self._gpu_layers == gpu_layers:
            return self._model
        self.close()
        parameters = model_parameters(gpu_layers)
        parameters.no_alloc = True
        parameters.load_mode = _NO_LOADING
        self._log.forget()
        with self._log.listen() as heard:
            model = api.llama_model_load_from_file(os.fsencode(self._file.path), parameters)
        if not model:
            raise load_error(self._file, self._log.complaints)
        self._model, self._gpu_layers, self._said = model, gpu_layers, "".join(heard)
        return model
