"""Which messages fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conversation import Role
from app.engine.engine import PromptTooLongError
from app.engine.events import PromptNote
from app.engine.llama.memory.memory_policy import common_prefix
from app.engine.llama.prompting.context_window import NothingToAnswerError, Window, messages_that_fit, reserve_for_reply
from app.engine.llama.prompting.prompt import PromptFormat
from app.engine.llama.prompting.prompts import Prompts
from app.engine.requests import PromptMessage, PromptRequest
from tests.engine.stories import assistant, system, user
from tests.engine.vocabularies import vocabulary


def fit(*messages: PromptMessage, n_ctx: int, reserve: int = 1) -> tuple[int, ...]:
    """What stays, by index, where each character is a token and nothing else is."""
    sizes = [len(message.content) for message in messages]
    return messages_that_fit(
        messages, Window(n_ctx, reserve), lambda kept: sum(sizes[index] for index in kept), lambda: sizes
    )


def pinned(message: PromptMessage) -> PromptMessage:
    """A message that stays."""
    return replace(message, pinned=True)


def test_all_fits() -> None:
    """As long as there is room nothing is left out."""
    assert fit(system("s"), user("aaa"), assistant("bb"), user("c"), n_ctx=10) == (0, 1, 2, 3)


def test_the_oldest_turn_falls_out_whole() -> None:
    """A question and its answer go together, and the system message stays."""
    messages = (system("s"), user("aaa"), assistant("bb"), user("cc"), assistant("d"), user("e"))
    assert fit(*messages, n_ctx=7) == (0, 3, 4, 5)
    assert fit(*messages, n_ctx=4) == (0, 5)


def test_room_is_kept_for_the_reply() -> None:
    """A turn falls out when there would be too little room to answer."""
    assert fit(user("aaa"), assistant("bb"), user("c"), n_ctx=10, reserve=4) == (0, 1, 2)
    assert fit(user("aaa"), assistant("bb"), user("c"), n_ctx=10, reserve=5) == (2,)


def test_what_is_pinned_stays_alone() -> None:
    """Its turn falls out around it; every system message stays, wherever it stands."""
    messages = (user("aaaa"), pinned(assistant("b")), system("s"), user("cc"), assistant("dddd"), user("e"))
    assert fit(*messages, n_ctx=11) == (1, 2, 3, 4, 5)
    assert fit(*messages, n_ctx=6) == (1, 2, 5)


def test_a_begun_reply_stays_with_its_question() -> None:
    """What is to go on cannot fall out."""
    assert fit(user("aaa"), assistant("b"), user("cc"), assistant("dd"), n_ctx=6, reserve=1) == (2, 3)


def test_nothing_to_answer() -> None:
    """A system message alone is no conversation."""
    with pytest.raises(NothingToAnswerError):
        fit(system("s"), n_ctx=10)


ROLES = st.sampled_from([Role.SYSTEM, Role.USER, Role.USER, Role.ASSISTANT, Role.ASSISTANT])
MESSAGES = st.lists(
    st.builds(
        PromptMessage,
        role=ROLES,
        content=st.integers(min_value=0, max_value=9).map(lambda size: "x" * size),
        tokens=st.just(()),
        reasoning=st.just(""),
        reasoning_tokens=st.just(()),
        pinned=st.integers(min_value=0, max_value=5).map(lambda number: number == 0),
    ),
    min_size=1,
    max_size=14,
)


@given(MESSAGES, st.integers(min_value=2, max_value=70))
def test_any_conversation_in_any_window(messages: Sequence[PromptMessage], n_ctx: int) -> None:
    """Whole turns fall out at the front, never what must stay, never in vain, and never too few if that helps."""
    window = Window(n_ctx, reserve_for_reply(n_ctx, None))
    try:
        kept = fit(*messages, n_ctx=n_ctx, reserve=window.reserve)
    except NothingToAnswerError:
        assert all(message.role is Role.SYSTEM for message in messages)
        return
    sizes = [len(message.content) for message in messages]
    out = [index for index in range(len(messages)) if index not in kept]
    assert list(kept) == sorted(set(kept))
    assert not any(messages[index].pinned or messages[index].role is Role.SYSTEM for index in out)
    asked = [i for i, message in enumerate(messages) if message.role is Role.USER]
    last_turn = asked[-1] if asked else 0
    assert all(index < last_turn for index in out)
    if out:
        assert sum(sizes) > window.room
        following = [i for i in range(out[-1] + 1, len(messages)) if messages[i].role is Role.USER]
        turn_end = following[0] if following else len(messages)
        free = [i for i in range(out[-1], turn_end) if not messages[i].pinned and messages[i].role is not Role.SYSTEM]
        assert all(index in out for index in free), "a turn fell out in half"
    still_may = [i for i in kept if i < last_turn and not messages[i].pinned and messages[i].role is not Role.SYSTEM]
    assert sum(sizes[index] for index in kept) <= window.room or not still_may


def test_the_reserve() -> None:
    """A quarter of the window, at most 1024 tokens, and no more than the reply may have."""
    assert reserve_for_reply(2048, None) == 512
    assert reserve_for_reply(100_000, None) == 1024
    assert reserve_for_reply(2048, 20) == 20


CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
STRICT = (
    "{% for m in messages %}{% if m.role == 'system' or (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}[{{ m.role }}]{{ m.content }}\n{% endfor %}"
)


def prompts(n_ctx: int, n_ctx_train: int = 0, template: str = CHATML) -> Prompts:
    """The prompts of a model with a small window."""
    return Prompts(PromptFormat(vocabulary("qwen2"), template), n_ctx, n_ctx_train)


def question(number: int) -> PromptMessage:
    """A question with a few words."""
    return user(f"This is question number {number}. " + "What else is there to see beyond the fence? " * (number % 2))


def test_the_beginning_stays_the_same_for_several_turns() -> None:
    """In a small window, over 40 turns, the prompt's beginning changes only now and then: each time costs a reading."""
    made = prompts(1024)
    messages: list[PromptMessage] = [system("Be kind.")]
    last: tuple[int, ...] = ()
    changes, full = 0, 0
    for number in range(40):
        fitted = made.fit(PromptRequest((*messages, question(number))))
        assert len(fitted.tokens) + 256 <= 1024
        shared = common_prefix(last, fitted.tokens)
        changes += shared < len(last) // 2
        full += bool(fitted.left_out)
        last = fitted.tokens
        messages += [question(number), assistant("Grass, mostly. " * (5 + number % 3))]
    assert full > 15
    assert 1 < changes <= full // 2


