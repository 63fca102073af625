"""How fast models are expected to be, and what real replies teach."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import PaddockError
from app.models.speeds import DamagedSpeedsError, Speeds, moved
from app.private_file import PrivateFileError

ACTIVE = 10**9


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file."""
    path = tmp_path / "llama.gguf"
    path.write_bytes(b"GGUF")
    return path


def silent(error: PaddockError) -> None:
    """Nothing is to be said here."""
    raise error


def speeds_in(folder: Path) -> Speeds:
    """What was measured, kept in `folder`."""
    return Speeds(folder / "data" / "speeds.json", silent)


def test_before_any_measurement_nothing_is_expected(tmp_path: Path, model: Path) -> None:
    """An honest answer."""
    speeds = speeds_in(tmp_path)
    assert speeds.bandwidth_bytes_per_s is None
    assert speeds.expected(ACTIVE, "Q4_K_M") is None
    assert speeds.measured(model) is None


def test_memory_is_measured_once_and_kept(tmp_path: Path) -> None:
    """A part of what memory gives is expected of a model; twice the weights, half the speed."""
    bandwidth = speeds_in(tmp_path).measure_bandwidth()
    speeds = speeds_in(tmp_path)
    assert speeds.bandwidth_bytes_per_s == bandwidth > 10**8
    expected = speeds.expected(ACTIVE, "Q4_K_M")
    assert expected is not None
    assert 0.2 * bandwidth / ACTIVE < expected < bandwidth / ACTIVE
    assert speeds.expected(2 * ACTIVE, "Q4_K_M") == pytest.approx(expected / 2)


def test_a_reply_teaches_what_to_expect_of_its_quantization(tmp_path: Path, model: Path) -> None:
    """Of another model with weights of the same kind, in parts of its own size."""
    speeds = speeds_in(tmp_path)
    speeds.learn(model, "Q4_K_M", ACTIVE, 20.0)
    assert speeds.expected(2 * ACTIVE, "Q4_K_M") == pytest.approx(10.0)


def test_of_another_quantization_the_middle_of_all_is_expected(tmp_path: Path, model: Path) -> None:
    """Better than a guess from the memory alone."""
    speeds = speeds_in(tmp_path)
    speeds.learn(model, "Q4_K_M", ACTIVE, 10.0)
    speeds.learn(model, "Q8_0", ACTIVE, 40.0)
    assert speeds.expected(ACTIVE, "Q6_K") == pytest.approx(20.0)


def test_a_file_that_has_written_is_expected_to_write_as_before(tmp_path: Path, model: Path) -> None:
    """Before what others of its quantization do."""
    speeds = speeds_in(tmp_path)
    speeds.learn(model, "Q4_K_M", ACTIVE, 20.0)
    speeds.learn(model.with_name("other.gguf"), "Q4_K_M", ACTIVE, 10.0)
    assert speeds.measured(model) == speeds.expected(ACTIVE, "Q4_K_M", model) == pytest.approx(20.0)
    assert speeds.all_measured()(model) == pytest.approx(20.0)


def test_one_look_serves_for_many_models(tmp_path: Path, model: Path) -> None:
    """What is learnt meanwhile counts at the next look; a list of rows reads no file for each."""
    speeds = speeds_in(tmp_path)
    speeds.learn(model, "Q4_K_M", ACTIVE, 20.0)
    known = speeds.known()
    (tmp_path / "data" / "speeds.json").unlink()
    assert known.expected(ACTIVE, "Q4_K_M") == pytest.approx(20.0)
    assert speeds.known().expected(ACTIVE, "Q4_K_M") is None


def test_what_cannot_be_read_is_said_once_and_nothing_is_expected(tmp_path: Path) -> None:
    """Whoever shows a list of models is not stopped by it."""
    said: list[PaddockError] = []
    (tmp_path / "speeds.json").mkdir()
    speeds = Speeds(tmp_path / "speeds.json", said.append)
    assert speeds.bandwidth_bytes_per_s is None
    assert speeds.expected(ACTIVE, "Q4_K_M") is None
    assert [type(error) for error in said] == [PrivateFileError]


def test_another_file_in_its_place_is_not_known(tmp_path: Path, model: Path) -> None:
    """A model that was downloaded anew has not written yet."""
    speeds = speeds_in(tmp_path)
    speeds.learn(model, "Q4_K_M", ACTIVE, 20.0)
    model.write_bytes(b"GGUF, longer")
    assert speeds.measured(model) is None


