"""What an engine is asked for: plain values that can cross a thread and a pipe."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from app.conversation import Role, TokenChoice
from app.given_text import whole_characters
from app.settings.values import LoadSettings, ReasoningSettings, SamplingSettings


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter's file, and how strongly it speaks: 1 is as it was trained, 0 not at all."""

    path: Path
    scale: float = 1.0

    @property
    def name(self) -> str:
        """Its file's name as it can be shown: names need not be text, what is shown must be."""
        return whole_characters(self.path.name)

    @property
    def label(self) -> str:
        """As receipts name it: the strength stands beside the name unless it is the full one."""
        return self.name if self.scale == 1.0 else f"{self.name} ({self.scale:g})"


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Which model file to have in memory, and how. Two equal requests are the same loaded model.

    `draft` is a small model of the same family that guesses ahead; `template` the source of a chat template to use in
    place of the file's own. `state_folder` is where conversations' states may be kept on the disk; None keeps none.
    `model_sha256` names the file in these states when it is known; a request that knows it loads the same model.
    `even_if_memory_is_short` is the user's "load anyway".
    """

    path: Path
    settings: LoadSettings
    adapters: tuple[Adapter, ...] = ()
    draft: Path | None = None
    template: str | None = None
    state_folder: Path | None = None
    model_sha256: str | None = field(default=None, compare=False)
    even_if_memory_is_short: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message as the chat template sees it.

    `tokens` are the ids that were generated for `content`, `reasoning_tokens` those before it: they save reading the
    same words again, and may be left out, or be wrong: what they do not say is read as text.
    A `pinned` message stays when the context window is full.
    """

    role: Role
    content: str
    tokens: tuple[int, ...] = ()
    reasoning: str = ""
    reasoning_tokens: tuple[int, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class PromptRequest:
    """A prompt to be read. The last message is the user's, or the assistant's own unfinished reply.

    `conversation` names whose memory is used and kept; an empty one is nobody's: nothing of it is kept. The state of a
    `private` one never goes to the disk. `summary` stands for the messages that do not fit, and is told only where some
    do not. `max_tokens` is the most that the reply may have: a smaller room than the usual is kept free for it.
    """

    messages: tuple[PromptMessage, ...]
    conversation: str = ""
    private: bool = False
    reasoning: ReasoningSettings = field(default_factory=ReasoningSettings)
    summary: str = ""
    max_tokens: int | None = None

    @property
    def continues_reply(self) -> bool:
        """Whether the reply begins in the middle of the last message."""
        return bool(self.messages) and self.messages[-1].role is Role.ASSISTANT


class GrammarKind(StrEnum):
    """In which language a grammar is written."""

    GBNF = "gbnf"
    JSON_SCHEMA = "json_schema"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the reply must look like."""

    kind: GrammarKind
    text: str


@dataclass(frozen=True, slots=True)
class BranchPoint:
    """Another choice in a reply: the last message's tokens before `token_index` stay, then comes `alternative`.

    The index counts `reasoning_tokens` and then `tokens` of the last message. The reply begins with what stays.
    `choices` are those of what stays and of the alternative; they come back with their tokens, where they are known.
    """

    token_index: int
    alternative: int
    choices: tuple[TokenChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Repetition:
    """Repeats a reply as exactly as can be: from an empty cache, with the same threads and slices, without guesses."""

    threads: int
    n_batch: int
    thread_runs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What to write. The last message is the user's, or, to go on with it, the assistant's own unfinished reply.

    `sampling.seed` None lets the engine draw one; the receipt tells which.
    `stop` are strings that end the reply and are not part of it.
    `alternatives` is how many other choices to report for each token; 0 reports none, and no probabilities.
    With a `branch` the last message is the reply that is written anew from there.
    """

    prompt: PromptRequest
    sampling: SamplingSettings
    stop: tuple[str, ...] = ()
    grammar: Grammar | None = None
    alternatives: int = 0
    branch: BranchPoint | None = None
    repetition: Repetition | None = None

    @property
    def messages(self) -> tuple[PromptMessage, ...]:
        """The messages of its prompt."""
        return self.prompt.messages

    @property
    def continues_reply(self) -> bool:
        """Whether the reply begins in the middle of the last message."""
        return self.prompt.continues_reply
