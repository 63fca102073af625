"""`bench`: how fast a model reads and writes on this machine, and how fast it could."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from app.chat.model_choice import model_for, settings_for
from app.cli.bench_report import Speeds, print_speeds, speeds_json
from app.cli.bench_rounds import DECODED_TOKENS, BenchRounds, Timed, story_request
from app.cli.memory_speed import memory_bytes_per_s
from app.cli.printing import print_json
from app.confined.process import own_command
from app.engine.bare_loop import BareLoop, bare_loop_order
from app.engine.child_process import engine_environment
from app.engine.engine import PromptTooLongError
from app.engine.requests import LoadRequest
from app.hardware import performance_cores
from app.models.installed import InstalledModel
from app.parts import Parts
from app.settings.arguments import settings_from_arguments
from app.translation import tr

_PROMPTS: Final = 3
_PAIRS: Final = 5
_REPETITIONS: Final = 3


@dataclass(slots=True)
class _Figures:
    """What was measured, in the order it was."""

    memory_bytes_per_s: float = 0.0
    prompt: list[float | None] = field(default_factory=list[float | None])
    decode: list[float | None] = field(default_factory=list[float | None])
    loop: list[float | None] = field(default_factory=list[float | None])
    plain: list[Timed] = field(default_factory=list[Timed])
    guessed: list[Timed] = field(default_factory=list[Timed])


def bench(parts: Parts, arguments: argparse.Namespace) -> int:
    """Measure, print, and give 0."""
    wanted: str | None = arguments.model
    model = model_for(parts.models, parts.store, None) if wanted is None else parts.models.find(wanted)
    settings = settings_from_arguments(arguments, settings_for(model, parts.settings)).load
    # As many threads as the bare loop has, all the time: only then do both measure the same.
    settings = replace(settings, threads=settings.threads or performance_cores())
    load = LoadRequest(model.present_path(), settings, template=model.template_source)
    speeds = _speeds(model, _measure(parts, load, _Progress(_PROMPTS + _PAIRS + _REPETITIONS + 1)))
    if arguments.json:
        print_json(speeds_json(speeds))
    else:
        print_speeds(speeds)
    return 0


class _Progress:
    """Says on a terminal how far it is."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0

    def step(self) -> None:
        self._done += 1
        self._say(tr("Measuring: {done} of {steps}", done=self._done, steps=self._steps))

    def end(self) -> None:
        self._say("")

    def _say(self, words: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K" + words)
            sys.stderr.flush()


def _measure(parts: Parts, load: LoadRequest, progress: _Progress) -> _Figures:
    figures = _Figures()
    try:
        progress.step()
        figures.memory_bytes_per_s = memory_bytes_per_s(load.settings.threads or 1)
        parts.engine.start()
        rounds = BenchRounds(parts.engine, load)
        rounds.load()
        rounds.story()  # the first reply warms everything up
        for number in range(_PROMPTS):
            progress.step()
            figures.prompt.append(rounds.prompt(number).prompt_tokens_per_s)
        with _bare_loop(parts, load) as loop:
            loop.measure()
            for number in range(_PAIRS):
                progress.step()
                _pair(figures, rounds, loop, number)
        with suppress(PromptTooLongError):  # a small context window: then there is no such figure
            for _ in range(_REPETITIONS):
                progress.step()
                figures.plain.append(rounds.repetition(guesses=False))
                figures.guessed.append(rounds.repetition(guesses=True))
    finally:
        progress.end()
    return figures


def _bare_loop(parts: Parts, load: LoadRequest) -> BareLoop:
    environment = engine_environment(load.settings.engine_build, parts.paths.engines)
    order = bare_loop_order(load, story_request(), DECODED_TOKENS)
    log = parts.paths.engine_log.with_name("bare-loop.log")
    return BareLoop(own_command("--engine"), log, environment, order)


def _pair(figures: _Figures, rounds: BenchRounds, loop: BareLoop, number: int) -> None:
    """Measure the application and the loop, whichever goes first by turns: the machine is never twice the same."""
    measures: list[Callable[[], None]] = [
        lambda: figures.decode.append(rounds.story().decode_tokens_per_s),
        lambda: figures.loop.append(loop.measure()),
    ]
    for measure in measures if number % 2 else reversed(measures):
        measure()


def _speeds(model: InstalledModel, figures: _Figures) -> Speeds:
    plain = [timed.engine_tokens_per_s for timed in figures.plain]
    guessed = [timed.engine_tokens_per_s for timed in figures.guessed]
    return Speeds(
        model=model.name,
        prompt=_middle(figures.prompt),
        decode=_middle(figures.decode),
        loop=_middle(figures.loop),
        over_loop=_middle(_ratios(figures.decode, figures.loop)),
        memory_bytes=figures.memory_bytes_per_s,
        memory=figures.memory_bytes_per_s / model.size_bytes,
        lookup_gain=_middle(_ratios(guessed, plain)),
        is_same_text=_are_same(figures) if figures.plain else None,
    )


def _are_same(figures: _Figures) -> bool:
    return all(one.tokens == two.tokens for one, two in zip(figures.plain, figures.guessed, strict=True))


def _ratios(ours: Iterable[float | None], theirs: Iterable[float | None]) -> list[float | None]:
    return [one / other if one and other else None for one, other in zip(ours, theirs, strict=True)]


def _middle(figures: Iterable[float | None]) -> float | None:
    """Give the median of what there is; None when a model writes too little to be measured."""
    known = [figure for figure in figures if figure is not None]
    return median(known) if known else None
