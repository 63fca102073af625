"""Real replies teach how fast models are here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from app.chat.speed_lessons import SpeedLessons
from app.conversation import FinishReason
from app.engine.events import GenerationFinished, PieceGenerated
from app.engine.requests import LoadRequest
from app.engine.worker import Job, WorkerEvent
from app.errors import PaddockError
from app.models.geometry import geometry_of_file
from app.models.speeds import Speeds
from app.settings.values import LoadSettings
from tests.fakes import receipt
from tests.gguf_files import TinyModel

LONG: Final = 40


def silent(error: PaddockError) -> None:
    """Nothing is to be said here."""
    raise error


@pytest.fixture
def speeds(tmp_path: Path) -> Speeds:
    """Nothing was measured yet."""
    return Speeds(tmp_path / "speeds.json", silent)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file."""
    return TinyModel(extra={"general.file_type": 15}).write(tmp_path / "tiny.gguf")


@pytest.fixture
def lessons(speeds: Speeds) -> Iterator[SpeedLessons]:
    """Closed at last, which waits until all is written down."""
    taught = SpeedLessons(speeds)
    yield taught
    taught.close()


def job(model: Path, *, at_idle: bool = False) -> Job:
    """What the engine has to do."""
    return Job(LoadRequest(model, LoadSettings()), lambda _: None, at_idle=at_idle)


def ended(tokens: int = LONG, tokens_per_s: float | None = 12.5, device: str = "CPU") -> GenerationFinished:
    """The end of a reply."""
    return GenerationFinished(FinishReason.STOP, tokens, receipt(device=device), tokens_per_s, 0.1)


def test_a_reply_teaches_its_model_and_its_quantization(lessons: SpeedLessons, speeds: Speeds, model: Path) -> None:
    """The header tells how its weights are stored and how many are read for a token."""
    lessons.watch(job(model), ended())
    lessons.close()
    geometry = geometry_of_file(model)
    assert geometry is not None
    assert speeds.measured(model) == 12.5
    assert speeds.expected(geometry.active_weights_bytes * 2, "Q4_K_M") == pytest.approx(12.5 / 2)


def test_every_reply_counts(lessons: SpeedLessons, speeds: Speeds, model: Path) -> None:
    """In the order in which they came."""
    for speed in (10.0, 20.0, 20.0):
        lessons.watch(job(model), ended(tokens_per_s=speed))
    lessons.close()
    measured = speeds.measured(model)
    assert measured is not None
    assert 10.0 < measured < 20.0


@pytest.mark.parametrize(
    ("event", "at_idle"),
    [
        (ended(tokens=15), False),
        (ended(tokens_per_s=None), False),
        (PieceGenerated("Hay"), False),
        (ended(), True),
    ],
    ids=["too short", "no speed", "not the end", "a title at idle"],
)
def test_what_teaches_nothing(
    lessons: SpeedLessons, speeds: Speeds, model: Path, event: WorkerEvent, *, at_idle: bool
) -> None:
    """Short replies are mostly waiting, and what is done at idle gives way to everything."""
    lessons.watch(job(model, at_idle=at_idle), event)
    lessons.close()
    assert speeds.measured(model) is None


def test_a_graphics_processor_teaches_only_of_its_model(lessons: SpeedLessons, speeds: Speeds, model: Path) -> None:
    """How fast the processor would be remains to be seen."""
    lessons.watch(job(model), ended(device="CUDA 33/33"))
    lessons.close()
    assert speeds.measured(model) == 12.5
    assert speeds.expected(10**9, "Q4_K_M") is None


def test_a_model_that_is_gone_teaches_nothing_and_says_so_in_the_log(
    lessons: SpeedLessons, speeds: Speeds, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The reply is there all the same."""
    lessons.watch(job(tmp_path / "gone.gguf"), ended())
    lessons.close()
    assert speeds.measured(tmp_path / "gone.gguf") is None
    assert "was not written down" in caplog.text
