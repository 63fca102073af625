"""A model file in memory, and the context in which it reads and writes."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from app.confined.exit_diagnosis import lacks_memory
from app.engine.engine import EngineError, ModelFileError, NotEnoughMemoryError
from app.engine.events import Concession
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.load_plan import Choice
from app.engine.llama.loading.model_file import ModelFile
from app.engine.smaller_context import half_the_context
from app.hardware import performance_cores
from app.memory.kv_type import KvType
from app.memory.slices import slice_tokens
from app.settings.values import LoadSettings

_FLASH_ATTENTION_AUTO: Final = -1

AskToGoOn: TypeAlias = Callable[[float], bool]


class MemoryKind(Enum):
    """What a model's memory of a prompt allows."""

    DENSE = auto()
    """Every token is kept: any beginning can be reused."""
    SLIDING = auto()
    """Some layers keep only a window of the last tokens."""
    RECURRENT = auto()
    """One state for all that was read: it can only go on."""


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """What a context is made with. A prompt is read in slices of `n_batch` tokens.

    An evaluation gives at most `outputs` rows of logits: each takes memory for all tokens that there are.
    """

    n_ctx: int
    n_batch: int
    threads: int
    kv_type: KvType = KvType.F16
    outputs: int = 1


class LlamaModel:
    """The weights of one model file. `free` it after its contexts."""

    def __init__(self, file: ModelFile, gpu_layers: int, log: LibraryLog, ask: AskToGoOn) -> None:
        """Load `file`; `ask` is told fractions and answers False to stop, which then raises `LoadStoppedError`.

        Raises `ModelFileError`, or `NotEnoughMemoryError`, with what llama.cpp said as details.
        """
        stopped: list[bool] = []

        def go_on(fraction: float, _user_data: object) -> bool:
            wanted = ask(fraction)
            if not wanted:
                stopped.append(True)
            return wanted

        parameters = model_parameters(gpu_layers)
        parameters.progress_callback = callback = api.llama_progress_callback(go_on)
        log.forget()
        pointer = api.llama_model_load_from_file(os.fsencode(file.path), parameters)
        del callback  # it had to live as long as the load
        if not pointer:
            raise LoadStoppedError if stopped else load_error(file, log.complaints)
        self.pointer = pointer

    @property
    def n_ctx_train(self) -> int:
        """How long the texts were that it was trained on, in tokens."""
        return api.llama_model_n_ctx_train(self.pointer)

    @property
    def weights(self) -> int:
        """How many numbers it is made of."""
        return api.llama_model_n_params(self.pointer)

    @property
    def sliding_window(self) -> int:
        """How many tokens its sliding layers see; 0 when it has none."""
        return api.llama_model_n_swa(self.pointer)

    @property
    def memory_kind(self) -> MemoryKind:
        """What its memory allows."""
        if api.llama_model_is_recurrent(self.pointer) or api.llama_model_is_hybrid(self.pointer):
            return MemoryKind.RECURRENT
        return MemoryKind.SLIDING if self.sliding_window > 0 else MemoryKind.DENSE

    @property
    def writes_text(self) -> bool:
        """Whether it writes one token after the other, as all that Paddock runs do."""
        return (
            api.llama_model_has_decoder(self.pointer)
            and not api.llama_model_has_encoder(self.pointer)
            and not api.llama_model_is_diffusion(self.pointer)
        )

    def chat_template(self) -> str:
        """Give the source of the chat template, or an empty text."""
        source = api.llama_model_chat_template(self.pointer, None)
        return source.decode("utf-8", errors="replace") if source else ""

    def free(self) -> None:
        """Give the memory back."""
        api.llama_model_free(self.pointer)


class LoadStoppedError(Exception):
    """The load ended because it was asked to."""


