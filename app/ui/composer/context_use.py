"""What of the context window the next prompt takes, as the gauge shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    def evaluated(self, tokens: int, left_out: int) -> ContextUse:
        """Give what it is once the draft was sent and read as a prompt of `tokens`."""
        conversation = max(0, tokens - self.system - self.summary)
        reply = max(0, min(self.reply, self.n_ctx - tokens))
        seen = self.messages + (self.draft > 0)
        return ContextUse(self.n_ctx, self.system, conversation, 0, reply, seen, left_out, summary=self.summary)

    def grown(self, tokens: int) -> ContextUse:
        """Give what it is with so many tokens of a reply more."""
        return replace(self, conversation=self.conversation + tokens, reply=max(0, self.reply - tokens))

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
