"""Everything that belongs to one loaded model, built together and freed together."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Final

from app.engine.engine import EngineError, InterruptedLoadError, ModelFileError, ReportLoad
from app.engine.events import LoadedModel, LoadProgress
from app.engine.interruption import Interruption
from app.engine.llama.abort import AbortSwitch
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog, engine_build
from app.engine.llama.loading.adapters import inspect_adapters, load_adapters
from app.engine.llama.loading.load_choice import choose_load, where_it_went
from app.engine.llama.loading.load_plan import LoadPlan
from app.engine.llama.loading.model import (
    ContextPlan,
    LlamaModel,
    LoadStoppedError,
    create_context,
    plan_context,
    trained_limit,
)
from app.engine.llama.loading.model_file import ModelFile, inspect_model_file
from app.engine.llama.loading.paging import page_in
from app.engine.llama.loading.weights import WeightTable, read_weights
from app.engine.llama.memory.conversation_memory import ConversationMemory
from app.engine.llama.memory.kv_cache import CachePlan, KvCache
from app.engine.llama.memory.state_opening import open_states
from app.engine.llama.prompting.prompt import PromptFormat
from app.engine.llama.prompting.prompts import Prompts
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.speed.adaptive_threads import AdaptiveThreads
from app.engine.llama.speed.guessing import Guessing
from app.engine.llama.speed.guessing_opening import GuessingOpening, logits_rows
from app.engine.requests import LoadRequest

_SHARE_OF_PAGING: Final = 0.9
_MIB: Final = 1024 * 1024
_SMALLEST_STEP: Final = 0.01


@dataclass(frozen=True, slots=True)
class LoadedSet:
    """A model in memory with its context. `close` frees it, in the order that llama.cpp needs."""

    described: LoadedModel
    context: api.llama_context_p
    cache: KvCache
    memory: ConversationMemory
    vocabulary: Vocabulary
    prompts: Prompts
    guessing: Guessing
    threads: AdaptiveThreads
    abort: AbortSwitch
    resources: ExitStack

    def close(self) -> None:
        """Free everything."""
        self.resources.close()


def load_set(request: LoadRequest, report: ReportLoad, interruption: Interruption, log: LibraryLog) -> LoadedSet:
    """Load what `request` asks for, in the way that fits.

    Raises `ModelFileError`, `NotEnoughMemoryError`, `InterruptedLoadError` or another `EngineError`.
    """
    file = inspect_model_file(request.path)
    inspect_adapters(request.adapters, file)
    progress = _Progress(report)
    try:
        weights = read_weights(file)
        plan = choose_load(request, file, weights, log)
        page_in(file.parts, lambda part: progress.reach(part * _SHARE_OF_PAGING), lambda: not interruption.requested)
    except OSError as error:
        raise _unreadable(file, error) from error
    if interruption.requested:
        raise _stopped()
    loaded = _build(_Order(request, file, plan, weights, interruption, log, progress))
    if interruption.requested:
        loaded.close()
        raise _stopped()
    progress.reach(1.0)
    return loaded


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be built, and with what."""

    request: LoadRequest
    file: ModelFile
    plan: LoadPlan
    weights: WeightTable
    interruption: Interruption
    log: LibraryLog
    progress: _Progress


class _Progress:
    """Reports fractions that only grow, in steps that one can see."""

    def __init__(self, report: ReportLoad) -> None:
        self._report = report
        self._last = 0.0
        report(LoadProgress(0.0))

    def reach(self, fraction: float) -> None:
        if fraction - self._last >= _SMALLEST_STEP or fraction >= 1.0 > self._last:
            self._last = min(fraction, 1.0)
            self._report(LoadProgress(self._last))


def _build(order: _Order) -> LoadedSet:
    with order.log.listen() as heard, ExitStack() as resources:  # frees in llama.cpp's order: batch, context, weights
        model = _load_weights(order)
        resources.callback(model.free)
        vocabulary = Vocabulary(model.pointer)
        prompt_format = PromptFormat(vocabulary, order.request.template or model.chat_template())
        settings = order.request.settings
        rows = logits_rows(model.memory_kind, vocabulary, settings)
        plan = replace(plan_context(model, order.plan.choice, settings), outputs=rows)
        worn = load_adapters(order.request.adapters, model, order.log)
        context = create_context(model, plan, order.log)
        resources.callback(api.llama_free, context)
        worn.put_on(context)
        kept_bytes = settings.kept_memory_mib * _MIB
        cache_plan = CachePlan(model.memory_kind, plan.n_batch, model.sliding_window, rows, swap_bytes=kept_bytes)
        # A graphics processor answers before it has computed: how long that takes teaches nothing.
        fixed = settings.threads is not None or order.plan.choice.gpu_layers != 0
        threads = AdaptiveThreads(context, plan.threads, fixed=fixed)
        cache = KvCache(context, cache_plan, order.log, threads)
        resources.callback(cache.free)
        described = _describe(order, model, plan, prompt_format, "".join(heard))
        sha256 = prompt_format.template_sha256
        states = open_states(order.request, order.file.parts, described, sha256, resources)
        opening = GuessingOpening(order.interruption, order.log, resources)
        guessing = opening.guessing(plan, vocabulary, order.request)
        return LoadedSet(
            described=replace(described, concessions=described.concessions + opening.concessions),
            context=context,
            cache=cache,
            memory=ConversationMemory(cache, states),
            vocabulary=vocabulary,
            prompts=Prompts(prompt_format, plan.n_ctx, model.n_ctx_train),
            guessing=guessing,
            threads=threads,
            abort=AbortSwitch(context),
            resources=resources.pop_all(),
        )


def _load_weights(order: _Order) -> LlamaModel:
    def ask(fraction: float) -> bool:
        order.progress.reach(_SHARE_OF_PAGING + fraction * (0.99 - _SHARE_OF_PAGING))
        return not order.interruption.requested

    try:
        model = LlamaModel(order.file, order.plan.choice.gpu_layers, order.log, ask)
    except LoadStoppedError as error:
        raise _stopped() from error
    if model.writes_text:
        return model
    model.free()
    raise ModelFileError(
        "{name} holds a model that does not write text.",
        next_step="Choose a model for conversations.",
        name=order.file.path.name,
    )


def _describe(
    order: _Order, model: LlamaModel, plan: ContextPlan, prompt_format: PromptFormat, said: str
) -> LoadedModel:
    device, memory = where_it_went(said, order.weights)
    return LoadedModel(
        path=str(order.request.path),
        name=order.file.name,
        n_ctx=plan.n_ctx,
        n_ctx_train=model.n_ctx_train,
        threads=plan.threads,
        device=device,
        engine_build=engine_build(),
        has_template=prompt_format.has_template,
        reasoning_efforts=prompt_format.efforts,
        kv_type=plan.kv_type,
        n_batch=plan.n_batch,
        concessions=(*trained_limit(model, order.request.settings), *order.plan.concessions),
        memory=memory,
        adapters=tuple(adapter.label for adapter in order.request.adapters),
    )


def _stopped() -> InterruptedLoadError:
    return InterruptedLoadError("The model was not loaded: you stopped it.")


def _unreadable(file: ModelFile, error: OSError) -> EngineError:
    return ModelFileError(
        "{name} could not be read to its end.",
        next_step="Check the disk it lies on, or download it again.",
        details=str(error),
        name=file.path.name,
    )
