"""Replies that are repeated as exactly as can be."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from app.conversation import TokenChoice
from app.engine.engine import Engine
from app.engine.events import PieceGenerated, PromptProgress
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.requests import GenerationRequest, PromptRequest, Repetition
from app.settings.values import SamplingSettings
from tests.engine.conftest import Run, ignore, load
from tests.engine.stories import Reply, ask, assistant, loaded_set, user
from tests.gguf_files import HYBRID, TinyModel

WARM = SamplingSettings(temperature=1.2, max_tokens=24, seed=11)
STORY = (user("Tell me of the llama. " * 6), assistant("It lives behind a fence."), user("And then?"))
MODELS = [
    TinyModel(),
    TinyModel("gemma3", layers=6, sliding_window=64),
    TinyModel("mamba"),
    TinyModel(HYBRID, layers=4),
]


def repeat(engine: Engine, repetition: Repetition, sampling: SamplingSettings = WARM) -> Reply:
    """Write the same reply from an empty memory."""
    request = GenerationRequest(PromptRequest(STORY, "c1"), sampling, alternatives=3, repetition=repetition)
    return Reply(tuple(engine.generate(request, Interruption())))


def choices(reply: Reply) -> list[TokenChoice]:
    """What was told of its tokens: probabilities to the last bit."""
    return [choice for event in reply.events if isinstance(event, PieceGenerated) for choice in event.choices]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.architecture))
def test_two_repetitions_are_equal_to_the_last_bit(run: Run, model: TinyModel) -> None:
    """Whatever was read before, and whatever is in the memory: the same tokens with the same probabilities."""
    engine = run(model)
    repetition = Repetition(threads=1, n_batch=32)
    first = repeat(engine, repetition)
    ask(engine, *STORY[:1], sampling=WARM)
    second = repeat(engine, repetition)
    assert (first.prompt.reused, second.prompt.reused) == (0, 0)
    assert second.tokens == first.tokens
    assert choices(second) == choices(first)
    steps = [event.done for event in second.events if isinstance(event, PromptProgress)]
    assert all(later - earlier <= 32 for earlier, later in pairwise(steps))


def test_a_repetition_uses_the_threads_it_is_given(run: Run) -> None:
    """And afterwards the usual number is used again."""
    engine = run(TinyModel())
    two = repeat(engine, Repetition(threads=2, n_batch=0))
    assert two.tokens == repeat(engine, Repetition(threads=2, n_batch=0)).tokens
    assert loaded_set(engine).described.threads == 1


def test_a_conversation_that_was_live_is_put_away_for_it(run: Run) -> None:
    """A repetition belongs to no conversation: what was read of one is still there."""
    engine = run(TinyModel())
    request = GenerationRequest(PromptRequest(STORY, "c1"), WARM)
    first = Reply(tuple(engine.generate(request, Interruption())))
    repeat(engine, Repetition(threads=1, n_batch=0))
    again = Reply(tuple(engine.generate(request, Interruption())))
    assert again.prompt.reused == first.prompt.tokens - 1


@pytest.mark.model
def test_the_starter_model_repeats_itself(starter_model: Path) -> None:
    """In an engine that has answered other questions, and in one that has not."""
    repetition = Repetition(threads=2, n_batch=128)
    cold = replace(WARM, temperature=0.7, max_tokens=16)
    engines = [LlamaEngine(ignore), LlamaEngine(ignore)]
    for engine in engines:
        load(engine, starter_model, context=1024, threads=2)
    ask(engines[0], user("What is a llama?"), sampling=cold)
    first, second = (repeat(engine, repetition, cold) for engine in engines)
    assert first.tokens == second.tokens
    assert choices(first) == choices(second)
    for engine in engines:
        engine.close()
