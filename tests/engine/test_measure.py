"""What a model is worth, measured in a process of its own: its speeds, and how likely it holds a text."""

from __future__ import annotations

import itertools
import math
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from app.confined.process import own_command
from app.engine.asked_process import StoppedWorkError
from app.engine.child_process import engine_environment
from app.engine.engine import EngineDiedError, ModelFileError
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.sampling.token_choices import TokenChoices
from app.engine.measure import ModelMeasure, measure_order
from app.engine.requests import LoadRequest
from app.settings.values import LoadSettings
from tests.engine.conftest import Run
from tests.engine.stories import loaded_set
from tests.engine.test_probe import TAKES_ITS_ORDER
from tests.gguf_files import TinyModel

TEXT = "The llama looks over the fence."


def measure(
    folder: Path, model: Path, text: str = TEXT, *, program: str = "", interruption: Interruption | None = None
) -> ModelMeasure:
    """Start the real process, or a `program` in its place."""
    command = (sys.executable, "-c", TAKES_ITS_ORDER + program) if program else own_command("--engine")
    variables = {**engine_environment("", None), "PYTHONPATH": str(Path(__file__).parents[2])}
    order = measure_order(LoadRequest(model, LoadSettings(context=512, threads=1)), text, 8)
    return ModelMeasure(command, folder / "measure.log", variables, order, interruption or Interruption())


def one_by_one(engine: LlamaEngine, text: str) -> float:
    """The mean log-likelihood of a text, reading a token at a time."""
    loaded = loaded_set(engine)
    tokens = loaded.vocabulary.tokens(text, add_special=True, parse_special=False)
    choices = TokenChoices(loaded.context, loaded.vocabulary, 1)
    total = 0.0
    for token, following in itertools.pairwise(tokens):
        loaded.cache.append([token])
        total += math.log(max(1e-30, choices.of(following).probability))
    choices.close()
    return total / (len(tokens) - 1)


@pytest.mark.parametrize("architecture", ["llama", "gemma3", "mamba"])
def test_the_likelihood_is_that_of_the_tokens_one_by_one(tmp_path: Path, run: Run, architecture: str) -> None:
    """Read several at once, as fast as its kind of memory allows, and the same as by steps."""
    model = TinyModel(architecture=architecture, sliding_window=64 if architecture == "gemma3" else 0)
    path = model.write(tmp_path / "measured.gguf")
    with measure(tmp_path, path) as measured:
        assert measured.log_likelihood == pytest.approx(one_by_one(run(model), TEXT), abs=0.01)


def test_it_measures_again_and_again_and_is_gone_afterwards(tmp_path: Path, tiny_llama: Path) -> None:
    """Each time it tells how fast it read and wrote."""
    before = psutil.Process().children()
    with measure(tmp_path, tiny_llama) as measured:
        for _ in range(3):
            timed = measured.time()
            assert timed.read_per_s > 1
            assert timed.written_per_s > 1
    assert psutil.Process().children() == before


def test_a_text_longer_than_the_context_window_is_cut_short(tmp_path: Path, tiny_llama: Path) -> None:
    """A model made for short texts can be measured too."""
    with measure(tmp_path, tiny_llama, TEXT * 100) as measured:
        assert measured.time().read_per_s > 1


@pytest.mark.model
def test_the_starter_model_holds_sense_for_likelier_than_nonsense(tmp_path: Path, starter_model: Path) -> None:
    """The figure means something."""
    with measure(tmp_path, starter_model) as sense:
        likely = sense.log_likelihood
    with measure(tmp_path, starter_model, "fence the over. llama The looks") as nonsense:
        assert likely > nonsense.log_likelihood + 1


def test_damaged_weights_are_a_sentence(tmp_path: Path) -> None:
    """Instead of a figure that is none."""
    before = psutil.Process().children()
    with pytest.raises(ModelFileError, match="damaged"):
        measure(tmp_path, TinyModel(poisoned=True).write(tmp_path / "poisoned.gguf"))
    assert psutil.Process().children() == before


def test_a_file_that_is_no_model_is_a_sentence(tmp_path: Path) -> None:
    """The same as in a load."""
    (tmp_path / "no.gguf").write_bytes(b"no model")
    with pytest.raises(ModelFileError):
        measure(tmp_path, tmp_path / "no.gguf")


def test_a_process_that_is_killed_says_so(tmp_path: Path, tiny_llama: Path) -> None:
    """From outside, between two rounds."""
    with measure(tmp_path, tiny_llama) as measured:
        os.kill(measured.process_id, signal.SIGKILL)
        with pytest.raises(EngineDiedError, match=r"ended from outside|memory ran out"):
            measured.time()


def test_stopping_is_no_death(tmp_path: Path, tiny_llama: Path) -> None:
    """While it is idle, and before it has begun."""
    stop = Interruption()
    with measure(tmp_path, tiny_llama, interruption=stop) as measured:
        stop.request()
        with pytest.raises(StoppedWorkError):
            measured.time()
    with pytest.raises(StoppedWorkError):
        measure(tmp_path, tiny_llama, interruption=stop)


def test_a_process_that_dies_is_ended_and_said(tmp_path: Path, tiny_llama: Path) -> None:
    """No process stays."""
    before = psutil.Process().children()
    with pytest.raises(EngineDiedError, match="The engine stopped itself"):
        measure(tmp_path, tiny_llama, program="os.abort()")
    assert psutil.Process().children() == before
