"""`bench`: how fast a model reads and writes on this machine, and how fast it could."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from app.chat.model_choice import model_for, settings_for
from app.cli.answer_notices import say_concessions
from app.cli.bench_lookup import LookupDifference, lookup_difference
from app.cli.bench_report import Speeds, print_speeds, speeds_json
from app.cli.bench_rounds import DECODED_TOKENS, BenchRounds, Timed, story_request
from app.cli.interrupt import first_interrupt
from app.cli.printing import print_json, print_notice
from app.confined.process import own_command
from app.engine.bare_loop import BareLoop, bare_loop_order
from app.engine.child_process import engine_environment
from app.engine.engine import PromptTooLongError
from app.engine.requests import LoadRequest
from app.hardware import performance_cores
from app.memory.speed import memory_bytes_per_s
from app.models.installed import InstalledModel
from app.parts import Parts
from app.settings.arguments import settings_from_arguments
from app.translation import tr

_PROMPTS: Final = 3
_PAIRS: Final = 5
_REPETITIONS: Final = 3
_PATIENCE_S: Final = 90.0
"""On a busy machine no round of a kind but its first begins later than this."""
_SILENCE_S: Final = 20.0
"""For so long nothing is said where nobody may be looking."""


@dataclass(slots=True)
class _Figures:
    """What was measured, in the order it was."""

    memory_bytes_per_s: float = 0.0
    prompt: list[float | None] = field(default_factory=list[float | None])
    decode: list[float | None] = field(default_factory=list[float | None])
    loop: list[float | None] = field(default_factory=list[float | None])
    plain: list[Timed] = field(default_factory=list[Timed])
    guessed: list[Timed] = field(default_factory=list[Timed])
    difference: LookupDifference | None = None


def bench(parts: Parts, arguments: argparse.Namespace) -> int:
    """Measure, print, and give 0."""
    wanted: str | None = arguments.model
    model = model_for(parts.models, parts.hashes, parts.store, None) if wanted is None else parts.models.find(wanted)
    settings = settings_from_arguments(arguments, settings_for(model, parts.settings)).load
    # As many threads as the bare loop has, all the time: only then do both measure the same.
    settings = replace(settings, threads=settings.threads or performance_cores())
    load = LoadRequest(
        model.loadable_path(),
        settings,
        template=model.template_source,
        even_if_memory_is_short=arguments.load_anyway,
    )
    speeds = _speeds(model, _measure(parts, load, Progress(_PROMPTS + _PAIRS + _REPETITIONS + 1)))
    if arguments.json:
        print_json(speeds_json(speeds))
    else:
        print_speeds(speeds)
    return 0


class Progress:
    """Says how far it is, on a terminal always and elsewhere when it takes long, and when it takes too long."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0
        self._began_s = self._said_s = time.monotonic()

    def step(self) -> None:
        """Say that the next measurement begins."""
        self._done += 1
        self._say(tr("Measuring: {done} of {steps}", done=self._done, steps=self._steps))

    def rounds(self, count: int) -> Iterator[int]:
        """Give the numbers of so many rounds, or of fewer when time runs out; always one."""
        for number in range(count):
            if number and time.monotonic() - self._began_s > _PATIENCE_S:
                self._done += count - number
                return
            self.step()
            yield number

    def end(self) -> None:
        """Leave the line as it was."""
        if sys.stderr.isatty():
            self._rewrite("")

    def _say(self, words: str) -> None:
        if sys.stderr.isatty():
            self._rewrite(words)
        elif time.monotonic() - self._said_s > _SILENCE_S:
            self._said_s = time.monotonic()
            print_notice(words)

    def _rewrite(self, words: str) -> None:
        sys.stderr.write("\r\x1b[K" + words)
        sys.stderr.flush()


def _measure(parts: Parts, load: LoadRequest, progress: Progress) -> _Figures:
    figures = _Figures()
    try:
        progress.step()
        figures.memory_bytes_per_s = memory_bytes_per_s(load.settings.threads or 1)
        parts.engine.start()
        rounds = BenchRounds(parts.engine, load)
        with first_interrupt(rounds.stop):
            _measure_engine(parts, load, rounds, figures, progress)
    finally:
        progress.end()
    return figures


def _measure_engine(
    parts: Parts, load: LoadRequest, rounds: BenchRounds, figures: _Figures, progress: Progress
) -> None:
    say_concessions(rounds.load())
    rounds.story()  # the first reply warms everything up
    for number in progress.rounds(_PROMPTS):
        figures.prompt.append(rounds.prompt(number).prompt_tokens_per_s)
    with _bare_loop(parts, load) as loop:
        loop.measure()
        for number in progress.rounds(_PAIRS):
            _pair(figures, rounds, loop, number)
    with suppress(PromptTooLongError):  # a small context window: then there is no such figure
        for _ in progress.rounds(_REPETITIONS):
            figures.plain.append(rounds.repetition(guesses=False))
            figures.guessed.append(rounds.repetition(guesses=True))
        if not _are_same(figures):
            other = next(two for one, two in _repetitions(figures) if one.pieces.tokens != two.pieces.tokens)
            figures.difference = lookup_difference(rounds.repetition_in_detail().pieces.choices, other.pieces.tokens)


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
        difference=figures.difference,
    )


def _are_same(figures: _Figures) -> bool:
    return all(one.pieces.tokens == two.pieces.tokens for one, two in _repetitions(figures))


def _repetitions(figures: _Figures) -> Iterable[tuple[Timed, Timed]]:
    return zip(figures.plain, figures.guessed, strict=True)


def _ratios(ours: Iterable[float | None], theirs: Iterable[float | None]) -> list[float | None]:
    return [one / other if one and other else None for one, other in zip(ours, theirs, strict=True)]


def _middle(figures: Iterable[float | None]) -> float | None:
    """Give the median of what there is; None when a model writes too little to be measured."""
    known = [figure for figure in figures if figure is not None]
    return median(known) if known else None
