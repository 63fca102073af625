"""Replies of tiny models that think first, or are made to stop thinking. What they write is put in their mouth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

import pytest

from app.conversation import FinishReason, Role
from app.engine.events import ReasoningGenerated
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.sampling.sampler import Sampler
from app.engine.requests import BranchPoint, GenerationRequest, Grammar, GrammarKind, PromptMessage, PromptRequest
from app.settings.values import ReasoningSettings, SamplingSettings
from tests.engine.conftest import Run
from tests.engine.stories import GREEDY, Reply, loaded_set, user
from tests.gguf_files import SPECIAL, TEMPLATE, TinyModel, byte_tokens

Say: TypeAlias = Callable[[str], None]
OPENING: Final = TEMPLATE.replace(
    "{% if add_generation_prompt %}<|assistant|>", "{% if add_generation_prompt %}<|assistant|><think>\n"
)
PLENTY: Final = replace(GREEDY, max_tokens=100)
END: Final = SPECIAL.index("</s>")


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """Let the model choose the bytes of a text, and then the end."""
    script: list[int] = []

    def sample(_self: Sampler, _context: object, _row: int = -1) -> int:
        return script.pop(0) if script else END

    def put(text: str) -> None:
        script[:] = byte_tokens(text)

    monkeypatch.setattr(Sampler, "sample", sample)
    return put


@pytest.fixture
def thinker(run: Run) -> LlamaEngine:
    """A model whose prompt opens the reasoning."""
    assert OPENING != TEMPLATE
    return run(TinyModel(template=OPENING))


def reply_of(
    engine: LlamaEngine,
    *messages: PromptMessage,
    reasoning: ReasoningSettings | None = None,
    sampling: SamplingSettings = PLENTY,
    grammar: Grammar | None = None,
) -> Reply:
    """Let `engine` write a reply with a reasoning as it is set."""
    prompt = PromptRequest(messages or (user("Hello"),), reasoning=reasoning or ReasoningSettings())
    return Reply(tuple(engine.generate(GenerationRequest(prompt, sampling, grammar=grammar), Interruption())))


def thought(reply: Reply) -> str:
    """The reasoning, joined."""
    return "".join(event.text for event in reply.events if isinstance(event, ReasoningGenerated))


def thought_tokens(reply: Reply) -> list[int]:
    """The tokens of the reasoning."""
    return [token for event in reply.events if isinstance(event, ReasoningGenerated) for token in event.tokens]


def test_a_reply_that_thinks_first(run: Run, say: Say) -> None:
    """Reasoning and answer come as events of their own, and every token counts once."""
    say("<think>\nWho is it?\n</think>\n\nHello.")
    reply = reply_of(run(TinyModel()))
    assert (thought(reply), reply.text) == ("Who is it?", "Hello.")
    assert bytes(token - len(SPECIAL) for token in thought_tokens(reply)) == b"<think>\nWho is it?\n</think>\n\n"
    assert list(reply.tokens) == byte_tokens("Hello.")
    assert reply.finished.tokens == len(thought_tokens(reply)) + len(reply.tokens)
    assert reply.finished.receipt is not None
    assert reply.finished.receipt.tokens_out == reply.finished.tokens


def test_a_reply_whose_prompt_opened_the_reasoning(thinker: LlamaEngine, say: Say) -> None:
    """The model writes no begin mark then."""
    say("Who is it?\n</think>\n\nHello.")
    reply = reply_of(thinker)
    assert (thought(reply), reply.text) == ("Who is it?", "Hello.")


def test_a_reply_that_never_answers(thinker: LlamaEngine, say: Say) -> None:
    """It has its reasoning and no text; the limit counts the reasoning too."""
    say("Who is it? " * 20)
    reply = reply_of(thinker, sampling=replace(GREEDY, max_tokens=12))
    assert (thought(reply), reply.text) == ("Who is it? W", "")
    assert reply.finished.reason is FinishReason.LENGTH
    assert reply.finished.receipt is not None
    assert reply.finished.receipt.reached_limit
    assert len(thought_tokens(reply)) == 12


def test_a_budget_makes_it_answer(thinker: LlamaEngine, say: Say) -> None:
    """After so many tokens the end mark is put in its place; it counts, and is what was read."""
    say("I wonder and wonder. Hello.")
    reply = reply_of(thinker, reasoning=ReasoningSettings(budget=16))
    assert (thought(reply), reply.text) == ("I wonder and won", "der. Hello.")
    assert len(thought_tokens(reply)) == 16 + len("\n</think>\n\n")
    read = loaded_set(thinker).cache.tokens[reply.prompt.tokens :]
    assert read == [*thought_tokens(reply), *reply.tokens]
    assert reply.finished.tokens == len(read)


@pytest.mark.parametrize("template", [OPENING, TEMPLATE])
def test_off_is_off_whoever_opens_it(run: Run, say: Say, template: str) -> None:
    """A template without a switch opens the reasoning, or the model does by itself: it is closed at once."""
    say("Hello." if template is OPENING else "<think>Hello.")
    reply = reply_of(run(TinyModel(template=template)), reasoning=ReasoningSettings(effort="off"))
    assert (thought(reply), reply.text) == ("", "Hello.")


def test_a_limit_in_the_middle_of_the_end_mark_ends_the_reply(thinker: LlamaEngine, say: Say) -> None:
    """No more tokens come than were allowed, not even those that nobody chose."""
    say("I wonder and wonder.")
    reply = reply_of(thinker, reasoning=ReasoningSettings(budget=16), sampling=replace(GREEDY, max_tokens=20))
    assert reply.finished.reason is FinishReason.LENGTH
    assert reply.finished.tokens == len(thought_tokens(reply)) == 20


def test_a_grammar_is_about_the_answer(thinker: LlamaEngine) -> None:
    """It lets the model think as it likes, and holds from the answer's first word on."""
    grammar = Grammar(GrammarKind.GBNF, 'root ::= "yes" | "no"')
    reply = reply_of(thinker, reasoning=ReasoningSettings(budget=16), grammar=grammar)
    assert thought(reply)
    assert reply.text in ("yes", "no")
    plain = reply_of(thinker, reasoning=ReasoningSettings(effort="off"), grammar=grammar)
    assert (thought(plain), plain.text in ("yes", "no")) == ("", True)


