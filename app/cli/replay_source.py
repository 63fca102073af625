"""What `ask --replay` repeats: a reply with its receipt, and the request that would write it again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.chat.model_choice import identity_of, model_that_wrote
from app.chat.prompt import prompt_message, prompt_request
from app.chat.turn import TurnSettings
from app.chat.turn_settings import turn_settings
from app.cli.named_model import model_of_before
from app.cli.replay_verdict import WrittenRun
from app.conversation import (
    Conversation,
    ConversationOptions,
    Generation,
    Message,
    MessageStatus,
    Receipt,
    Role,
    Summary,
    UsedAdapter,
)
from app.engine.requests import Adapter, BranchPoint, GenerationRequest, PromptMessage, Repetition
from app.errors import Fault, PaddockError
from app.models.installed import InstalledModel
from app.parts import Parts
from app.settings.values import ReasoningSettings, SamplingSettings

_ALTERNATIVES: Final = 20
_CUT_SHORT: Final = (MessageStatus.CANCELLED, MessageStatus.INTERRUPTED, MessageStatus.ERROR)


class ReplayError(PaddockError):
    """A reply cannot be repeated."""

    fault = Fault.USER


@dataclass(frozen=True, slots=True)
class ReplaySource:
    """What is repeated: the last generation of `message`, which `receipt` tells of."""

    conversation: Conversation
    branch: tuple[Message, ...]
    """The messages before it."""
    message: Message
    generation: Generation
    receipt: Receipt

    @property
    def kept(self) -> int:
        """How many of its tokens were not generated, but taken over from another reply."""
        return max(0, len(self.generation.token_ids) - self.receipt.tokens_out)

    @property
    def original(self) -> WrittenRun:
        """What was written then."""
        begins = self.generation.first_character
        is_only = len(self.message.generations) == 1
        reasoning = self.message.reasoning if is_only else ""  # what each of several thought is not kept apart
        return WrittenRun(self.message.text[begins:], reasoning, self.generation.token_ids, self.generation.choices)


def find_replay(parts: Parts, message_id: str) -> ReplaySource:
    """Give what is to be repeated of a message. Raises `ReplayError` when it cannot be."""
    message = parts.store.message(message_id)
    generation = message.generations[-1] if message.generations else None
    if message.role is not Role.ASSISTANT or generation is None or generation.receipt is None:
        raise ReplayError(
            "This message has no receipt: nothing tells how it was written.",
            next_step="Name a reply that a model wrote to its end.",
        )
    receipt = generation.receipt
    if not receipt.tokens_out:
        raise ReplayError("The model wrote nothing for this message.", next_step="Name another reply.")
    if "grammar_sha256" in receipt.sampling:
        raise ReplayError("This reply was bound to a schema or grammar, which is not kept with it.")
    conversation = parts.store.conversation(message.conversation_id)
    by_id = {other.id: other for other in parts.store.tree(conversation.id)}
    branch = [message]
    while (parent := by_id.get(branch[0].parent_id or "")) is not None:
        branch.insert(0, parent)
    return ReplaySource(conversation, tuple(branch[:-1]), message, generation, receipt)


def model_of(parts: Parts, receipt: Receipt, named: str | None) -> InstalledModel:
    """Give the model that wrote the reply. Raises when its file is gone, or is another one now."""
    wrote = receipt.model.sha256
    if named is None and (model := model_that_wrote(parts.models, parts.hashes, wrote)) is not None:
        return model
    name = receipt.model.name
    model = parts.models.find(named) if named else model_of_before(lambda: parts.models.find(name), name)
    path = model.present_path()
    if wrote is not None and (identity_of(model, parts.hashes).sha256 or parts.hashes.hash_file(path)) != wrote:
        raise ReplayError(
            "The file of {name} is not the one that wrote this reply.",
            next_step="If you have that one, name it by --model.",
            name=model.name,
        )
    return model


def settings_of(parts: Parts, wanted: ReplaySource, model: InstalledModel) -> TurnSettings:
    """Give with what the reply was made."""
    receipt, options = wanted.receipt, wanted.conversation.options
    now = parts.settings.settings.load
    kv_type = receipt.kv_type or now.kv_type
    load = replace(now, context=receipt.n_ctx, threads=receipt.threads or None, kv_type=kv_type)
    fields = {field.name for field in dataclasses.fields(SamplingSettings)}
    known = {name: value for name, value in receipt.sampling.items() if name in fields}
    sampling = replace(SamplingSettings(), **known, seed=receipt.seed)  # pyright: ignore[reportArgumentType] - the receipt has the values that were checked as settings
    if wanted.message.status in _CUT_SHORT:
        sampling = replace(sampling, max_tokens=receipt.tokens_out)
    worn = replace(options, adapters=_adapters(receipt, options))
    settings = replace(parts.settings.settings, load=load, sampling=sampling)
    how = turn_settings(_as_templated(model, receipt), parts.hashes, settings, worn, None)
    return replace(how, reasoning=_reasoning(receipt))


def _adapters(receipt: Receipt, options: ConversationOptions) -> tuple[UsedAdapter, ...]:
    """Give those of the conversation that the receipt names. Raises when the file of one is gone."""
    worn = tuple(used for used in options.adapters if Adapter(Path(used.path), used.scale).label in receipt.adapters)
    for used in worn:
        if not Path(used.path).is_file():
            raise ReplayError(
                "The adapter {path} is not there any more.",
                next_step="Put it back: the reply was written with it.",
                path=used.path,
            )
    return worn


def _as_templated(model: InstalledModel, receipt: Receipt) -> InstalledModel:
    """Give the model with the chat template that the user chose only if the reply was made with that."""
    chosen = model.template
    return model if chosen is None or chosen.sha256 == receipt.template_sha256 else replace(model, template=None)


def _reasoning(receipt: Receipt) -> ReasoningSettings:
    effort, budget = receipt.sampling.get("reasoning_effort"), receipt.sampling.get("reasoning_budget")
    usual = ReasoningSettings()
    return ReasoningSettings(
        effort if isinstance(effort, str) else usual.effort, budget if isinstance(budget, int) else usual.budget
    )


def request_of(wanted: ReplaySource, summary: Summary | None, how: TurnSettings) -> GenerationRequest:
    """Ask for the same words: behind what was there when they were written."""
    prompt = prompt_request(wanted.branch, None, _summary_then(wanted, summary), how)
    longest = wanted.receipt.sampling.get("max_tokens")  # of a reply that was cut short `how` knows another
    prompt = replace(prompt, max_tokens=longest if isinstance(longest, int) else None)
    branch, ids = None, wanted.generation.token_ids
    reply: PromptMessage | None = None
    if wanted.kept:
        branch = BranchPoint(wanted.kept - 1, ids[wanted.kept - 1])
        reply = prompt_message(wanted.message, knows_tokens=True)
    elif earlier := wanted.message.generations[:-1]:
        reply = _unfinished_reply(wanted, earlier)
    if reply is not None and (reply.content or reply.tokens or reply.reasoning_tokens):
        prompt = replace(prompt, messages=(*prompt.messages, reply))
    return GenerationRequest(
        prompt,
        how.sampling,
        alternatives=_ALTERNATIVES,
        branch=branch,
        repetition=Repetition(wanted.receipt.threads or 1, wanted.receipt.n_batch, wanted.receipt.thread_runs),
    )


def _summary_then(wanted: ReplaySource, summary: Summary | None) -> Summary | None:
    """Give the summary if it can have been in the prompt: something had fallen out, and it tells of nothing later."""
    ids = {message.id for message in wanted.branch}
    return summary if summary and wanted.receipt.left_out_messages and summary.last_message_id in ids else None


def _unfinished_reply(wanted: ReplaySource, earlier: tuple[Generation, ...]) -> PromptMessage:
    """Give the reply as it was before its last generation. Where its reasoning was unfinished its tokens say it."""
    text = wanted.message.text[: wanted.generation.first_character]
    reasoning = wanted.message.reasoning if text else ""
    before = replace(wanted.message, text=text, reasoning=reasoning, generations=earlier)
    return prompt_message(before, knows_tokens=True)
