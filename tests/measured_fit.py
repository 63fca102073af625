"""What was predicted of a model, and what an engine process then really holds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from app.confined.process import own_command
from app.engine.child_process import ChildProcessEngine
from app.engine.events import LoadedModel, PromptEvaluated
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.hardware import processor
from app.models.geometry import geometry_of_file
from app.models.prediction import Predicted
from app.models.prediction_check import predict_loaded
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.stories import user
from tests.resident import Resident, resident

WORDS = "How many llamas graze on the wide meadow beside the old paddock? "


@dataclass(frozen=True, slots=True)
class MeasuredFit:
    """One load: how it was predicted, how it went, what the process held after a prompt in full slices."""

    predicted: Predicted
    loaded: LoadedModel
    held: Resident

    @property
    def ratio(self) -> float:
        """What was predicted, in parts of what was measured."""
        return self.predicted.total_bytes / self.held.total_bytes


def measure_fit(path: Path, log: Path, context: int, kv_type: str = "f16") -> MeasuredFit:
    """Load the model in a process of its own, have it read more than a whole slice, and look what it holds."""
    geometry = geometry_of_file(path)
    assert geometry is not None
    with closing(ChildProcessEngine(own_command("--engine"), log)) as engine:
        order = LoadRequest(path, LoadSettings(context=context, kv_type=kv_type))
        loaded = engine.load(order, lambda _: None, Interruption())
        prompt = _more_than_a_slice(engine, loaded.n_batch)
        request = GenerationRequest(prompt, replace(SamplingSettings(seed=1), max_tokens=2))
        read = [
            each.evaluated for each in engine.generate(request, Interruption()) if isinstance(each, PromptEvaluated)
        ]
        assert read
        assert read[0] > loaded.n_batch
        process_id = engine.process_id
        assert process_id is not None
        held = resident(process_id)
    return MeasuredFit(predict_loaded(geometry, loaded, processor().features), loaded, held)


def _more_than_a_slice(engine: ChildProcessEngine, n_batch: int) -> PromptRequest:
    """Give a prompt that is a little longer than what is read at once, whatever the model's tokens are."""
    text = WORDS
    while len(engine.describe_prompt(prompt := PromptRequest((user(text),))).tokens) <= n_batch:
        text += WORDS
    return prompt
