"""From a conversation to the tokens that a model reads: its format, and what of it fits in the context window."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from app.conversation import Role
from app.engine.events import PromptDescription
from app.engine.interruption import Interruption
from app.engine.llama.memory.memory_policy import common_prefix
from app.engine.llama.prompting.context_window import FittedPrompt, Window, messages_that_fit, reserve_for_reply
from app.engine.llama.prompting.prompt import PromptFormat
from app.engine.llama.prompting.too_long import PromptSizes, too_long
from app.engine.requests import PromptMessage, PromptRequest

_BEGINNINGS: Final = ("A", " z", "\n\nA")
"""Ways in which a text may begin: what the prompts of all have in common will be the same however it does."""
_MARKUP_OF_A_MESSAGE: Final = 8
"""How many tokens a template writes around a message, where it is not known where the message lies."""
_MARKUP_OF_A_SUMMARY: Final = 24
"""The same for the summary, with the sentence before it."""
_UNTRAINED_TO_WINDOW: Final = 4
_VAST_CHARACTERS: Final = 256 * 1024
_VAST_CHARACTERS_A_TOKEN: Final = 16
_VAST_MESSAGES: Final = 1000


@dataclass(frozen=True, slots=True)
class SureBeginning:
    """The tokens that the next prompt will begin with.

    `boundaries` are where one may want to go back to in them: to ask differently, or to have an earlier reply anew.
    """

    tokens: tuple[int, ...]
    boundaries: tuple[int, ...]


class Prompts:
    """Makes the prompts of one loaded model: `n_ctx` tokens fit in its window, for `n_ctx_train` it was trained."""

    def __init__(self, prompt_format: PromptFormat, n_ctx: int, n_ctx_train: int = 0) -> None:
        """Write prompts as `prompt_format` says."""
        self._format = prompt_format
        self._n_ctx = n_ctx
        self._n_ctx_train = n_ctx_train
        self.template_sha256 = prompt_format.template_sha256
        self.stops = prompt_format.stops

    def fit(self, request: PromptRequest, without: Collection[int] = ()) -> FittedPrompt:
        """Give the prompt of what fits, or, where it is said by indices `without` which, that of all others.

        Raises `PromptTooLongError`, `NothingToAnswerError` or `ChatTemplateError`.
        """
        window = self._window(request)
        sizes = self._sizes(request.messages)
        tries = _Tries(self._format, request, self._n_ctx, sizes)
        kept = tuple(index for index in range(len(request.messages)) if index not in without)
        if not without:
            kept = messages_that_fit(request.messages, window, tries.count, tries.costs, tries.summary_cost)
        last = request.messages[kept[-1]]
        if tries.is_hopeless(kept):
            least = sum(sizes[index] for index in kept)
            raise too_long(last.role, PromptSizes(sizes[kept[-1]], least, window, self._n_ctx_train, at_least=True))
        fitted = tries.prompt(kept)
        if len(fitted.tokens) >= self._n_ctx:
            size = self._format.size_of_words(last.content, len(fitted.tokens))
            raise too_long(last.role, PromptSizes(size, len(fitted.tokens), window, self._n_ctx_train))
        stays = set(kept) - set(fitted.left_out)  # a template may say nothing of a message
        left_out = tuple(index for index in range(len(request.messages)) if index not in stays)
        return replace(fitted, left_out=left_out)

    def until(self, interruption: Interruption) -> AbstractContextManager[None]:
        """Let `interruption` end with `PromptInterruptedError` what is done here meanwhile."""
        return self._format.until(interruption)

    def sure_beginning(self, request: PromptRequest) -> SureBeginning:
        """Give what the next prompt will begin with, however its draft goes on. Raises as `fit` does.

        The draft's last word is not sure: another letter may make other tokens of it. Nor is what follows once a longer
        draft makes a turn fall out.
        """
        goings_on = _goings_on(request)
        first, *others = [self.fit(going_on) for going_on in goings_on]
        size = min(common_prefix(first.tokens, other.tokens) for other in others)
        asked = {span.end for span in first.spans if goings_on[0].messages[span.message].role is Role.USER}
        boundaries = sorted(asked.union(first.boundaries))
        return SureBeginning(first.tokens[:size], tuple(place for place in boundaries if place < size))

    def describe(self, request: PromptRequest) -> PromptDescription:
        """Show the prompt. Raises as `fit` does."""
        fitted, window = self.fit(request), self._window(request)
        return PromptDescription(
            fitted.text,
            fitted.tokens,
            fitted.spans,
            fitted.left_out,
            window.n_ctx,
            window.reserve,
            fitted.notes,
            fitted.summary_tokens,
        )

    def _window(self, request: PromptRequest) -> Window:
        return Window(self._n_ctx, reserve_for_reply(self._n_ctx, request.max_tokens))

    def _sizes(self, messages: Sequence[PromptMessage]) -> list[int]:
        """Tell how many tokens at least each message has, where they are so many or so long that it matters.

        Nothing is counted beyond what the model could ever take: somebody may have pasted a whole book.
        """
        vast = max(_VAST_CHARACTERS, _VAST_CHARACTERS_A_TOKEN * self._n_ctx)
        if len(messages) <= _VAST_MESSAGES and sum(len(message.content) for message in messages) <= vast:
            return []
        most = 1 + max(self._n_ctx, self._n_ctx_train or _UNTRAINED_TO_WINDOW * self._n_ctx)
        return [self._format.size_of_words(message.content, most) for message in messages]


class _Tries:
    """The prompts of several choices among the messages of one request, each made once.

    With `sizes`, what is sure not to fit is not made: how long it would be is estimated.
    """

    def __init__(self, prompt_format: PromptFormat, request: PromptRequest, n_ctx: int, sizes: Sequence[int]) -> None:
        self._format = prompt_format
        self._request = request
        self._n_ctx = n_ctx
        self._sizes = sizes
        self._made: dict[tuple[int, ...], FittedPrompt] = {}

    def is_hopeless(self, kept: Sequence[int]) -> bool:
        return bool(self._sizes) and sum(self._sizes[index] for index in kept) > self._n_ctx

    def prompt(self, kept: Sequence[int]) -> FittedPrompt:
        key = tuple(kept)
        if key not in self._made:
            self._made[key] = self._format.prompt(self._request, key)
        return self._made[key]

    def count(self, kept: Sequence[int]) -> int:
        if self.is_hopeless(kept):
            return sum(self._sizes[index] + _MARKUP_OF_A_MESSAGE for index in kept)
        return len(self.prompt(kept).tokens)

    def costs(self) -> list[int]:
        """Tell how many tokens each message adds to the whole: from the end of the one before to its own."""
        messages = self._request.messages
        if self.is_hopeless(range(len(messages))):
            return [size + _MARKUP_OF_A_MESSAGE for size in self._sizes]
        spans = {span.message: span.end for span in self.prompt(range(len(messages))).spans}
        if all(index in spans for index, message in enumerate(messages) if message.content.strip()):
            ends = [0]
            for index in range(len(messages)):
                ends.append(max(ends[-1], spans.get(index, ends[-1])))
            return [end - begin for begin, end in pairwise(ends)]
        most = self._n_ctx + 1
        return [self._format.size_of_words(message.content, most) + _MARKUP_OF_A_MESSAGE for message in messages]

    def summary_cost(self) -> int:
        """Tell how many tokens the summary adds where it stands for messages."""
        summary = self._request.summary.strip()
        return self._format.size_of_words(summary, self._n_ctx) + _MARKUP_OF_A_SUMMARY if summary else 0


def _goings_on(request: PromptRequest) -> list[PromptRequest]:
    """Send the draft as it is, or with something in place of its last word; where there is none, begin one."""
    *before, last = request.messages or (PromptMessage(Role.USER, ""),)
    if last.role is not Role.USER:
        return [replace(request, messages=(*request.messages, PromptMessage(Role.USER, text))) for text in _BEGINNINGS]
    sure = _without_last_word(last.content)
    doubled = sure + sure[-1:]  # some vocabularies have tokens for several blanks
    texts = [last.content, sure + "A", doubled + "\n\nA"] if last.content.strip() else _BEGINNINGS
    return [replace(request, messages=(*before, replace(last, content=text))) for text in texts]


def _without_last_word(draft: str) -> str:
    """Give what is sure of a draft's words: up to the blank that ends the last whole one, and that blank."""
    sure = draft if not draft or draft[-1].isspace() else draft[: len(draft) - len(draft.rsplit(maxsplit=1)[-1])]
    words = sure.rstrip()
    return sure[: len(words) + 1] if words else ""