def model_parameters(gpu_layers: int) -> api.llama_model_params:
    """Give what a model is loaded with. With no layers on them the graphics processors are not used at all."""
    parameters = api.llama_model_default_params()
    parameters.n_gpu_layers = gpu_layers
    if not gpu_layers:
        parameters.devices = ctypes.cast(_NO_DEVICES, ctypes.c_void_p)  # pyright: ignore[reportAttributeAccessIssue] - it is one
    return parameters


_NO_DEVICES: Final = (ctypes.c_void_p * 1)(None)
"""A list that ends at once."""


def plan_context(model: LlamaModel, choice: Choice, settings: LoadSettings) -> ContextPlan:
    """Say what a context of `model` is made with: never longer than what the model was trained on."""
    trained = model.n_ctx_train
    n_ctx = min(choice.n_ctx, trained) if trained > 0 else choice.n_ctx
    n_batch = slice_tokens(model.weights, choice.gpu_layers)
    return ContextPlan(n_ctx, min(n_batch, n_ctx), settings.threads or performance_cores(), choice.kv_type)


def trained_limit(model: LlamaModel, settings: LoadSettings) -> tuple[Concession, ...]:
    """Say that a context window was chosen that is longer than what the model was trained on, if it was."""
    trained = model.n_ctx_train
    if settings.context == LoadSettings().context or not 0 < trained < settings.context:
        return ()
    said = "The model was made for at most {trained} tokens: its context window is not made longer."
    return (Concession(said, {"trained": f"{trained:,}"}),)


def context_parameters(plan: ContextPlan) -> api.llama_context_params:
    """Give what a context is made with. Only a few tokens' logits are kept, which saves hundreds of MiB."""
    parameters = api.llama_context_default_params()
    parameters.n_ctx = plan.n_ctx
    parameters.n_batch = parameters.n_ubatch = plan.n_batch
    parameters.n_seq_max = 1
    parameters.n_outputs_max = plan.outputs
    parameters.n_threads = parameters.n_threads_batch = plan.threads
    parameters.flash_attn_type = _FLASH_ATTENTION_AUTO  # a KV cache of less than 16 bits switches it on
    parameters.type_k = parameters.type_v = plan.kv_type.ggml_type
    parameters.swa_full = False
    return parameters


def create_context(model: LlamaModel, plan: ContextPlan, log: LibraryLog) -> api.llama_context_p:
    """Make the context of `plan`. Raises `NotEnoughMemoryError`, or another `EngineError`."""
    log.forget()
    context = api.llama_init_from_model(model.pointer, context_parameters(plan))
    if not context:
        raise _context_error(plan, log.complaints)
    return context


def load_error(file: ModelFile, complaints: str) -> EngineError:
    """Say why llama.cpp did not load `file`, going by what it complained of."""
    if lacks_memory(complaints):
        return NotEnoughMemoryError(
            "There is not enough memory for {name}.",
            next_step="Close other programs, or choose a smaller model.",
            details=complaints,
            name=file.path.name,
        )
    if "unknown model architecture" in complaints:
        return ModelFileError(
            "{name} holds a model of the kind {architecture}, which this Paddock does not know.",
            next_step="Look for a newer Paddock, or choose another model.",
            details=complaints,
            name=file.path.name,
            architecture=file.architecture,
        )
    return ModelFileError(
        "{name} could not be loaded: llama.cpp refuses it.",
        next_step="Download it again, or choose another file of this model.",
        details=complaints,
        name=file.path.name,
    )


def _context_error(plan: ContextPlan, complaints: str) -> EngineError:
    if lacks_memory(complaints):
        smaller = half_the_context(plan.n_ctx)
        return NotEnoughMemoryError(
            "There is not enough memory for a context window of {n_ctx} tokens.",
            next_step=(
                "Try with {smaller} tokens of context, or choose a smaller model."
                if smaller
                else "Close other programs, or choose a smaller model."
            ),
            details=complaints,
            n_ctx=f"{plan.n_ctx:,}",
            smaller=f"{smaller:,}",
        )
    return EngineError(
        "The model was loaded but cannot be used.",
        next_step="Choose another file of this model.",
        details=complaints,
    )
