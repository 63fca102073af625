"""What choosing the number of threads while decoding costs on an idle machine, and what it saves on a busy one.

One process with the engine's environment holds the starter model. It writes the same tokens with every fixed number of
threads and with the number that adapts, by turns: first on the machine as it is, then with as many busy loops beside it
as there are cores. The ratio is the speed that adapts over that of the best fixed number. Run it on a quiet machine:
`python -m tests.benchmarks.threads [rounds] [tokens]`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

from app.engine.child_process import ENGINE_ENVIRONMENT
from app.hardware import logical_cores, performance_cores
from app.models.starter import find_starter

ROUNDS: Final = 9
TOKENS: Final = 150
ADAPTIVE: Final = 0
"""Stands for the number that adapts, among fixed ones."""
REQUIRED: Final = {"idle": 0.95, "busy": 0.8}


class Decoder:
    """A process that does nothing but decode; it is asked for a run by a line, and answers by one."""

    def __init__(self, tokens: int) -> None:
        """Start it, and let it load the model."""
        command = [sys.executable, "-m", "tests.benchmarks.threads", "--serve", str(tokens)]
        environment = {**os.environ, **ENGINE_ENVIRONMENT}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        self.measure(1)

    def measure(self, threads: int) -> float:
        """Tokens a second with `threads`, or with the number that adapts."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{threads}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def serve(tokens: int) -> None:
    """Be the decoder's process."""
    from app.engine.engine import LoadRequest
    from app.engine.interruption import Interruption
    from app.engine.llama.binding import api
    from app.engine.llama.library import LibraryLog, start_library
    from app.engine.llama.loading.loaded_set import load_set
    from app.engine.llama.speed.adaptive_threads import AdaptiveThreads
    from app.settings.values import LoadSettings

    os.nice(2)  # as polite as the engine process
    log = LibraryLog(lambda _: None)
    start_library()
    starter = find_starter()
    assert starter is not None
    request = LoadRequest(starter.path, LoadSettings(context=1024, threads=1))
    loaded = load_set(request, lambda _: None, Interruption(), log)
    adaptive = AdaptiveThreads(loaded.context, performance_cores())
    rows: Any = api.llama_batch_init(1, 0, 1)
    rows.n_tokens, rows.n_seq_id[0], rows.seq_id[0][0], rows.logits[0] = 1, 1, 0, 1

    def decode(position: int, evaluating: AbstractContextManager[object]) -> None:
        rows.token[0], rows.pos[0] = 1000 + position, position
        with evaluating:
            assert api.llama_decode(loaded.context, rows) == 0

    for line in sys.stdin:
        threads = int(line)
        loaded.cache.clear()
        if threads != ADAPTIVE:
            api.llama_set_n_threads(loaded.context, threads, threads)
        began = time.perf_counter()
        for position in range(tokens):
            decode(position, nullcontext() if threads != ADAPTIVE else adaptive.evaluating(1))
        print(tokens / (time.perf_counter() - began), flush=True)


@contextmanager
def busy_neighbours(count: int) -> Generator[None]:
    """Have `count` programs beside us that never rest."""
    neighbours = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()


def compare(label: str, decoder: Decoder, rounds: int) -> None:
    """Measure every number of threads in turns, and print what the one that adapts makes of the best."""
    choices = [ADAPTIVE, *range(1, performance_cores() + 1)]
    speeds: dict[int, list[float]] = {threads: [] for threads in choices}
    for number in range(rounds):
        shift = number % len(choices)
        for threads in choices[shift:] + choices[:shift]:
            speeds[threads].append(decoder.measure(threads))
    medians = {threads: statistics.median(taken) for threads, taken in speeds.items()}
    best = max(range(1, performance_cores() + 1), key=medians.__getitem__)
    ratio = medians[ADAPTIVE] / medians[best]
    for threads, taken in speeds.items():
        name = "adaptive" if threads == ADAPTIVE else f"{threads} threads"
        low, median, high = statistics.quantiles(taken, n=4)
        print(f"{label}  {name:>10}  {median:7.1f} tokens/s  quartiles {low:.1f} to {high:.1f}")
    verdict = "reached" if ratio >= REQUIRED[label] else "missed"
    print(f"{label}  adaptive over {best} fixed: {ratio:.3f}, required {REQUIRED[label]}: {verdict}", flush=True)


def main(rounds: int, tokens: int) -> None:
    """Measure idle, then busy, `rounds` rounds each."""
    decoder = Decoder(tokens)
    compare("idle", decoder, rounds)
    with busy_neighbours(logical_cores()):
        compare("busy", decoder, rounds)
    decoder.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        words = [int(word) for word in sys.argv[1:]]
        main(*(words + [ROUNDS, TOKENS][len(words) :]))
