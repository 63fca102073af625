"""What the model is given of a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from app.chat.turn import TurnSettings
from app.conversation import Conversation, Message, Summary
from app.engine.requests import BranchPoint, GenerationRequest, PromptMessage, PromptRequest

_ALTERNATIVES = 5


def prompt_request(
    branch: Sequence[Message], conversation: Conversation | None, summary: Summary | None, how: TurnSettings
) -> PromptRequest:
    """Give what the model is to read of `branch`, which is one of `conversation`; None is not kept anywhere yet."""
    return PromptRequest(
        prompt_messages(branch, how.model.name),
        conversation.id if conversation else "",
        private=conversation is None or conversation.options.private,
        reasoning=how.reasoning,
        summary=summary.text if summary else "",
        max_tokens=how.sampling.max_tokens,
    )


def generation_request(
    prompt: PromptRequest, conversation: Conversation | None, how: TurnSettings, branch: BranchPoint | None = None
) -> GenerationRequest:
    """Give what is to be written behind `prompt`, or anew from `branch` on.

    Probabilities are wanted for all tokens of a reply or for none: not where those of its beginning are unknown.
    """
    wants_choices = conversation is not None and conversation.options.keeps_choices
    knows_all = branch is None or len(branch.choices) == branch.token_index + 1
    return GenerationRequest(
        prompt,
        how.sampling,
        grammar=how.grammar,
        alternatives=_ALTERNATIVES if wants_choices and knows_all else 0,
        branch=branch,
    )


def prompt_messages(branch: Sequence[Message], model_name: str | None = None) -> tuple[PromptMessage, ...]:
    """Turn a branch, root first, into prompt messages. A reply that never got a word is left out.

    The question before it stays a turn of its own: one that was too long for the window can fall out of it again.
    The token ids of replies go along where the model `model_name` wrote them: to another one they say something else.
    """
    return tuple(
        prompt_message(message, knows_tokens=message.model_name is not None and message.model_name == model_name)
        for message in prompted(branch)
    )


def prompted(branch: Sequence[Message]) -> list[Message]:
    """Give the messages of which the model reads something."""
    return [message for message in branch if message.text or message.reasoning]


def prompt_message(message: Message, *, knows_tokens: bool) -> PromptMessage:
    """Turn a message into a prompt message, with the ids of its tokens where the model knows them."""
    generations = message.generations if knows_tokens else ()
    return PromptMessage(
        message.role,
        message.text,
        tokens=tuple(chain.from_iterable(part.answer_ids for part in generations)),
        reasoning=message.reasoning,
        reasoning_tokens=tuple(chain.from_iterable(part.reasoning_ids for part in generations)),
        pinned=message.pinned,
    )