def test_an_unfinished_reasoning_goes_on(thinker: LlamaEngine, say: Say) -> None:
    """What was thought counts for the budget, and the next words are reasoning still."""
    begun = PromptMessage(Role.ASSISTANT, "", reasoning="I wonder", reasoning_tokens=tuple(byte_tokens("I wonder")))
    say(" and wonder.</think>Hello.")
    reply = reply_of(thinker, user("Hello"), begun)
    assert (thought(reply), reply.text) == (" and wonder.", "Hello.")
    say(" and wonder.</think>Hello.")
    short = reply_of(thinker, user("Hello"), begun, reasoning=ReasoningSettings(budget=16))
    assert thought(short) == " and won"


def test_a_branch_has_what_is_left_of_the_budget(thinker: LlamaEngine, say: Say) -> None:
    """The old reply used all of it: what stays of that counts once, and what went does not count."""
    old = byte_tokens("I wonder and won\n</think>\n\n")
    reply = PromptMessage(Role.ASSISTANT, "Hello.", tuple(byte_tokens("Hello.")), "I wonder and won", tuple(old))
    prompt = PromptRequest((user("Hello"), reply), reasoning=ReasoningSettings(budget=16))
    branch = BranchPoint(8, byte_tokens("!")[0])
    say(" He seems to be a llama. Hello.")
    request = GenerationRequest(prompt, PLENTY, branch=branch)
    again = Reply(tuple(thinker.generate(request, Interruption())))
    assert (thought(again), again.text) == ("I wonder! He see", "ms to be a llama. Hello.")


def test_an_unfinished_answer_goes_on_as_an_answer(thinker: LlamaEngine, say: Say) -> None:
    """The reasoning is behind it, whatever the template opens; and marks are text there."""
    begun = PromptMessage(Role.ASSISTANT, "Hello", reasoning="Who is it?")
    say(", write <think>.")
    reply = reply_of(thinker, user("Hello"), begun)
    assert (thought(reply), reply.text) == ("", ", write <think>.")


def test_what_a_user_writes_opens_no_reasoning(run: Run, say: Say) -> None:
    """Not even where a template puts nothing behind it."""
    say("Hello.")
    bare = TEMPLATE.replace("{% if add_generation_prompt %}<|assistant|>{% endif %}", "")
    assert bare != TEMPLATE
    reply = reply_of(run(TinyModel(template=bare)), user("What is <think>"))
    assert (thought(reply), reply.text) == ("", "Hello.")


@pytest.mark.parametrize(
    ("thought_before", "written_before", "said", "thought_now"),
    [
        ("I wonder", "<think>\nI wonder", " why.</think>\n\nHello.", " why."),
        ("I wonder", "<think>\nI wonder\n</think>\n", "\nHello.", ""),
    ],
)
def test_a_reasoning_that_the_model_opened_goes_on(
    run: Run, say: Say, thought_before: str, written_before: str, said: str, thought_now: str
) -> None:
    """Its marks are among its tokens: they tell whether it had ended when it was stopped."""
    engine = run(TinyModel())
    begun = PromptMessage(
        Role.ASSISTANT, "", reasoning=thought_before, reasoning_tokens=tuple(byte_tokens(written_before))
    )
    say(said)
    reply = reply_of(engine, user("Hello"), begun)
    assert (thought(reply), reply.text) == (thought_now, "Hello.")
    assert reply.prompt.tokens == reply_of(engine).prompt.tokens + len(begun.reasoning_tokens)


def test_a_grammar_may_want_marks(run: Run) -> None:
    """What it makes the model write is the answer, also where it looks like a reasoning."""
    grammar = Grammar(GrammarKind.GBNF, 'root ::= "<think>yes</think>no"')
    reply = reply_of(run(TinyModel()), grammar=grammar)
    assert (thought(reply), reply.text) == ("", "<think>yes</think>no")
