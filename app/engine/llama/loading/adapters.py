"""LoRA adapters: small files that change how a loaded model speaks. Each is looked at before llama.cpp sees it."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.confined.exit_diagnosis import lacks_memory
from app.engine.engine import EngineError, ModelFileError, NotEnoughMemoryError
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.model import LlamaModel
from app.engine.llama.loading.model_file import ModelFile, read_part
from app.engine.requests import Adapter
from app.gguf.model_header import ModelHeader, Tensor
from app.gguf.quantization import TENSOR_TYPES

STRONGEST: Final = 2.0
_CHOOSE_ANOTHER: Final = "Remove the adapter {name} from this conversation, or choose another."
_HALVES: Final = (".lora_a", ".lora_b")
_NOT_COMPUTED: Final = range(24, 29)
"""ggml's whole numbers and those of 64 bits: no matrix is multiplied with them."""
_ALPHA: Final = "adapter.lora.alpha"
_INVOCATION: Final = "adapter.alora.invocation_tokens"


@dataclass(frozen=True, slots=True)
class WornAdapters:
    """Adapters in memory, with their scales. They belong to their model, which frees them."""

    pointers: tuple[api.llama_adapter_lora_p, ...]
    scales: tuple[float, ...]

    def put_on(self, context: api.llama_context_p) -> None:
        """Let all that `context` evaluates from now on be changed by them: its memory must be empty."""
        if not self.pointers:
            return
        count = len(self.pointers)
        pointers = (api.llama_adapter_lora_p_ctypes * count)(*self.pointers)
        scales = (ctypes.c_float * count)(*self.scales)
        if api.llama_set_adapters_lora(context, pointers, count, scales):  # pyright: ignore[reportUnknownMemberType] - ctypes' arrays
            raise EngineError("The adapters of this conversation could not be used.", next_step="Remove them from it.")


def inspect_adapters(adapters: Sequence[Adapter], model: ModelFile) -> None:
    """Look whether these are adapters for `model`. Raises `ModelFileError`, or `EngineError` for a wrong strength."""
    for adapter in adapters:
        if not 0.0 <= adapter.scale <= STRONGEST:  # nor is this true of what is no number
            raise EngineError(
                "The strength of the adapter {name} must be from 0 to {strongest}, and is {scale}.",
                next_step="Change it in this conversation.",
                name=adapter.name,
                strongest=f"{STRONGEST:g}",
                scale=f"{adapter.scale:g}",
            )
        _check_header(adapter, _read(adapter), model)


def load_adapters(adapters: Sequence[Adapter], model: LlamaModel, log: LibraryLog) -> WornAdapters:
    """Bring adapters that were inspected into memory, before `model` gets a context: its graph has to hold them.

    Raises `ModelFileError`, or `NotEnoughMemoryError`, with what llama.cpp said as details.
    """
    pointers = tuple(_load(adapter, model, log) for adapter in adapters)
    return WornAdapters(pointers, tuple(adapter.scale for adapter in adapters))


def _load(adapter: Adapter, model: LlamaModel, log: LibraryLog) -> api.llama_adapter_lora_p:
    log.forget()
    pointer = api.llama_adapter_lora_init(model.pointer, os.fsencode(adapter.path))
    if pointer:
        return pointer
    if lacks_memory(log.complaints):
        raise NotEnoughMemoryError(
            "There is not enough memory for the adapter {name}.",
            next_step="Close other programs, or remove the adapter from this conversation.",
            details=log.complaints,
            name=adapter.name,
        )
    raise _refusal(adapter, "{name} does not fit this model: it was made for another one.", details=log.complaints)


def _read(adapter: Adapter) -> ModelHeader:
    try:
        return read_part(adapter.path)
    except ModelFileError as error:  # the sentence is right; what to do is not
        raise ModelFileError(
            error.message,
            next_step=_CHOOSE_ANOTHER,
            details=error.details,
            **error.values | {"name": adapter.name},
        ) from error


def _check_header(adapter: Adapter, header: ModelHeader, model: ModelFile) -> None:
    kind, architecture = header.text("adapter.type") or "?", header.architecture or "?"
    if header.kind != "adapter":
        raise _refusal(adapter, "{name} is not an adapter.")
    if kind != "lora":
        raise _refusal(adapter, "{name} is an adapter of the kind “{kind}”, which Paddock does not know.", kind=kind)
    if architecture != model.architecture:
        raise _refusal(
            adapter,
            "{name} is an adapter for models of the kind {architecture}, and {model} is of the kind {other}.",
            architecture=architecture,
            model=model.name,
            other=model.architecture,
        )
    if _INVOCATION in header.metadata:  # worn all the time it would do what it was not made for
        raise _refusal(adapter, "{name} is an adapter that only some words switch on, which Paddock does not do.")
    alpha = header.metadata.get(_ALPHA, 0.0)
    if not isinstance(alpha, float) or not math.isfinite(alpha) or not _can_be_computed(header, model.header):
        raise _refusal(adapter, "{name} is damaged: what it says of itself does not add up.")


def _can_be_computed(header: ModelHeader, model: ModelHeader) -> bool:
    """Whether there is something to compute with, of types that can be, in the layers that the model has of it.

    llama.cpp looks at rows and columns itself, and dies later of the rest.
    """
    layers = {tensor.name: _layers(tensor) for tensor in model.tensors}  # of the first part only, when it has several
    halves = [tensor for tensor in header.tensors if tensor.name.endswith(_HALVES)]
    return bool(halves) and all(
        half.kind in TENSOR_TYPES
        and half.kind not in _NOT_COMPUTED
        and layers.get(half.name[: -len(_HALVES[0])], _layers(half)) == _layers(half)
        for half in halves
    )


def _layers(tensor: Tensor) -> tuple[int, ...]:
    """Of how many matrices a tensor is made: more than one where a model has experts."""
    return tuple(count for count in tensor.dimensions[2:] if count != 1)


def _refusal(adapter: Adapter, message: str, *, details: str = "", **values: object) -> ModelFileError:
    return ModelFileError(message, next_step=_CHOOSE_ANOTHER, details=details, name=adapter.name, **values)
