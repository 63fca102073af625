"""From messages to the tokens of a prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from app.conversation import Role
from app.engine.engine import ChatTemplateError
from app.engine.llama.chat_template import ChatTemplate
from app.engine.llama.tokens import Vocabulary
from app.engine.requests import PromptMessage

_SPEAKERS: Final = {Role.SYSTEM: "System", Role.USER: "User", Role.ASSISTANT: "Assistant"}


class PromptFormat:
    """How one model wants its prompt: by the chat template of its file, or, when it has none, as a plain transcript."""

    def __init__(self, vocabulary: Vocabulary, template_source: str) -> None:
        """Compile the template. Raises `ChatTemplateError` when it is none."""
        self._vocabulary = vocabulary
        self._template: ChatTemplate | None = None
        self.template_sha256: str | None = None
        if template_source:
            self._template = ChatTemplate(template_source, bos_token=vocabulary.bos_text, eos_token=vocabulary.eos_text)
            self.template_sha256 = hashlib.sha256(template_source.encode("utf-8", errors="replace")).hexdigest()

    @property
    def has_template(self) -> bool:
        """Whether the file brought a chat template."""
        return self._template is not None

    @property
    def stops(self) -> tuple[str, ...]:
        """What ends a reply beside the model's own end: in a transcript, the user's next turn."""
        return () if self.has_template else (f"\n{_SPEAKERS[Role.USER]}:",)

    def tokens(self, messages: Sequence[PromptMessage]) -> list[int]:
        """Give the prompt that lets the model write the next reply, or go on with the last message if it is one."""
        text = transcript(messages) if self._template is None else template_text(self._template, messages)
        return self._tokens_with_one_bos(text)

    def _tokens_with_one_bos(self, text: str) -> list[int]:
        """Most templates write the beginning-of-text token themselves; the tokenizer must not put a second one."""
        written = bool(self._vocabulary.bos_text) and text.startswith(self._vocabulary.bos_text)
        tokens = self._vocabulary.tokens(text, add_special=False, parse_special=True)
        if self._vocabulary.adds_bos and not written and tokens[:1] != [self._vocabulary.bos]:
            tokens.insert(0, self._vocabulary.bos)
        return tokens


def template_text(template: ChatTemplate, messages: Sequence[PromptMessage]) -> str:
    """Render `messages`; a reply that is to go on comes after the generation prompt, as the model began it.

    Some templates know no system message, or insist that user and assistant alternate: what they refuse is tried once
    more with the system's words in the user's first message, and with neighbours of one role as one message.
    """
    spoken, begun = _split_begun_reply(messages)
    plain = [{"role": message.role.value, "content": message.content} for message in spoken]
    try:
        text = template.render(plain)
    except ChatTemplateError as refusal:
        folded = _fold(plain)
        if folded == plain:
            raise
        try:
            text = template.render(folded)
        except ChatTemplateError:
            raise refusal from None
    return text + begun


def transcript(messages: Sequence[PromptMessage]) -> str:
    """Write `messages` as a plain conversation, for a model that was never taught a format."""
    spoken, begun = _split_begun_reply(messages)
    turns = [f"{_SPEAKERS[message.role]}: {message.content}\n" for message in spoken]
    opening = f"{_SPEAKERS[Role.ASSISTANT]}:"
    return "\n".join([*turns, f"{opening} {begun}" if begun else opening])


def _split_begun_reply(messages: Sequence[PromptMessage]) -> tuple[Sequence[PromptMessage], str]:
    if messages and messages[-1].role is Role.ASSISTANT:
        return messages[:-1], messages[-1].content
    return messages, ""


def _fold(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let the user say what the system would, and join neighbours of one role."""
    system, user = Role.SYSTEM.value, Role.USER.value
    renamed = [{**message, "role": user} if message["role"] == system else message for message in messages]
    return [
        {"role": role, "content": "\n\n".join(message["content"] for message in group)}
        for role, group in groupby(renamed, key=lambda message: str(message["role"]))
    ]
