"""One reply, from the messages to its last piece."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing
from typing import Any, Final

from app.conversation import FinishReason, ModelIdentity, Receipt
from app.engine.engine import ModelFileError
from app.engine.events import GenerationEvent, GenerationFinished, PieceGenerated, PromptEvaluated, PromptProgress
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.context_window import FittedPrompt
from app.engine.llama.generation_clock import GenerationClock
from app.engine.llama.kv_cache import EvaluationAbortedError
from app.engine.llama.loaded_set import LoadedSet
from app.engine.llama.pieces import PieceMaker
from app.engine.llama.sampler import NO_TOKEN, Sampler, draw_seed, used_settings
from app.engine.llama.steps import PlainSteps, Steps
from app.engine.requests import GenerationRequest

_NOTHING: Final = FittedPrompt("", ())


class ReplyGeneration:
    """Writes one reply with a loaded model. Used once."""

    def __init__(self, loaded: LoadedSet, request: GenerationRequest, interruption: Interruption) -> None:
        """Prepare to write what `request` asks for."""
        self._loaded = loaded
        self._request = request
        self._interruption = interruption
        self._seed = draw_seed() if request.sampling.seed is None else request.sampling.seed
        self._prompt = _NOTHING
        self._reused = 0
        self._tokens = 0
        self._clock = GenerationClock()

    def events(self) -> Generator[GenerationEvent]:
        """Write it; see `Engine.generate` for what comes in which order."""
        if self._interruption.requested:
            yield self._finished(FinishReason.CANCELLED)
            return
        self._loaded.abort.arm(self._interruption)
        self._prompt = self._loaded.prompts.fit(self._request.prompt, self._request.sampling.max_tokens)
        try:
            yield from self._read_prompt()
        except EvaluationAbortedError:
            yield self._finished(FinishReason.CANCELLED)
            return
        sampling = self._request.sampling
        described, vocabulary = self._loaded.described, self._loaded.vocabulary
        grammar = self._request.grammar
        with closing(Sampler(sampling, self._seed, vocabulary, described.n_ctx_train, grammar)) as sampler:
            sampler.prime(self._prompt.tokens)
            reason = yield from self._write(sampler)
        yield self._finished(reason)

    def _read_prompt(self) -> Generator[PromptProgress | PromptEvaluated]:
        total = len(self._prompt.tokens)
        tokens, memory = self._prompt.tokens, self._loaded.memory
        memory.switch_to(self._request.prompt, tokens, self._interruption)
        slices = memory.read(tokens, boundaries=self._prompt.boundaries, proof=self._refuse_damaged_weights)
        self._reused = next(slices)
        yield PromptProgress(self._reused, total)
        for done in slices:
            self._reused = min(self._reused, done)  # what came from the disk may have been of no use
            yield PromptProgress(done, total)
            if self._interruption.requested:
                raise EvaluationAbortedError
        self._clock.prompt_was_read()
        yield PromptEvaluated(total, self._reused, total - self._reused, self._prompt.left_out, self._prompt.notes)

    def _write(self, sampler: Sampler) -> Generator[PieceGenerated, None, FinishReason]:
        vocabulary, context = self._loaded.vocabulary, self._loaded.context
        pieces = PieceMaker(vocabulary, (*self._request.stop, *self._loaded.prompts.stops))
        steps = PlainSteps(self._loaded.cache)
        limit = self._limit()
        reason = FinishReason.LENGTH
        while True:
            token = sampler.sample(context)
            if token == NO_TOKEN or vocabulary.ends_generation(token):
                reason = FinishReason.STOP
                break
            self._tokens += 1
            self._clock.token_was_chosen()
            if (piece := pieces.feed(token)) is not None:
                yield piece
            if pieces.is_stopped:
                reason = FinishReason.STOP
                break
            if self._tokens >= limit:
                break
            if not self._read(steps, token):
                reason = FinishReason.CANCELLED
                break
        if (piece := pieces.last(reason)) is not None:
            yield piece
        return reason

    def _read(self, steps: Steps, token: int) -> bool:
        """Read a token that was written; False when an interruption came."""
        if self._interruption.requested:  # a graphics processor does not look at the abort switch
            return False
        try:
            steps.read(token)
        except EvaluationAbortedError:
            return False
        self._refuse_wild_logits()
        return True

    def _limit(self) -> int:
        """How many tokens there is room for: the last one is not read into the memory any more."""
        room = self._loaded.described.n_ctx - len(self._prompt.tokens) + 1
        return min(room, self._request.sampling.max_tokens or room)

    def _refuse_damaged_weights(self) -> None:
        logits: Any = api.llama_get_logits_ith(self._loaded.context, -1)
        if math.isnan(sum(logits[: self._loaded.vocabulary.size])):
            raise self._damaged()

    def _refuse_wild_logits(self) -> None:
        """What is no number anywhere in the weights is no number in every logit: the first one tells."""
        if math.isnan(api.llama_get_logits_ith(self._loaded.context, -1)[0]):
            raise self._damaged()

    def _damaged(self) -> ModelFileError:
        self._loaded.cache.clear()
        return ModelFileError(
            "The weights in the file of {name} are damaged: the model computes no numbers.",
            next_step="Download it again.",
            name=self._loaded.described.name,
        )

    def _finished(self, reason: FinishReason) -> GenerationFinished:
        seconds = self._clock
        return GenerationFinished(
            reason,
            self._tokens,
            self._receipt(),
            tokens_per_s=seconds.tokens_per_s(self._tokens),
            time_to_first_token_s=seconds.first_token_s if self._tokens > 1 else None,
        )

    def _receipt(self) -> Receipt:
        described = self._loaded.described
        return Receipt(
            model=ModelIdentity(described.name),
            template_sha256=self._loaded.prompts.template_sha256,
            sampling=used_settings(self._request.sampling),
            seed=self._seed,
            engine_build=described.engine_build,
            device=described.device,
            n_ctx=described.n_ctx,
            threads=described.threads,
            tokens_in=len(self._prompt.tokens),
            tokens_out=self._tokens,
            reused=self._reused,
            evaluated=self._evaluated(),
            left_out_messages=len(self._prompt.left_out),
            timings=self._clock.timings(),
            adapters=described.adapters,
            n_batch=described.n_batch,
        )

    def _evaluated(self) -> int:
        """How many tokens of the prompt were really read: fewer than all of the rest when it was stopped half-way."""
        there = min(len(self._loaded.cache.tokens), len(self._prompt.tokens))
        return max(0, there - self._reused)
