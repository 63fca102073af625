"""One reply, from the messages to its last piece."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Final

from app.conversation import FinishReason, ModelIdentity, Receipt
from app.engine.events import GenerationEvent, GenerationFinished, PromptEvaluated, PromptProgress
from app.engine.interruption import Interruption
from app.engine.llama.loading.loaded_set import LoadedSet
from app.engine.llama.memory.kv_cache import EvaluationAbortedError
from app.engine.llama.prompting.context_window import FittedPrompt
from app.engine.llama.prompting.prompt_tokens import PromptInterruptedError
from app.engine.llama.reply.branching import BranchedPrompt, branched_prompt
from app.engine.llama.reply.damaged_weights import refuse_damaged_weights
from app.engine.llama.reply.generation_clock import GenerationClock
from app.engine.llama.reply.pieces import Piece, PieceMaker
from app.engine.llama.reply.reasoning import parser_behind
from app.engine.llama.reply.writing import Writing
from app.engine.llama.sampling.sampler import Sampler, draw_seed, used_settings
from app.engine.llama.speed.steps import PlainSteps, Steps
from app.engine.requests import GenerationRequest, PromptRequest
from app.settings.values import ReasoningSettings

_PROMPTS_END: Final = 64
"""How many tokens at a prompt's end tell whether it opens a reasoning."""


