"""The prompt of a reply that is to be written anew from one of its tokens on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.conversation import Role
from app.engine.engine import EngineError, PromptTooLongError
from app.engine.llama.loading.loaded_set import LoadedSet
from app.engine.llama.prompting.context_window import FittedPrompt, reserve_for_reply
from app.engine.requests import BranchPoint, PromptMessage, PromptRequest
from app.errors import Fault


class BranchError(EngineError):
    """A reply cannot be written anew from there."""

    fault = Fault.USER


@dataclass(frozen=True, slots=True)
class BranchedPrompt:
    """A prompt whose last tokens are what was `kept` of the reply; `has_ended` when there the reply ends."""

    prompt: FittedPrompt
    kept: tuple[int, ...] = ()
    has_ended: bool = False

    @property
    def before_reply(self) -> tuple[int, ...]:
        """The tokens before what was kept."""
        return self.prompt.tokens[: len(self.prompt.tokens) - len(self.kept)]


def branched_prompt(loaded: LoadedSet, request: PromptRequest, branch: BranchPoint) -> BranchedPrompt:
    """Put what `branch` keeps behind the prompt of the reply. Raises `BranchError`, or as `Prompts.fit` does."""
    *before, reply = request.messages
    written = reply.reasoning_tokens + reply.tokens
    _check(loaded, reply, written, branch)
    has_ended = loaded.vocabulary.ends_generation(branch.alternative)
    kept = written[: branch.token_index] + (() if has_ended else (branch.alternative,))
    fitted = _with_room(loaded, replace(request, messages=tuple(before)), _kept_reply(loaded, reply, kept))
    return BranchedPrompt(replace(fitted, tokens=fitted.tokens + kept), kept, has_ended)


def _check(loaded: LoadedSet, reply: PromptMessage, written: tuple[int, ...], branch: BranchPoint) -> None:
    if reply.role is not Role.ASSISTANT or not written:
        raise BranchError("There is no reply whose tokens are known.", next_step="Write the reply anew instead.")
    if not 0 <= branch.token_index < len(written):
        raise BranchError(
            "The reply has {tokens} tokens; there is no token {index} to replace.",
            tokens=f"{len(written):,}",
            index=f"{branch.token_index + 1:,}",
        )
    if not 0 <= branch.alternative < loaded.vocabulary.size:
        raise BranchError("This model has no token {token}.", token=branch.alternative)


def _kept_reply(loaded: LoadedSet, reply: PromptMessage, kept: tuple[int, ...]) -> PromptMessage:
    text = b"".join(loaded.vocabulary.piece(token) for token in kept).decode("utf-8", errors="replace")
    return replace(reply, content=text, tokens=kept, reasoning="", reasoning_tokens=())


def _with_room(loaded: LoadedSet, request: PromptRequest, reply: PromptMessage) -> FittedPrompt:
    """Fit the messages before `reply` so that there is room for it and for what follows."""
    n_ctx = loaded.described.n_ctx
    fitted = loaded.prompts.fit(request)
    if len(fitted.tokens) + len(reply.tokens) + reserve_for_reply(n_ctx, request.max_tokens) <= n_ctx:
        return fitted
    left_out = loaded.prompts.fit(replace(request, messages=(*request.messages, reply))).left_out
    fitted = loaded.prompts.fit(request, without=left_out)
    if len(fitted.tokens) + len(reply.tokens) >= n_ctx:
        raise PromptTooLongError("There is no room in the context window for another continuation of this reply.")
    return fitted
