"""Says of what must stay in the prompt, and does not fit, how long it is and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.conversation import Role
from app.engine.engine import PromptTooLongError
from app.engine.llama.prompting.context_window import Window

_SMALLEST: Final = 2048


@dataclass(frozen=True, slots=True)
class PromptSizes:
    """How many tokens the `last` message has, and with `all` that must stay; how many the model was trained for.

    `trained` is 0 when the file does not say it. With `at_least` nobody counted on: they may be more.
    """

    last: int
    all: int
    window: Window
    trained: int
    at_least: bool = False


def too_long(last: Role, sizes: PromptSizes) -> PromptTooLongError:
    """Give the error for a prompt that ends with a message of `last`."""
    n_ctx = sizes.window.n_ctx
    return PromptTooLongError(
        _what(last, sizes),
        next_step=_what_helps_a_reply(sizes) if last is Role.ASSISTANT else _what_helps(sizes),
        tokens=f"{sizes.last:,}",
        all=f"{sizes.all:,}",
        n_ctx=f"{n_ctx:,}",
        larger=f"{_larger(sizes):,}",
        trained=f"{sizes.trained:,}",
    )


def _what(last: Role, sizes: PromptSizes) -> str:
    if sizes.at_least:
        return _what_at_least(last, sizes)
    if last is Role.ASSISTANT:
        return "The unfinished reply and its question fill the context window: {all} tokens, and it holds {n_ctx}."
    if sizes.last >= sizes.window.n_ctx:
        return "Your message is {tokens} tokens long; the context window holds {n_ctx}."
    if 2 * sizes.last > sizes.all:
        return (
            "Your message is {tokens} tokens long, {all} with what must stay beside it; "
            "the context window holds {n_ctx}."
        )
    return (
        "The system prompt, the pinned messages and your message are {all} tokens long together; "
        "the context window holds {n_ctx}."
    )


def _what_at_least(last: Role, sizes: PromptSizes) -> str:
    if last is Role.ASSISTANT:
        return "The unfinished reply and its question are at least {all} tokens long; the context window holds {n_ctx}."
    if sizes.last >= sizes.window.n_ctx:
        return "Your message is at least {tokens} tokens long; the context window holds {n_ctx}."
    return (
        "The system prompt, the pinned messages and your message are at least {all} tokens long together; "
        "the context window holds {n_ctx}."
    )


def _what_helps(sizes: PromptSizes) -> str:
    if sizes.trained == 0:
        return "Shorten it, or choose a larger context window in the settings."
    if _larger(sizes):
        return "Choose a context window of {larger} tokens in the settings, or shorten it."
    return "Shorten it: this model was made for at most {trained} tokens."


def _what_helps_a_reply(sizes: PromptSizes) -> str:
    """What is there already cannot be shortened."""
    if _larger(sizes):
        return "Choose a context window of {larger} tokens in the settings, or begin a new conversation."
    return "Begin a new conversation: there is room again."


def _larger(sizes: PromptSizes) -> int:
    """Give the smallest usual window that would hold it all and a reply; 0 when the model was not made for it."""
    needed, size = sizes.all + sizes.window.reserve, _SMALLEST
    while size < needed:
        size *= 2
    if size <= sizes.trained:
        return size
    return sizes.trained if needed <= sizes.trained else 0
