"""What guessing ahead makes of the speed of a reply, and that it makes nothing of its text.

The starter model repeats code with one word changed, and writes prose that a penalty keeps from repeating itself, at
temperature 0: by turns without guesses and with those that the text itself offers. The same engine process, the same
number of threads, a fresh memory of what went well each time. Where the two texts differ, the first difference is
printed with the probabilities of both tokens: they must be as close as `bench` takes for rounding. All of it with the
starter model as it comes, and with the copy as Q8_0 that Paddock makes of it when it is calm. On a quiet machine:
`python -m tests.benchmarks.guessing [pairs]`.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from app.cli.bench_lookup import ROUNDING
from app.cli.bench_rounds import REPEAT
from app.confined.process import own_command
from app.conversation import TokenChoice
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import Engine
from app.engine.events import GenerationFinished, PieceGenerated
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.hardware import performance_cores
from app.models.starter import find_starter
from app.paths import find_paths
from app.settings.values import LoadSettings, SamplingSettings
from app.workshop.convert import Conversion
from app.workshop.workbench import workbench
from tests.engine.stories import user

PAIRS = 9
GREEDY = SamplingSettings(temperature=0.0, repeat_penalty=1.0, max_tokens=256)
PENALISED = replace(GREEDY, repeat_penalty=1.3, repeat_last_n=256)
SEED = 1
"""At temperature 0 it changes nothing but this: with a chosen seed nothing is guessed."""
STORY = "Tell me about ten animals of the sea, from the smallest to the largest, each in one new sentence."
REPEATS, NOVEL = "repeats code with one word changed", "writes prose that repeats nothing"
REQUIRED = {REPEATS: 1.5, NOVEL: 0.98}


@dataclass(frozen=True)
class Run:
    """One reply."""

    tokens_per_s: float
    tokens: tuple[int, ...]
    choices: tuple[TokenChoice, ...]
    text: str


def write(engine: Engine, text: str, sampling: SamplingSettings, alternatives: int = 0) -> Run:
    """Let the model answer."""
    request = GenerationRequest(PromptRequest((user(text),)), sampling, alternatives=alternatives)
    events = list(engine.generate(request, Interruption()))
    pieces = [event for event in events if isinstance(event, PieceGenerated)]
    last = events[-1]
    assert isinstance(last, GenerationFinished)
    assert last.tokens_per_s is not None
    return Run(
        last.tokens_per_s,
        tuple(token for piece in pieces for token in piece.tokens),
        tuple(choice for piece in pieces for choice in piece.choices),
        "".join(piece.text for piece in pieces),
    )


def first_difference(choices: tuple[TokenChoice, ...], tokens: tuple[int, ...]) -> str:
    """Say where `tokens` leave the reply of which `choices` are known, and how likely both ways were."""
    for place, (choice, token) in enumerate(zip(choices, tokens, strict=False)):
        if choice.token != token:
            other = {alternative.token: alternative for alternative in choice.alternatives}.get(token)
            if other is None:  # the penalty has put it first: what was likely before it tells nothing
                return f"differs at token {place}: {choice.text!r}, and one that was unlikely before the penalty"
            apart = abs(math.log(choice.probability / other.probability))
            kind = f"{apart:.3f} apart in logits: {'a tie' if apart <= ROUNDING else 'NO TIE'}"
            return (
                f"differs at token {place}: {choice.text!r} {choice.probability:.4f}, {other.text!r}"
                f" {other.probability:.4f}: {kind}"
            )
    return "the same text" if len(choices) == len(tokens) else "NOT THE SAME LENGTH"


def compare(engine: Engine, name: str, text: str, sampling: SamplingSettings, pairs: int) -> float:
    """Write both ways by turns, and print what guessing makes of it; give the median."""
    unguessed = replace(sampling, seed=SEED)
    write(engine, text, unguessed)  # the next ones find the prompt read, whose end they read alone: that rounds alike
    reference = write(engine, text, unguessed, alternatives=20)
    write(engine, text, sampling)
    ratios: list[float] = []
    verdicts: set[str] = set()
    for number in range(pairs):
        if number % 2:
            plain, guessed = write(engine, text, unguessed), write(engine, text, sampling)
        else:
            guessed, plain = write(engine, text, sampling), write(engine, text, unguessed)
        ratios.append(guessed.tokens_per_s / plain.tokens_per_s)
        verdicts |= {first_difference(reference.choices, run.tokens) for run in (plain, guessed)}
        print(
            f"{number + 1:3}  with guesses {guessed.tokens_per_s:7.1f}  without {plain.tokens_per_s:7.1f} tokens/s"
            f"  ratio {ratios[-1]:.3f}",
            flush=True,
        )
    low, middle, high = statistics.quantiles(ratios, n=4)
    verdict = "reached" if middle >= REQUIRED[name] else "missed"
    print(f"{name}: median {middle:.3f}, quartiles {low:.3f} to {high:.3f}; required {REQUIRED[name]}: {verdict}")
    print(f"  {len(reference.tokens)} tokens; {'; '.join(sorted(verdicts))}", flush=True)
    return middle


def compare_model(path: Path, log: Path, pairs: int) -> dict[str, float]:
    """Measure both texts with one model, and give the medians."""
    settings = LoadSettings(context=2048, threads=performance_cores())
    engine = ChildProcessEngine(own_command("--engine"), log)
    with closing(engine):
        engine.load(LoadRequest(path, settings), lambda _: None, Interruption())
        return {
            REPEATS: compare(engine, REPEATS, REPEAT, GREEDY, pairs),
            NOVEL: compare(engine, NOVEL, STORY, PENALISED, pairs),
        }


def converted(source: Path, folder: Path) -> Path:
    """The copy of `source` as Q8_0, made and measured as the application does it."""
    bench = workbench(find_paths(folder), LoadSettings())
    made = Conversion(bench, source, "Q8_0").run(lambda _: None, Interruption())
    print(f"Q8_0: {made.comparison.speed_words()} {made.comparison.closeness_words()}", flush=True)
    return made.path


def main(pairs: int) -> None:
    """Measure both models, and print both medians."""
    starter = find_starter()
    assert starter is not None, "the starter model is not installed"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        medians: dict[str, dict[str, float]] = {}
        for quantization, path in ((starter.quantization, starter.path), ("Q8_0", converted(starter.path, folder))):
            print(f"-- {quantization}", flush=True)
            medians[quantization] = compare_model(path, folder / "engine.log", pairs)
        for text in (REPEATS, NOVEL):
            shown = ", ".join(f"{quantization} {each[text]:.3f}" for quantization, each in medians.items())
            print(f"{text}: {shown}; required {REQUIRED[text]}")


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:]] or [PAIRS])