def test_one_reply_on_a_busy_machine_changes_little(tmp_path: Path, model: Path) -> None:
    """However slow it was; what lasts counts in the end."""
    speeds = speeds_in(tmp_path)
    speeds.learn(model, "Q4_K_M", ACTIVE, 20.0)
    speeds.learn(model, "Q4_K_M", ACTIVE, 0.01)
    assert speeds.measured(model) == pytest.approx(20.0 * 0.5**0.25)
    for _ in range(20):
        speeds.learn(model, "Q4_K_M", ACTIVE, 10.0)
    assert speeds.measured(model) == pytest.approx(10.0, rel=0.01)


def test_a_first_reply_on_a_busy_machine_is_not_believed_whole(tmp_path: Path, model: Path) -> None:
    """Where the memory was measured, other models of its quantization are expected at half of the guess at least."""
    speeds = speeds_in(tmp_path)
    speeds.measure_bandwidth()
    guess = speeds.expected(ACTIVE, "Q4_K_M")
    assert guess is not None
    speeds.learn(model, "Q4_K_M", ACTIVE, guess / 50)
    assert speeds.expected(ACTIVE, "Q4_K_M") == pytest.approx(guess / 2)
    speeds.learn(model, "Q8_0", ACTIVE, guess * 1.5)
    assert speeds.expected(ACTIVE, "Q8_0") == pytest.approx(guess * 1.5)


def test_what_a_graphics_processor_did_tells_nothing_of_other_models(tmp_path: Path, model: Path) -> None:
    """Those may run on the processor."""
    speeds = speeds_in(tmp_path)
    speeds.note(model, 80.0)
    assert speeds.measured(model) == 80.0
    assert speeds.expected(ACTIVE, "Q4_K_M") is None


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_what_is_no_speed_teaches_nothing(tmp_path: Path, model: Path, speed: float) -> None:
    """A clock that stood still, or ran backwards."""
    speeds = speeds_in(tmp_path)
    speeds.learn(model, "Q4_K_M", ACTIVE, speed)
    speeds.learn(model, "Q4_K_M", 0, 20.0)
    speeds.note(model, speed)
    assert speeds.measured(model) is None


@pytest.mark.parametrize("content", ["{", '{"rates": {"Q4_0": "fast"}}', '{"rates": {"Q4_0": -1}}', "[]"])
def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, model: Path, content: str) -> None:
    """Nothing of it is lost, and measuring goes on."""
    path = tmp_path / "speeds.json"
    path.write_text(content)
    heard: list[PaddockError] = []
    speeds = Speeds(path, heard.append)
    assert speeds.measured(model) is None
    assert [type(error) for error in heard] == [DamagedSpeedsError]
    assert [aside.read_text() for aside in tmp_path.glob("speeds.json.damaged-*")] == [content]
    speeds.learn(model, "Q4_K_M", ACTIVE, 20.0)
    assert speeds.measured(model) == 20.0


def test_models_beyond_counting_are_forgotten_the_oldest_first(tmp_path: Path) -> None:
    """The file stays small."""
    speeds = speeds_in(tmp_path)
    kept = {str(tmp_path / f"{number}.gguf"): {"tokens_per_s": 1.0, "stamp": [1, 1]} for number in range(512)}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "speeds.json").write_text(json.dumps({"version": 1, "models": kept}))
    model = tmp_path / "new.gguf"
    model.touch()
    speeds.learn(model, "Q4_K_M", ACTIVE, 20.0)
    names = list(json.loads((tmp_path / "data" / "speeds.json").read_text())["models"])
    assert len(names) == 512
    assert names[0].endswith("1.gguf")
    assert names[-1] == str(model)


def test_several_can_learn_at_once(tmp_path: Path) -> None:
    """Each has its own lock on the file, as processes have: nothing that one learns is overwritten by another."""

    def learn(number: int) -> None:
        path = tmp_path / f"{number}.gguf"
        path.touch()
        speeds_in(tmp_path).learn(path, f"Q{number}_0", ACTIVE, 10.0 + number)

    threads = [threading.Thread(target=learn, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    speeds = speeds_in(tmp_path)
    assert [speeds.measured(tmp_path / f"{number}.gguf") for number in range(8)] == [10.0 + each for each in range(8)]


@given(st.lists(st.floats(min_value=1e-3, max_value=1e5), min_size=1, max_size=6))
def test_what_is_expected_lies_between_what_was_measured(speeds_seen: list[float]) -> None:
    """Whatever came in which order."""
    mean: float | None = None
    for speed in speeds_seen:
        mean = moved(mean, speed)
    assert mean is not None
    assert min(speeds_seen) * 0.999 <= mean <= max(speeds_seen) * 1.001
