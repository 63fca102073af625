"""From a conversation to the tokens that a model reads: its format, and what of it fits in the context window."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.conversation import Role
from app.engine.events import PromptDescription
from app.engine.llama.context_window import FittedPrompt, fit_messages, reserve_for_reply
from app.engine.llama.memory_policy import common_prefix
from app.engine.llama.prompt import PromptFormat
from app.engine.requests import PromptMessage, PromptRequest

_GOINGS_ON: Final = ("A", " z")
"""Two ways in which a draft may go on. What both prompts begin with will be the same however it does."""


class Prompts:
    """Makes the prompts of one loaded model, whose context window holds `n_ctx` tokens."""

    def __init__(self, prompt_format: PromptFormat, n_ctx: int) -> None:
        """Write prompts as `prompt_format` says."""
        self._format = prompt_format
        self._n_ctx = n_ctx
        self.template_sha256 = prompt_format.template_sha256
        self.stops = prompt_format.stops

    def fit(self, request: PromptRequest, max_tokens: int | None = None) -> FittedPrompt:
        """Give the prompt of what fits. Raises `PromptTooLongError` or `ChatTemplateError`."""
        reserve = reserve_for_reply(self._n_ctx, max_tokens)
        return fit_messages(request.messages, self._format.tokens, n_ctx=self._n_ctx, reserve=reserve)

    def sure_beginning(self, request: PromptRequest) -> tuple[int, ...]:
        """Give the tokens that the next prompt will begin with, however its draft goes on. Raises as `fit` does."""
        first, second = (self.fit(_going_on(request, text)).tokens for text in _GOINGS_ON)
        return first[: common_prefix(first, second)]

    def describe(self, request: PromptRequest) -> PromptDescription:
        """Show the prompt. Raises as `fit` does."""
        fitted = self.fit(request)
        reserve = reserve_for_reply(self._n_ctx, None)
        return PromptDescription(
            fitted.text, fitted.tokens, fitted.spans, fitted.left_out, self._n_ctx, reserve, fitted.notes
        )


def _going_on(request: PromptRequest, text: str) -> PromptRequest:
    """Let the draft at the end go on with `text`; where there is none it begins one."""
    *before, last = request.messages or (PromptMessage(Role.USER, ""),)
    if last.role is Role.USER:
        return replace(request, messages=(*before, replace(last, content=last.content + text)))
    return replace(request, messages=(*request.messages, PromptMessage(Role.USER, text)))
