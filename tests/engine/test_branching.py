"""Replies that are written anew from one of their tokens on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from app.conversation import FinishReason, Role
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import Engine, EngineError, PromptTooLongError
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.reply.branching import branched_prompt
from app.engine.requests import BranchPoint, GenerationRequest, PromptMessage, PromptRequest
from app.settings.values import SamplingSettings
from tests.engine.conftest import Run, load
from tests.engine.stories import GREEDY, Reply, ask, assistant, loaded_set, user
from tests.gguf_files import HYBRID, SPECIAL, TEMPLATE, TinyModel, byte_tokens, vocabulary

QUESTION: Final = user("Tell me of the llama.")
LETTER: Final = vocabulary().index("Q")
PLAIN: Final = SamplingSettings(temperature=0.0, max_tokens=12, seed=1, repeat_penalty=1.0)


@pytest.fixture
def engine(run: Run) -> LlamaEngine:
    """A tiny dense model, loaded."""
    return run(TinyModel())


def written(tokens: tuple[int, ...], reasoning_tokens: tuple[int, ...] = ()) -> PromptMessage:
    """A reply of which the tokens are known; its text is what they say."""
    text = bytes(token - len(SPECIAL) for token in tokens if token - len(SPECIAL) < 256)
    return PromptMessage(
        Role.ASSISTANT, text.decode("utf-8", "replace"), tokens, "Hm." if reasoning_tokens else "", reasoning_tokens
    )


def branch(
    engine: Engine,
    reply: PromptMessage,
    index: int,
    alternative: int,
    *,
    before: tuple[PromptMessage, ...] = (QUESTION,),
    sampling: SamplingSettings = PLAIN,
) -> Reply:
    """Let the reply go on differently."""
    point = BranchPoint(index, alternative)
    request = GenerationRequest(PromptRequest((*before, reply)), sampling, branch=point)
    return Reply(tuple(engine.generate(request, Interruption())))


def all_tokens(reply: Reply) -> list[int]:
    """The tokens of its events, reasoning first."""
    events = [event for event in reply.events if isinstance(event, PieceGenerated | ReasoningGenerated)]
    return [token for event in events for token in event.tokens]


def logits(engine: LlamaEngine) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The last logits."""
    pointer: Any = api.llama_get_logits_ith(loaded_set(engine).context, -1)
    return np.ctypeslib.as_array(pointer, shape=(len(vocabulary()),)).copy()