def test_it_stays_the_same_beside_a_summary_too() -> None:
    """What stands for the fallen turns takes room that would be freed for the next ones; only once at a time."""
    made, summary = prompts(1024), "They looked at the fence again. " * 40
    messages: list[PromptMessage] = [system("Be kind.")]
    last: tuple[int, ...] = ()
    changes, full = 0, 0
    for number in range(40):
        fitted = made.fit(PromptRequest((*messages, question(number)), summary=summary))
        assert len(fitted.tokens) + 256 <= 1024
        assert bool(fitted.left_out) == ("They looked" in fitted.text)
        if fitted.left_out:
            full += 1
            changes += common_prefix(last, fitted.tokens) < len(last) // 2
        last = fitted.tokens
        messages += [question(number), assistant("Grass, mostly. " * (5 + number % 3))]
    assert full > 15
    assert 1 < changes <= full // 2


def test_the_reserve_is_what_the_reply_may_have() -> None:
    """Where it may be short only, more of the conversation stays; what is shown and read ahead is the same as that."""
    messages = (user("old " * 40), assistant("Yes."), user("x " * 40))
    made, short = prompts(128), PromptRequest(messages, max_tokens=4)
    assert made.fit(PromptRequest(messages)).left_out == (0, 1)
    assert made.fit(short).left_out == ()
    shown = made.describe(short)
    assert (shown.tokens, shown.left_out, shown.reserve) == (made.fit(short).tokens, (), 4)
    assert made.describe(PromptRequest(messages)).reserve == 32


def test_what_was_left_out_is_told_by_index() -> None:
    """The window knows where to draw the line of forgetting, and which messages stayed beyond it."""
    messages = (system("Be kind."), user("old " * 50), pinned(assistant("Keep me.")), user("x " * 60), user("New?"))
    fitted = prompts(96).fit(PromptRequest(messages))
    assert fitted.left_out == (1, 3)
    assert [span.message for span in fitted.spans] == [0, 2, 4]
    assert "old" not in fitted.text


def test_a_pinned_reply_alone_is_told_to_a_strict_template_too() -> None:
    """Whose question fell out, it answers the system's words, or is quoted."""
    messages = (system("Be kind."), user("old " * 80), pinned(assistant("Keep me.")), user("New?"))
    fitted = prompts(100, template=STRICT).fit(PromptRequest(messages))
    assert fitted.left_out == (1,)
    assert fitted.text == "[user]Be kind.\n[assistant]Keep me.\n[user]New?\n"
    assert fitted.notes == (PromptNote.SYSTEM_FOLDED,)
    alone = prompts(100, template=STRICT).fit(PromptRequest(messages[1:]))
    assert alone.text == "[user]You wrote earlier:\nKeep me.\n\nNew?\n"


def test_the_last_message_may_use_the_reserve() -> None:
    """A long question is asked even if only a short answer fits."""
    fitted = prompts(128).fit(PromptRequest((user("old"), assistant("Yes."), user("x " * 110))))
    assert fitted.left_out == (0, 1)


def refusal(made: Prompts, *messages: PromptMessage) -> str:
    """Why a conversation has no room."""
    with pytest.raises(PromptTooLongError) as caught:
        made.fit(PromptRequest(messages))
    return str(caught.value)


def test_a_message_that_fills_the_window_is_refused_with_numbers() -> None:
    """Somebody who pastes a book is told how long it is, how much fits, and what helps with this model."""
    book = user("word " * 3000)
    told = "Your message is 3,001 tokens long; the context window holds 2,048. "
    assert refusal(prompts(2048, 32_768), book) == told + (
        "Choose a context window of 4,096 tokens in the settings, or shorten it."
    )
    assert refusal(prompts(2048, 3600), book) == told + (
        "Choose a context window of 3,600 tokens in the settings, or shorten it."
    )
    assert refusal(prompts(2048, 2048), book) == told + "Shorten it: this model was made for at most 2,048 tokens."
    assert refusal(prompts(2048), book) == told + ("Shorten it, or choose a larger context window in the settings.")


def test_whose_words_fill_the_window_is_said_as_it_is() -> None:
    """It is not always the message that is too long."""
    made = prompts(256, 8192)
    assert refusal(made, system("rule " * 300), user("Hi?")).startswith("The system prompt, the pinned messages and")
    assert refusal(made, user("Hi?"), assistant("word " * 300)).startswith("The unfinished reply and its question")
    assert refusal(made, system("rule " * 20), user("word " * 240)).startswith(
        "Your message is 241 tokens long, 275 with what must stay beside it; the context window holds 256."
    )
