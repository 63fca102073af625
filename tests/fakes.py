"""An engine for tests that need one and not its model: it writes what a test told it to, in no time; and receipts."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from app.conversation import FinishReason, ModelIdentity, Receipt
from app.engine.engine import EngineDiedError, EngineError, InterruptedLoadError, PromptTooLongError, ReportLoad
from app.engine.events import (
    Concession,
    GenerationEvent,
    GenerationFinished,
    LoadedModel,
    LoadProgress,
    PieceGenerated,
    PromptDescription,
    PromptEvaluated,
    PromptProgress,
    ReasoningGenerated,
    TokenSpan,
    WarmingEvent,
)
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest

_PATIENCE_S = 20.0
_RECEIPT = Receipt(
    model=ModelIdentity("Fake"),
    template_sha256=None,
    sampling={},
    seed=42,
    engine_build="fake",
    device="CPU",
    n_ctx=4096,
    threads=1,
    tokens_in=9,
    tokens_out=2,
    reused=4,
    evaluated=5,
    left_out_messages=0,
    timings={"prompt": 0.1, "generation": 0.2, "first_token": 0.1},
)


def receipt(**changes: Any) -> Receipt:  # noqa: ANN401 - the fields of a receipt
    """A receipt of which only `changes` matter."""
    return replace(_RECEIPT, **changes)


class Pause:
    """A place in a reply where the engine waits until the test goes on, or somebody interrupts."""

    def __init__(self) -> None:
        """Wait when it is reached."""
        self.reached = threading.Event()
        self._may_go_on = threading.Event()

    def go_on(self) -> None:
        """Let the engine write on."""
        self._may_go_on.set()

    @property
    def is_over(self) -> bool:
        """Whether somebody let the engine go on, or interrupted it."""
        return self._may_go_on.is_set()

    def wait(self, interruption: Interruption) -> None:
        """Be reached."""
        interruption.when_requested(self._may_go_on.set)
        self.reached.set()
        assert self._may_go_on.wait(_PATIENCE_S), "a test left the fake engine waiting in a Pause"


@dataclass(frozen=True, slots=True)
class Thought:
    """Something the engine thinks before it answers."""

    text: str


@dataclass(frozen=True, slots=True)
class _Script:
    """One reply: pieces, pauses, and an error or a reason at its end."""

    steps: Sequence[str | Thought | Pause | EngineError]
    reason: FinishReason = FinishReason.STOP
    dies: bool = False


Loading: TypeAlias = Callable[[LoadRequest], EngineError | Pause | None]


@dataclass
class FakeEngine:
    """Fulfils `Engine` without a model. Replies come from a queue; without one it writes "Hello".

    `requests`, `loads`, `warmed`, `kept` and `unloads` are what was asked of it; `closed` whether `close` was called.
    """

    requests: list[GenerationRequest] = field(default_factory=list[GenerationRequest])
    loads: list[LoadRequest] = field(default_factory=list[LoadRequest])
    warmed: list[PromptRequest] = field(default_factory=list[PromptRequest])
    kept: list[str] = field(default_factory=list[str])
    unloads: int = 0
    closed: bool = False
    n_ctx: int = 4096
    has_template: bool = True
    device: str = "CPU"
    concessions: tuple[Concession, ...] = ()
    reasoning_efforts: tuple[str, ...] = ()
    _scripts: deque[_Script] = field(default_factory=deque[_Script])
    _load_scripts: deque[EngineError | Pause] = field(default_factory=deque["EngineError | Pause"])
    _count_scripts: deque[Pause] = field(default_factory=deque[Pause])
    _warm_scripts: deque[EngineError | Pause] = field(default_factory=deque["EngineError | Pause"])
    _keep_scripts: deque[Pause] = field(default_factory=deque[Pause])
    _loaded: LoadRequest | None = None

    def will_stream(self, *steps: str | Thought | Pause, reason: FinishReason = FinishReason.STOP) -> None:
        """Write these pieces in the next reply, and wait at each `Pause`."""
        self._scripts.append(_Script(steps, reason))

    def will_fail(self, error: EngineError, *before: str | Pause) -> None:
        """Fail with `error` in the next reply, after the pieces `before`; without any, before the prompt is read."""
        self._scripts.append(_Script((*before, error)))

    def will_die(self, *before: str | Pause) -> None:
        """End as if the process had crashed, after the pieces `before`; the model is gone then."""
        died = EngineDiedError("The engine crashed.", next_step="Send your message again.", details="exit code -11")
        self._scripts.append(_Script((*before, died), dies=True))

    def will_fail_to_load(self, error: EngineError) -> None:
        """Fail the next load with `error`."""
        self._load_scripts.append(error)

    def will_pause_while_loading(self, pause: Pause) -> None:
        """Wait in the middle of the next load."""
        self._load_scripts.append(pause)

    def will_pause_while_warming(self, pause: Pause) -> None:
        """Wait in the middle of the next reading ahead."""
        self._warm_scripts.append(pause)

    def will_pause_while_keeping(self, pause: Pause) -> None:
        """Wait in the middle of the next keeping."""
        self._keep_scripts.append(pause)

    def will_die_while_warming(self) -> None:
        """End as if the process had crashed in the next reading ahead."""
        self._warm_scripts.append(EngineDiedError("The engine crashed."))

    def will_pause_while_counting(self, pause: Pause) -> None:
        """Wait in the middle of the next counting."""
        self._count_scripts.append(pause)

    def die(self) -> None:
        """End as if the process had been killed while it had nothing to do."""
        self._loaded = None

    @property
    def loaded(self) -> LoadRequest | None:
        """What the last load that ended well asked for."""
        return self._loaded

    @property
    def process_id(self) -> int | None:
        """None: it runs in this process."""
        return None

    def load(self, request: LoadRequest, report: ReportLoad, interruption: Interruption) -> LoadedModel:
        """Load nothing, and say that all went well unless the test wants otherwise."""
        self.loads.append(request)
        self._loaded = None
        report(LoadProgress(0.0))
        script = self._load_scripts.popleft() if self._load_scripts else None
        if isinstance(script, EngineError):
            raise script
        if isinstance(script, Pause):
            script.wait(interruption)
        if interruption.requested:
            raise InterruptedLoadError("The model was not loaded: you stopped it.")
        report(LoadProgress(1.0))
        self._loaded = request
        return self._describe(request)

    def generate(
        self, request: GenerationRequest, interruption: Interruption
    ) -> Generator[GenerationEvent, None, None]:
        """Write the next reply of the queue."""
        self.requests.append(request)
        script = self._scripts.popleft() if self._scripts else _Script(("Hello",))
        return self._play(script, request, interruption)

    def warm(self, request: PromptRequest, interruption: Interruption) -> Generator[WarmingEvent, None, None]:
        """Note what was to be read ahead, and say that it was."""
        self.warmed.append(request)
        words = count_words(request)
        script = self._warm_scripts.popleft() if self._warm_scripts else None
        if isinstance(script, EngineError):
            self._loaded = None
            raise script
        if script is not None:
            script.wait(interruption)
        if not interruption.requested:
            yield PromptEvaluated(words, 0, words)

    def describe_prompt(self, request: PromptRequest) -> PromptDescription:
        """Count words for tokens."""
        if self._count_scripts:
            self._count_scripts.popleft().wait(Interruption())
        words = [len(message.content.split()) for message in request.messages]
        if words[-1] >= self.n_ctx:
            raise PromptTooLongError(
                "Your message is {tokens} tokens long; the context window holds {n_ctx}.",
                tokens=words[-1],
                n_ctx=self.n_ctx,
            )
        left_out = self.left_out(request)
        seen = [0 if i in left_out else count for i, count in enumerate(words)]
        places = enumerate(itertools.pairwise(itertools.accumulate(seen, initial=0)))
        spans = [TokenSpan(i, begin, end) for i, (begin, end) in places if i not in left_out]
        text = "\n".join(message.content for i, message in enumerate(request.messages) if i not in left_out)
        tokens = tuple(range(sum(seen) or 1))
        return PromptDescription(text, tokens, tuple(spans), left_out, self.n_ctx, min(1024, self.n_ctx // 4))

    def left_out(self, request: PromptRequest) -> tuple[int, ...]:
        """Which messages fall out: the oldest, until the others fit; the last stays."""
        words = [len(message.content.split()) for message in request.messages]
        fitting = (fallen for fallen in range(len(words)) if sum(words[fallen:]) < self.n_ctx)
        return tuple(range(next(fitting, len(words) - 1)))

    def keep(self, conversation: str, interruption: Interruption) -> None:
        """Note whose state was kept: not where that was cut short."""
        if self._keep_scripts:
            self._keep_scripts.popleft().wait(interruption)
            if interruption.requested:
                return
        self.kept.append(conversation)

    def unload(self) -> None:
        """Forget the model."""
        self.unloads += 1
        self._loaded = None

    def close(self) -> None:
        """End for good."""
        self.closed = True
        self._loaded = None

    def _play(
        self, script: _Script, request: GenerationRequest, interruption: Interruption
    ) -> Generator[GenerationEvent, None, None]:
        if not script.dies and script.steps and isinstance(error := script.steps[0], EngineError):
            raise error
        prompt = count_words(request.prompt)
        if interruption.requested:
            yield self._finished(FinishReason.CANCELLED, request, prompt, tokens=0)
            return
        yield PromptProgress(prompt, prompt)
        yield PromptEvaluated(prompt, 0, prompt, self.left_out(request.prompt))
        tokens = 0
        for step in script.steps:
            if isinstance(step, EngineError):
                self._loaded = None if script.dies else self._loaded
                raise step
            if isinstance(step, Pause):
                step.wait(interruption)
            else:
                tokens += 1
                yield (
                    ReasoningGenerated(step.text, (tokens,))
                    if isinstance(step, Thought)
                    else PieceGenerated(step, (tokens,))
                )
            if interruption.requested:
                yield self._finished(FinishReason.CANCELLED, request, prompt, tokens)
                return
        yield self._finished(script.reason, request, prompt, tokens)

    def _finished(
        self, reason: FinishReason, request: GenerationRequest, prompt: int, tokens: int
    ) -> GenerationFinished:
        seed = _RECEIPT.seed if request.sampling.seed is None else request.sampling.seed
        written = receipt(
            sampling=_sampling(request),
            seed=seed,
            n_ctx=self.n_ctx,
            tokens_in=prompt,
            tokens_out=tokens,
            reused=0,
            evaluated=prompt,
        )
        rate = 20.0 if tokens > 1 else None
        return GenerationFinished(
            reason, tokens, written, tokens_per_s=rate, time_to_first_token_s=0.1 if rate else None
        )

    def _describe(self, request: LoadRequest) -> LoadedModel:
        return LoadedModel(
            path=str(request.path),
            name=request.path.stem,
            n_ctx=min(self.n_ctx, request.settings.context),
            n_ctx_train=8192,
            threads=1,
            device=self.device,
            engine_build="fake",
            has_template=self.has_template,
            concessions=self.concessions,
            reasoning_efforts=self.reasoning_efforts,
        )


def count_words(request: PromptRequest) -> int:
    """Count what stands for tokens here; a prompt has at least one."""
    return sum(len(message.content.split()) for message in request.messages) or 1


def _sampling(request: GenerationRequest) -> dict[str, float | int]:
    used: dict[str, float | int] = {"temperature": request.sampling.temperature}
    if request.sampling.max_tokens is not None:
        used["max_tokens"] = request.sampling.max_tokens
    return used
