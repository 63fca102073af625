"""How fast a model is here, measured by a real engine process with a tiny model, and what is kept of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.confined.process import own_command
from app.engine.asked_process import StoppedWorkError
from app.engine.child_process import ChildProcessEngine
from app.engine.worker import EngineWorker
from app.errors import PaddockError
from app.models.installed import InstalledModel, Source
from app.settings.values import LoadSettings
from app.workshop.benchmark import DEPTHS, Benchmark, BenchmarkPoint, BenchmarkRun, benchmark_load, expected_s
from app.workshop.benchmark_file import BenchmarkFile
from tests.gguf_files import TinyModel


def tiny(folder: Path, n_ctx_train: int) -> InstalledModel:
    """A model that reads a thousand tokens in no time."""
    path = TinyModel(n_ctx_train=n_ctx_train).write(folder / "tiny.gguf")
    return InstalledModel("tiny", "Tiny", path, path.stat().st_size, "llama", "F32", None, Source.ADDED)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[EngineWorker]:
    """An engine of its own, as the window gives one to each benchmark."""
    made = EngineWorker(ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log"))
    made.start()
    yield made
    made.close()


def test_a_model_is_measured_at_every_depth_that_fits(worker: EngineWorker, tmp_path: Path) -> None:
    """Reading and writing, in tokens a second, beside how many tokens really were read; and progress up to the end."""
    model = tiny(tmp_path, 4096)
    heard: list[float] = []
    benchmark = BenchmarkRun(worker, benchmark_load(model, LoadSettings())).run(model, heard.append, None)
    assert [point.depth for point in benchmark.points] == list(DEPTHS)
    first, second, third = benchmark.points
    for point in (first, second):
        assert point.tokens == pytest.approx(point.depth, rel=0.1)
        assert point.read_per_s is not None
        assert point.read_per_s > 0
        assert point.written_per_s is not None
        assert point.written_per_s > 0
    assert not third.is_measured, "its context window ends before"
    assert third.expected_s is None
    assert (benchmark.model, benchmark.n_ctx, benchmark.device) == ("Tiny", 4096, "CPU")
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_what_would_take_too_long_is_left_out_and_said(worker: EngineWorker, tmp_path: Path) -> None:
    """The first depth is measured always; of the others it is told how long they would take."""
    model = tiny(tmp_path, 16_384)
    seconds = iter(range(0, 1000, 9))
    run = BenchmarkRun(worker, benchmark_load(model, LoadSettings()), clock=lambda: float(next(seconds)))
    benchmark = run.run(model, lambda _: None, 10.0)
    first, second, third = benchmark.points
    assert first.is_measured
    assert not second.is_measured
    assert second.expected_s is not None
    assert third.expected_s is not None
    assert third.expected_s > second.expected_s > 0
    assert benchmark.left_out_s == pytest.approx(second.expected_s + third.expected_s)


def test_the_guess_grows_as_reading_slows_down() -> None:
    """A small model that read 513, 2,048 and 8,054 tokens at 307, 191 and 58 a second: the last took 143 seconds."""
    first, second = BenchmarkPoint(512, 513, 307.0, 24.9), BenchmarkPoint(2048, 2048, 191.0, 20.0)
    after_both, after_one = expected_s([first, second], 8054), expected_s([first], 8054)
    assert after_both == pytest.approx(143, rel=0.3)
    assert after_one == pytest.approx(143, rel=0.6)
    assert expected_s([first], 2048) == pytest.approx(2048 / 191 + 32 / 20, rel=0.1)
    assert expected_s([], 512) is None
    faster = BenchmarkPoint(2048, 2048, 400.0, 25.0)
    assert expected_s([first, faster], 8054) == pytest.approx(8054 / 400 + 32 / 25)


def test_it_can_be_stopped_from_another_thread(worker: EngineWorker, tmp_path: Path) -> None:
    """Nothing comes of it then."""
    model = tiny(tmp_path, 16_384)
    run = BenchmarkRun(worker, benchmark_load(model, LoadSettings()))
    begun = threading.Event()
    threading.Thread(target=lambda: (begun.wait(30), run.stop())).start()
    with pytest.raises(StoppedWorkError):
        run.run(model, lambda _: begun.set(), None)


def nothing_wrong(error: PaddockError) -> None:
    """Hear of a damaged file where there is none."""
    pytest.fail(str(error))


def a_benchmark(name: str, read_per_s: float = 100.0) -> Benchmark:
    """What a model might have done."""
    points = (BenchmarkPoint(512, 500, read_per_s, 10.5), BenchmarkPoint(2048, expected_s=40.0), BenchmarkPoint(8192))
    return Benchmark(name, "Q4_K_M", 10**9, "CPU", "b1", 4, 4096, datetime(2026, 11, 23, 12, 0, tzinfo=UTC), points)


def test_the_last_benchmark_of_each_model_is_kept(tmp_path: Path) -> None:
    """The newest comes first, and takes the place of what the same model did before."""
    file = BenchmarkFile(tmp_path / "benchmarks.json", nothing_wrong)
    assert file.read() == ()
    file.keep(a_benchmark("One"))
    file.keep(a_benchmark("Two"))
    file.keep(a_benchmark("One", 200.0))
    again = BenchmarkFile(tmp_path / "benchmarks.json", nothing_wrong).read()
    assert again == (a_benchmark("One", 200.0), a_benchmark("Two"))


def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path) -> None:
    """Nothing that can be measured again is worth a trouble, but it is not hidden either."""
    path = tmp_path / "benchmarks.json"
    path.write_text('{"benchmarks": [{"model": 1}]}')
    said: list[PaddockError] = []
    assert BenchmarkFile(path, said.append).read() == ()
    assert "was damaged" in str(said[0])
    assert list(tmp_path.glob("benchmarks.json.damaged-*"))