class ReplyGeneration:
    """Writes one reply with a loaded model. Used once."""

    def __init__(self, loaded: LoadedSet, request: GenerationRequest, interruption: Interruption) -> None:
        """Prepare to write what `request` asks for."""
        self._loaded = loaded
        self._request = request
        self._interruption = interruption
        self._seed = draw_seed() if request.sampling.seed is None else request.sampling.seed
        self._start = BranchedPrompt(FittedPrompt("", ()))
        self._reused = 0
        self._tokens = 0
        self._clock = GenerationClock()

    def events(self) -> Generator[GenerationEvent]:
        """Write it; see `Engine.generate` for what comes in which order."""
        if self._interruption.requested:
            yield self._finished(FinishReason.CANCELLED)
            return
        self._loaded.abort.arm(self._interruption)
        try:
            with self._loaded.prompts.until(self._interruption):
                self._start = self._fit()
        except PromptInterruptedError:
            yield self._finished(FinishReason.CANCELLED)
            return
        with self._exactly():
            try:
                yield from self._read_prompt()
            except EvaluationAbortedError:
                yield self._finished(FinishReason.CANCELLED)
                return
            reason = yield from self._write()
        yield self._finished(reason)

    def _fit(self) -> BranchedPrompt:
        request = self._request.prompt
        if self._request.branch is not None:
            return branched_prompt(self._loaded, request, self._request.branch)
        return BranchedPrompt(self._loaded.prompts.fit(request))

    @contextmanager
    def _exactly(self) -> Generator[None]:
        """Let a repetition have an empty memory, and the threads that it had.

        A seed that somebody chose is a wish to have the same again: then the number of threads does not change.
        """
        repetition, threads = self._request.repetition, self._loaded.threads
        threads.forget_runs()
        if repetition is not None:
            self._loaded.memory.switch_to(PromptRequest(()), (), self._interruption)
            self._loaded.cache.clear()
            with threads.repeating(repetition.thread_runs or ((repetition.threads, 1),)):
                yield
        elif self._request.sampling.seed is not None:
            with threads.repeating(((self._loaded.described.threads, 1),)):
                yield
        else:
            yield

    def _read_prompt(self) -> Generator[PromptProgress | PromptEvaluated]:
        prompt, repetition, memory = self._start.prompt, self._request.repetition, self._loaded.memory
        total = len(prompt.tokens)
        if repetition is None:
            memory.switch_to(self._request.prompt, prompt.tokens, self._interruption)
        slices = memory.read(
            prompt.tokens,
            boundaries=prompt.boundaries,
            slice_tokens=(lambda: repetition.n_batch) if repetition and repetition.n_batch else None,
            proof=lambda: refuse_damaged_weights(self._loaded),
        )
        self._reused = next(slices)
        yield PromptProgress(self._reused, total)
        for done in slices:
            self._reused = min(self._reused, done)  # what came from the disk may have been of no use
            yield PromptProgress(done, total)
            if self._interruption.requested:
                raise EvaluationAbortedError
        self._clock.prompt_was_read()
        yield PromptEvaluated(total, self._reused, total - self._reused, prompt.left_out, prompt.notes)

    def _write(self) -> Generator[Piece, None, FinishReason]:
        described, vocabulary, request = self._loaded.described, self._loaded.vocabulary, self._request
        pieces = self._pieces()
        with (
            closing(self._steps()) as steps,
            closing(
                Sampler(request.sampling, self._seed, vocabulary, described.n_ctx_train, request.grammar)
            ) as sampler,
            closing(Writing(self._loaded, request, pieces, sampler, steps)) as writing,
        ):
            sampler.prime(self._start.prompt.tokens)
            yield from writing.keep(self._start.kept, request.branch.choices if request.branch else ())
            reason = FinishReason.STOP
            if not self._start.has_ended:
                reason = yield from writing.events(self._limit(), self._clock, self._interruption)
            self._tokens = writing.tokens
            yield from pieces.last(reason)
        return reason

    def _steps(self) -> Steps:
        """Guess ahead, unless the same is to come again: what is read together is computed a little differently."""
        loaded = self._loaded
        if self._request.repetition is not None or self._request.sampling.seed is not None:
            return PlainSteps(loaded.cache)
        name = self._request.prompt.conversation
        return loaded.guessing.steps(loaded.cache, loaded.context, name, self._interruption)

    def _pieces(self) -> PieceMaker:
        """Make the pieces of what comes behind the prompt, which may end in the middle of a reply."""
        vocabulary, request = self._loaded.vocabulary, self._request.prompt
        unfinished = request.messages[-1] if request.continues_reply and self._request.branch is None else None
        before = self._start.before_reply
        if unfinished is None:
            spans = self._start.prompt.spans
            words_end = spans[-1].end if spans else 0  # what a user wrote opens no reasoning
            before = before[max(words_end, len(before) - _PROMPTS_END) :]
        text = b"".join(vocabulary.name(token) for token in before)
        parser = parser_behind(text.decode("utf-8", errors="replace"), unfinished)
        pieces = PieceMaker(vocabulary, (*self._request.stop, *self._loaded.prompts.stops), parser)
        if unfinished is not None:
            pieces.goes_on_after(text)
        return pieces

    def _limit(self) -> int:
        """How many tokens there is room for: the last one is not read into the memory any more."""
        room = self._loaded.described.n_ctx - len(self._start.prompt.tokens) + 1
        return min(room, self._request.sampling.max_tokens or room)

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
            sampling=used_settings(self._request.sampling) | _used_beside(self._request),
            seed=self._seed,
            engine_build=described.engine_build,
            device=described.device,
            n_ctx=described.n_ctx,
            threads=described.threads,
            tokens_in=len(self._start.prompt.tokens),
            tokens_out=self._tokens,
            reused=self._reused,
            evaluated=self._evaluated(),
            left_out_messages=len(self._start.prompt.left_out),
            timings=self._clock.timings(),
            adapters=described.adapters,
            n_batch=described.n_batch,
            thread_runs=self._loaded.threads.runs,
            kv_type=described.kv_type,
        )

    def _evaluated(self) -> int:
        """How many tokens of the prompt were really read: fewer than all of the rest when it was stopped half-way."""
        there = min(len(self._loaded.cache.tokens), len(self._start.prompt.tokens))
        return max(0, there - self._reused)


def _used_beside(request: GenerationRequest) -> dict[str, float | int | str]:
    """Give what else decided which words came: how the reasoning was led, and a mark of the grammar."""
    used: dict[str, float | int | str] = {}
    if request.prompt.reasoning.effort != ReasoningSettings().effort:
        used["reasoning_effort"] = request.prompt.reasoning.effort
    if request.prompt.reasoning.budget is not None:
        used["reasoning_budget"] = request.prompt.reasoning.budget
    if request.grammar is not None:
        used["grammar_sha256"] = hashlib.sha256(request.grammar.text.encode("utf-8", "replace")).hexdigest()
    return used
