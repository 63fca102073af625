"""How likely each token was, and what else could have come."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.conversation import TokenChoice
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import Engine
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.sampling.token_choices import TokenChoices
from app.engine.requests import GenerationRequest, PromptRequest
from app.settings.values import SamplingSettings
from tests.engine.conftest import Run, load
from tests.engine.stories import GREEDY, Reply, ask, loaded_set, user
from tests.gguf_files import TEMPLATE, TinyModel, vocabulary

WARM = SamplingSettings(temperature=1.5, max_tokens=40, seed=3)


def reply_with_choices(
    engine: Engine, alternatives: int, sampling: SamplingSettings = WARM, stop: tuple[str, ...] = ()
) -> Reply:
    """Let `engine` write a reply, and tell of each token."""
    request = GenerationRequest(PromptRequest((user("Tell."),)), sampling, stop, alternatives=alternatives)
    return Reply(tuple(engine.generate(request, Interruption())))


def tokens_and_choices(reply: Reply) -> tuple[list[int], list[TokenChoice]]:
    """All tokens of a reply with what was told of them."""
    events = [event for event in reply.events if isinstance(event, PieceGenerated | ReasoningGenerated)]
    tokens = [token for event in events for token in event.tokens]
    return tokens, [choice for event in events for choice in event.choices]


def true_probabilities(engine: LlamaEngine) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The softmax of the last logits, in double precision."""
    pointer: Any = api.llama_get_logits_ith(loaded_set(engine).context, -1)
    logits = np.ctypeslib.as_array(pointer, shape=(len(vocabulary()),)).astype(np.float64)
    shares = np.exp(logits - logits.max())
    return shares / shares.sum()


def test_probabilities_are_those_of_the_model(run: Run) -> None:
    """The softmax over all tokens, whatever the sampling settings are; the likeliest come first, in their order."""
    engine = run(TinyModel())
    ask(engine, user("Tell."), sampling=GREEDY)
    truth = true_probabilities(engine)
    loaded = loaded_set(engine)
    with closing(TokenChoices(loaded.context, loaded.vocabulary, 20)) as choices:
        for token in (0, 300, int(truth.argmax())):
            choice = choices.of(token)
            assert choice.probability == pytest.approx(truth[token], rel=1e-5)
            order = np.argsort(-truth, kind="stable")[:20]
            assert [other.token for other in choice.alternatives] == order.tolist()
            assert [other.probability for other in choice.alternatives] == pytest.approx(truth[order], rel=1e-5)
        assert choices.likeliest() == truth.argmax()


def test_looking_changes_nothing(run: Run) -> None:
    """The same words come, drawn by the same seed, whether anybody asks for the probabilities or not."""
    engine = run(TinyModel())
    plain = ask(engine, user("Tell."), sampling=WARM)
    reply = reply_with_choices(engine, 5)
    tokens, choices = tokens_and_choices(reply)
    assert tuple(tokens) == plain.tokens
    assert reply.text == plain.text
    assert [choice.token for choice in choices] == tokens
    assert all(len(choice.alternatives) == 5 for choice in choices)
    assert {0 < choice.probability <= 1 for choice in choices} == {True}
    assert all(
        choice.text == loaded_set(engine).vocabulary.name(choice.token).decode("utf-8", "replace") for choice in choices
    )


def test_nobody_asked(run: Run) -> None:
    """Without alternatives there are no probabilities at all."""
    assert tokens_and_choices(reply_with_choices(run(TinyModel()), 0))[1] == []


def test_the_greedy_choice_is_the_likeliest(run: Run) -> None:
    """At temperature 0, without a penalty, each token is its own first alternative."""
    sampling = SamplingSettings(temperature=0.0, max_tokens=12, seed=1, repeat_penalty=1.0)
    _, choices = tokens_and_choices(reply_with_choices(run(TinyModel()), 1, sampling))
    assert [choice.alternatives[0].token for choice in choices] == [choice.token for choice in choices]
    assert [choice.alternatives[0].probability for choice in choices] == [choice.probability for choice in choices]


def test_what_is_held_back_comes_with_its_choices(run: Run) -> None:
    """Bytes of characters, the beginnings of stop strings, and the tokens of a reasoning."""
    engine = run(
        TinyModel(template=TEMPLATE.replace("generation_prompt %}<|assistant|>", "generation_prompt %}<think>"))
    )
    plain = reply_with_choices(engine, 0)
    thought = "".join(event.text for event in plain.events if isinstance(event, ReasoningGenerated))
    assert thought
    reply = reply_with_choices(engine, 2, replace(WARM, max_tokens=200), stop=(thought[3:6],))
    tokens, choices = tokens_and_choices(reply)
    assert [choice.token for choice in choices] == tokens
    assert len(tokens) == reply.finished.tokens == 200


def test_choices_cross_the_pipe(child: ChildProcessEngine, run: Run, tiny_llama: Path) -> None:
    """They arrive as they were sent, though pieces are sent together."""
    load(child, tiny_llama)
    here = tokens_and_choices(reply_with_choices(run(TinyModel()), 20))
    assert tokens_and_choices(reply_with_choices(child, 20)) == here