def fresh_logits(engine: LlamaEngine, tokens: list[int], n_batch: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The logits behind `tokens`, read from an empty memory."""
    cache = loaded_set(engine).cache
    cache.clear()
    assert list(cache.read(tokens, slice_tokens=lambda: n_batch))
    return logits(engine)


@pytest.mark.parametrize("index", [0, 1, 7, 11])
def test_another_choice_is_as_if_it_had_been_the_first(engine: LlamaEngine, index: int) -> None:
    """The events are the whole new message; what was read is reused; and it is what a fresh evaluation gives."""
    first = ask(engine, QUESTION, sampling=PLAIN)
    reply = branch(engine, written(first.tokens), index, LETTER, sampling=replace(PLAIN, max_tokens=1))
    kept = [*first.tokens[:index], LETTER]
    assert all_tokens(reply)[:-1] == kept
    assert reply.prompt.tokens == first.prompt.tokens + len(kept)
    assert reply.prompt.reused == first.prompt.tokens + index
    assert reply.finished.tokens == 1
    assert_as_if_fresh(engine, reply)


@pytest.mark.parametrize(
    "model",
    [TinyModel("gemma3", layers=6, sliding_window=64), TinyModel("mamba"), TinyModel(HYBRID, layers=4)],
    ids=lambda model: str(model.architecture),
)
def test_so_it_is_on_memories_that_cannot_be_cut(run: Run, model: TinyModel) -> None:
    """What cannot be reused is read again; in the middle of a long reply at that."""
    engine = run(model)
    first = ask(engine, user("Tell me of the llama. " * 5), sampling=replace(PLAIN, max_tokens=150))
    assert len(first.tokens) > 100
    again = branch(
        engine, written(first.tokens), 90, LETTER,
        before=(user("Tell me of the llama. " * 5),), sampling=replace(PLAIN, max_tokens=1),
    )  # fmt: skip
    assert all_tokens(again)[:-1] == [*first.tokens[:90], LETTER]
    assert_as_if_fresh(engine, again)


def assert_as_if_fresh(engine: LlamaEngine, reply: Reply) -> None:
    """The last logits, and the last token, are those of a memory that read the same tokens at once."""
    branched = logits(engine)
    read = list(loaded_set(engine).cache.tokens)
    whole, *parts = [fresh_logits(engine, read, n_batch) for n_batch in (256, 64, 5, 1)]
    floor = max(float(np.abs(whole - other).max()) for other in parts)
    assert floor < 0.05  # a wrong memory is off by far more
    assert float(np.abs(branched - whole).max()) <= max(2 * floor, 1e-5)
    assert all_tokens(reply)[-1] == whole.argmax()


def test_what_falls_out_for_what_is_kept_is_in_its_summary(engine: LlamaEngine) -> None:
    """The earlier messages would fit without the words that stay: so that these fit, the summary stands for them."""
    before = (user("word " * 110), assistant("Yes."), QUESTION)
    request = PromptRequest((*before, written(tuple(byte_tokens("a " * 100)))), summary="They spoke of words.")
    made = branched_prompt(loaded_set(engine), request, BranchPoint(190, LETTER)).prompt
    assert made.left_out == (0, 1)
    assert "They spoke of words." in made.text


def test_the_choice_that_was_taken_gives_the_same_reply(engine: LlamaEngine) -> None:
    """Branching to what came anyway changes nothing."""
    first = ask(engine, QUESTION, sampling=PLAIN)
    same = branch(engine, written(first.tokens), 5, first.tokens[5], sampling=replace(PLAIN, max_tokens=6))
    assert tuple(all_tokens(same)) == first.tokens


def test_in_the_middle_of_a_character(engine: LlamaEngine) -> None:
    """The bytes that stay and those that come make one character, or a mark where they make none."""
    llama = tuple(byte_tokens("a🦙b"))
    last = len(SPECIAL) + 0x98
    reply = branch(engine, written(llama), 4, last, sampling=replace(PLAIN, max_tokens=1))
    assert reply.text.startswith("a" + b"\xf0\x9f\xa6\x98".decode())
    assert all_tokens(reply)[:5] == [*llama[:4], last]
    broken = branch(engine, written(llama), 3, LETTER, sampling=replace(PLAIN, max_tokens=1))
    assert broken.text.startswith("a\ufffdQ")


def test_inside_the_reasoning(run: Run) -> None:
    """What stays of it is told as reasoning, and the index counts its tokens first."""
    engine = run(
        TinyModel(template=TEMPLATE.replace("generation_prompt %}<|assistant|>", "generation_prompt %}<think>"))
    )
    thought, answer = tuple(byte_tokens("Who asks?</think>")), tuple(byte_tokens("Hello."))
    reply = branch(engine, written(answer, thought), 4, LETTER)
    first = next(event for event in reply.events if isinstance(event, ReasoningGenerated))
    assert (first.text, first.tokens) == ("Who Q", (*thought[:4], LETTER))
    later = branch(engine, written(answer, thought), len(thought) + 4, LETTER)
    kinds = [type(event) for event in later.events if isinstance(event, PieceGenerated | ReasoningGenerated)]
    assert kinds[:2] == [ReasoningGenerated, PieceGenerated]
    assert later.text.startswith("HellQ")
    assert all_tokens(later)[: len(thought) + 5] == [*thought, *answer[:4], LETTER]


def test_where_the_reply_could_have_ended_it_ends(engine: LlamaEngine) -> None:
    """An end-of-generation token writes nothing, and is not kept."""
    first = ask(engine, QUESTION, sampling=PLAIN)
    reply = branch(engine, written(first.tokens), 3, SPECIAL.index("</s>"))
    assert all_tokens(reply) == list(first.tokens[:3])
    assert (reply.finished.reason, reply.finished.tokens) == (FinishReason.STOP, 0)
    empty = branch(engine, written(first.tokens), 0, SPECIAL.index("</s>"))
    assert (empty.text, all_tokens(empty)) == ("", [])


@pytest.mark.parametrize(
    ("reply", "index", "alternative", "sentence"),
    [
        (written((300, 301)), 2, LETTER, "has 2 tokens; there is no token 3"),
        (written((300, 301)), -1, LETTER, "there is no token 0"),
        (written((300, 301)), 1, 10**6, "has no token 1000000"),
        (written((300, 301)), 1, -1, "has no token -1"),
        (assistant("Hello"), 0, LETTER, "no reply whose tokens are known"),
        (user("Hello"), 0, LETTER, "no reply whose tokens are known"),
    ],
)
def test_what_is_not_there_cannot_be_replaced(
    engine: LlamaEngine, reply: PromptMessage, index: int, alternative: int, sentence: str
) -> None:
    """It is a sentence, and the engine is usable after it."""
    with pytest.raises(EngineError, match=sentence):
        branch(engine, reply, index, alternative)
    assert ask(engine, QUESTION).finished.tokens == GREEDY.max_tokens


def test_a_long_reply_makes_room_for_itself(engine: LlamaEngine) -> None:
    """Old turns fall out for what is kept of it, as they would for a reply that goes on; its own question stays."""
    old = (user("old " * 60), assistant("older " * 30)) * 2
    long = written(tuple(byte_tokens("so " * 150)))
    reply = branch(engine, long, 440, LETTER, before=(*old, QUESTION))
    assert reply.prompt.left_out
    assert all_tokens(reply)[:441] == [*long.tokens[:440], LETTER]
    assert reply.finished.reason is FinishReason.LENGTH
    with pytest.raises(PromptTooLongError):
        branch(engine, written(tuple(byte_tokens("so " * 350))), 1040, LETTER)


def test_branching_crosses_the_pipe(engine: LlamaEngine, child: ChildProcessEngine, tiny_llama: Path) -> None:
    """The engine process gives what this one would."""
    first = ask(engine, QUESTION, sampling=PLAIN)
    here = branch(engine, written(first.tokens), 3, LETTER)
    load(child, tiny_llama)
    there = branch(child, written(first.tokens), 3, LETTER)
    assert (there.text, all_tokens(there)) == (here.text, all_tokens(here))
    with pytest.raises(EngineError, match="there is no token 100"):
        branch(child, written(first.tokens), 99, LETTER)
