"""Which messages fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.engine import PromptTooLongError
from app.engine.llama.context_window import NothingToAnswerError, fit_messages, reserve_for_reply
from app.engine.requests import PromptMessage
from tests.engine.stories import assistant, system, user


def one_token_a_character(messages: tuple[PromptMessage, ...]) -> list[int]:
    """A prompt format without markers."""
    return [ord(letter) for message in messages for letter in message.content]


def fit(*messages: PromptMessage, n_ctx: int, reserve: int = 1) -> tuple[str, int]:
    """What fits, as text, and how many messages fell out."""
    fitted = fit_messages(messages, one_token_a_character, n_ctx=n_ctx, reserve=reserve)
    return "".join(chr(token) for token in fitted.tokens), len(fitted.left_out)


def test_all_fits() -> None:
    """As long as there is room nothing is left out."""
    assert fit(system("s"), user("aaa"), assistant("bb"), user("c"), n_ctx=10) == ("saaabbc", 0)


def test_the_oldest_turn_falls_out_whole() -> None:
    """A question and its answer go together, and the system message stays."""
    messages = (system("s"), user("aaa"), assistant("bb"), user("cc"), assistant("d"), user("e"))
    assert fit(*messages, n_ctx=9) == ("sccde", 2)
    assert fit(*messages, n_ctx=4) == ("se", 4)


def test_room_is_kept_for_the_reply() -> None:
    """A turn falls out when there would be too little room to answer."""
    assert fit(user("aaa"), assistant("bb"), user("c"), n_ctx=10, reserve=4) == ("aaabbc", 0)
    assert fit(user("aaa"), assistant("bb"), user("c"), n_ctx=10, reserve=5) == ("c", 2)


def test_the_last_message_may_use_the_reserve() -> None:
    """A long question is asked even if only a short answer fits."""
    assert fit(user("a"), user("bbbbbbbbb"), n_ctx=10, reserve=5) == ("bbbbbbbbb", 1)


def test_a_message_that_fills_the_window_is_refused_with_numbers() -> None:
    """Somebody who pastes a book is told how long it is, how much fits, and what helps."""
    with pytest.raises(PromptTooLongError) as caught:
        fit(system("s"), user("old"), user("x" * 20), n_ctx=20)
    assert str(caught.value) == (
        "Your message is 21 tokens long; the context window holds 20. "
        "Send a shorter message, or choose a larger context window in the settings."
    )


def test_nothing_to_answer() -> None:
    """A system message alone is no conversation."""
    with pytest.raises(NothingToAnswerError):
        fit(system("s"), n_ctx=10)


def test_a_begun_reply_stays_with_its_question() -> None:
    """What is to go on cannot fall out."""
    assert fit(user("aaa"), assistant("b"), user("cc"), assistant("dd"), n_ctx=6, reserve=1) == ("ccdd", 2)


@given(st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=12), st.integers(min_value=2, max_value=60))
def test_a_prompt_never_exceeds_the_window_and_never_leaves_out_more_than_it_must(
    lengths: list[int], n_ctx: int
) -> None:
    """For any conversation: what fits, fits; one turn more would not; the last message is there."""
    messages = [user("x" * length) if i % 2 == 0 else assistant("y" * length) for i, length in enumerate(lengths)]
    reserve = reserve_for_reply(n_ctx, None)
    try:
        fitted = fit_messages(messages, one_token_a_character, n_ctx=n_ctx, reserve=reserve)
    except PromptTooLongError:
        return
    assert len(fitted.tokens) < n_ctx
    kept = messages[len(fitted.left_out) :]
    assert list(fitted.tokens) == one_token_a_character(tuple(kept))
    if fitted.left_out:
        before = messages[len(fitted.left_out) - 2 :]
        assert len(one_token_a_character(tuple(before))) + reserve > n_ctx


def test_the_reserve() -> None:
    """A quarter of the window, at most 1024 tokens, and no more than the reply may have."""
    assert reserve_for_reply(2048, None) == 512
    assert reserve_for_reply(100_000, None) == 1024
    assert reserve_for_reply(2048, 20) == 20
