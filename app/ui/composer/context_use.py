"""What of the context window the next prompt takes, as the gauge shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.chat.open_conversation import OpenConversation
from app.chat.prompt import prompted
from app.conversation import Role
from app.engine.events import PromptDescription
from app.engine.requests import PromptMessage


@dataclass(frozen=True, slots=True)
class ContextUse:
    """Tokens of the prompt by where they come from; `reply` are those kept free, out of `n_ctx` in all.

    `messages` are those of the conversation that the model sees, `left_out` those that it does not, for which the
    `summary` stands.
    """

    n_ctx: int
    system: int
    conversation: int
    draft: int
    reply: int
    messages: int = 0
    left_out: int = 0
    is_near_end: bool = False
    """There is less room left than is kept free for a reply: the next message pushes the oldest turns out."""
    summary: int = 0

    @property
    def tokens(self) -> int:
        """How long the prompt is."""
        return self.system + self.summary + self.conversation + self.draft

    @property
    def percent(self) -> int:
        """How much of the window the prompt takes."""
        return round(100 * self.tokens / self.n_ctx)


def context_use(messages: Sequence[PromptMessage], described: PromptDescription, *, has_draft: bool) -> ContextUse:
    """Part the tokens of the prompt that was made of `messages`, whose last one is the draft if there is one.

    What the chat template puts between the messages counts as the conversation's, so that the parts add up.
    """
    sizes = {span.message: span.end - span.start for span in described.spans}
    last = len(messages) - 1
    draft = sizes.get(last, 0) if has_draft else 0
    system = sum(sizes.get(at, 0) for at, message in enumerate(messages) if message.role is Role.SYSTEM)
    others = [at for at, message in enumerate(messages) if message.role is not Role.SYSTEM]
    seen = len(set(others) - set(described.left_out)) - has_draft
    tokens = len(described.tokens)
    return ContextUse(
        n_ctx=described.n_ctx,
        system=system,
        conversation=tokens - system - described.summary_tokens - draft,
        draft=draft,
        reply=max(0, min(described.reserve, described.n_ctx - tokens)),
        messages=seen,
        left_out=len(described.left_out),
        is_near_end=not has_draft and seen > 0 and tokens + described.reserve >= described.n_ctx,
        summary=described.summary_tokens,
    )


def use_while_replying(opened: OpenConversation) -> ContextUse | None:
    """Give what it is while a reply comes, whose tokens are the conversation's; None before its prompt was read.

    How much of it is the system prompt or the summary, and how much was kept free, is known from the last look at it.
    """
    progress = opened.progress
    if progress is None or not progress.prompt_tokens:
        return None
    system, described = _system_tokens(opened), opened.description
    summary = described.summary_tokens if described else 0
    free = min(described.reserve if described else 0, progress.n_ctx - progress.prompt_tokens)
    return ContextUse(
        n_ctx=progress.n_ctx,
        system=system,
        conversation=max(0, progress.prompt_tokens + progress.tokens - system - summary),
        draft=0,
        reply=max(0, free - progress.tokens),
        messages=_messages(opened) - progress.left_out,
        left_out=progress.left_out,
        summary=summary,
    )


def full_use(opened: OpenConversation, n_ctx: int) -> ContextUse:
    """Give what it is where what the model must see fills the whole window of `n_ctx` tokens."""
    system, left_out = min(_system_tokens(opened), n_ctx), len(opened.left_out)
    seen = _messages(opened) - left_out
    return ContextUse(n_ctx, system, n_ctx - system, 0, 0, seen, left_out, is_near_end=True)


def _messages(opened: OpenConversation) -> int:
    return sum(message.role is not Role.SYSTEM for message in prompted(opened.messages))


def _system_tokens(opened: OpenConversation) -> int:
    """The system prompt stands at the beginning of the conversation, if it has one."""
    described, first = opened.description, next(iter(opened.messages), None)
    if described is None or first is None or first.role is not Role.SYSTEM:
        return 0
    return sum(span.end - span.start for span in described.spans if span.message == 0)
