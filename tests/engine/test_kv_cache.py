"""What was reused makes no difference to the reply, and an interruption leaves no wrong memory."""

from __future__ import annotations

import pytest

from app.conversation import FinishReason
from app.engine.events import GenerationEvent, GenerationFinished, PromptEvaluated, PromptProgress
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.requests import GenerationRequest, PromptMessage, PromptRequest
from app.settings.values import SamplingSettings
from tests.engine.conftest import Run
from tests.engine.stories import GREEDY, ask, assistant, loaded_set, user
from tests.gguf_files import HYBRID, TinyModel

MODELS = {
    "dense": TinyModel(),
    "sliding": TinyModel("gemma3", layers=6, sliding_window=64),
    "recurrent": TinyModel("mamba"),
    "hybrid": TinyModel(HYBRID),
}


def conversation(*texts: str) -> list[PromptMessage]:
    """A conversation from its texts, user and assistant in turn."""
    return [user(text) if i % 2 == 0 else assistant(text) for i, text in enumerate(texts)]


LONG = "The llama stands at the fence and looks. " * 12
STORIES = {
    "a second turn": (conversation(LONG), conversation(LONG, "It looks.", "And then?")),
    "the same again": (conversation(LONG), conversation(LONG)),
    "another end": (conversation(LONG + "It sees grass."), conversation(LONG + "It sees nothing.")),
    "a shorter one": (conversation(LONG + "It sees grass."), conversation("The llama stands.")),
    "another beginning": (conversation(LONG), conversation("No. " + LONG)),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_what_was_read_before_makes_no_difference(
    run: Run, model: TinyModel, story: tuple[list[PromptMessage], list[PromptMessage]]
) -> None:
    """Whatever the engine reuses of an earlier prompt, it writes what a fresh one writes."""
    used = run(model)
    before, then = story
    ask(used, *before)
    again = ask(used, *then)
    fresh = ask(run(model), *then)
    assert again.tokens == fresh.tokens
    assert len(again.tokens) == GREEDY.max_tokens
    assert again.prompt.reused + again.prompt.evaluated == again.prompt.tokens
    assert again.prompt.evaluated >= 1
    assert fresh.prompt.reused == 0


def test_a_dense_model_reads_only_what_is_new(run: Run) -> None:
    """The second turn costs its own words."""
    engine = run(MODELS["dense"])
    first = ask(engine, user(LONG))
    second = ask(engine, user(LONG), assistant("It looks."), user("And?"))
    assert second.prompt.reused >= first.prompt.tokens
    assert second.prompt.evaluated < 20
    assert ask(engine, user(LONG), assistant("It looks."), user("And?")).prompt.evaluated == 1


def test_a_sliding_window_that_has_moved_on_is_read_anew(run: Run) -> None:
    """A cut far behind the end finds its window gone: all is read again but what a checkpoint at its start holds."""
    engine = run(MODELS["sliding"])
    ask(engine, user("Short."), assistant(LONG), user("And?"))
    opening = loaded_set(engine).prompts.fit(PromptRequest((user("Short."),))).boundaries[0]
    assert ask(engine, user("Short."), assistant("Other words."), user("And?")).prompt.reused in {0, opening}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_after_an_interrupted_prompt_the_ledger_is_right(run: Run, model: TinyModel) -> None:
    """A prompt that was stopped half-way leaves what a fresh engine could have read, and nothing else."""
    engine = run(model)
    interruption = Interruption()
    request = GenerationRequest(PromptRequest((user(LONG),)), GREEDY)
    events: list[GenerationEvent] = []
    for event in engine.generate(request, interruption):
        events.append(event)
        if isinstance(event, PromptProgress) and event.done > 0:
            interruption.request()
    assert isinstance(finished := events[-1], GenerationFinished)
    assert finished.reason is FinishReason.CANCELLED
    assert finished.receipt is not None
    assert finished.receipt.evaluated == len(loaded_set(engine).cache.tokens) < finished.receipt.tokens_in
    assert not any(isinstance(event, PromptEvaluated) for event in events)
    cache, memory = loaded_set(engine).cache, api.llama_get_memory(loaded_set(engine).context)
    assert memory is not None
    assert len(cache.tokens) == api.llama_memory_seq_pos_max(memory, 0) + 1
    assert ask(engine, user("Why?")).tokens == ask(run(model), user("Why?")).tokens


def test_a_text_longer_than_the_window_ends_with_length(run: Run) -> None:
    """When the window is full the reply ends, its last token included; the next conversation begins as usual."""
    engine = run(MODELS["dense"])
    endless = SamplingSettings(temperature=0.0, seed=1)
    reply = ask(engine, user("Tell."), sampling=endless)
    assert reply.finished.reason is FinishReason.LENGTH
    assert reply.prompt.tokens + len(reply.tokens) == 1024 + 1
    assert ask(engine, user("Why?")).finished.reason is FinishReason.LENGTH
