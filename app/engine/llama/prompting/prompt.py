"""From messages to the tokens of a prompt."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

from app.conversation import Role
from app.engine.events import PromptNote, TokenSpan
from app.engine.interruption import Interruption
from app.engine.llama.chat_template import ChatTemplate
from app.engine.llama.prompting.context_window import FittedPrompt
from app.engine.llama.prompting.prompt_tokens import PromptTokenizer, Run, RunKind
from app.engine.llama.prompting.rendering import Place, Renderer, Rendering
from app.engine.llama.prompting.spoken import Part, Spoken, spoken
from app.engine.llama.prompting.template_abilities import TemplateAbilities, Variables, find_abilities
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.prompting.unfinished_reply import UnfinishedReplies
from app.engine.requests import PromptRequest

_SPEAKERS: Final = {Role.SYSTEM: "System", Role.USER: "User", Role.ASSISTANT: "Assistant"}


class PromptFormat:
    """How one model wants its prompt: by a chat template, or, when there is none, as a plain transcript."""

    def __init__(self, vocabulary: Vocabulary, template_source: str) -> None:
        """Compile the template and find out what it can do. Raises `ChatTemplateError` when it is none."""
        self.template_sha256: str | None = None
        self._abilities = TemplateAbilities()
        self._renderer: Renderer | None = None
        if template_source:
            template = ChatTemplate(template_source, bos_token=vocabulary.bos_text, eos_token=vocabulary.eos_text)
            self._abilities = find_abilities(template)
            self._renderer = Renderer(template, self._abilities)
            self.template_sha256 = hashlib.sha256(template_source.encode("utf-8", errors="replace")).hexdigest()
        self._tokenizer = PromptTokenizer(vocabulary, template_source)
        self._unfinished = UnfinishedReplies(self._tokenizer, template_source)

    @property
    def has_template(self) -> bool:
        """Whether there is a chat template."""
        return self._renderer is not None

    @property
    def stops(self) -> tuple[str, ...]:
        """What ends a reply beside the model's own end: in a transcript, the user's next turn."""
        return () if self.has_template else (f"\n{_SPEAKERS[Role.USER]}:",)

    @property
    def efforts(self) -> tuple[str, ...]:
        """Which values of `ReasoningSettings.effort` make a difference."""
        return tuple(self._abilities.efforts)

    def prompt(self, request: PromptRequest, kept: Sequence[int]) -> FittedPrompt:
        """Give the prompt of the `kept` messages, by their indices: for the next reply, or to go on with the last one.

        Where they are not all, the summary stands for the others. What a model thought before an earlier reply is not
        told again, although some templates would: models are trained on conversations without it, and it would fill the
        window. Raises `ChatTemplateError`.
        """
        messages = [(index, request.messages[index]) for index in kept]
        begun = messages.pop() if messages and messages[-1][1].role is Role.ASSISTANT else None
        said = spoken(messages, request.summary if len(kept) < len(request.messages) else "")
        rendering = self._rendered(said, self._abilities.efforts.get(request.reasoning.effort, {}))
        runs = self._runs(rendering)
        notes = self._notes(rendering, said)
        places = rendering.places or ()
        text = rendering.text
        if begun is not None:
            runs += self._unfinished.runs(text, begun[1])
            text = "".join(run.text for run in runs)
            part = Part(begun[1].content, begun[0])
            places = (*places, Place(part, Role.ASSISTANT, len(text) - len(part.words), len(text)))
        tokenized = self._tokenizer.tokenize(runs)
        offsets = _Offsets(text, tokenized.ends)
        spans = [(place.part.message, *offsets.tokens(place)) for place in places if place.part.words]
        return FittedPrompt(
            text,
            tokenized.tokens,
            rendering.left_out,
            spans=tuple(TokenSpan(message, start, end) for message, start, end in spans if message is not None),
            boundaries=_boundaries(offsets, places, rendering.reply_begins),
            notes=notes,
            summary_tokens=sum(end - start for message, start, end in spans if message is None),
        )

    def size_of_words(self, words: str, most: int) -> int:
        """How many tokens the words of a message are; no more than `most`."""
        return self._tokenizer.count(words, most)

    def until(self, interruption: Interruption) -> AbstractContextManager[None]:
        """Raise `PromptInterruptedError` while tokens are made when `interruption` was requested."""
        return self._tokenizer.until(interruption)

    def _rendered(self, said: Sequence[Spoken], variables: Variables) -> Rendering:
        return transcript(said) if self._renderer is None else self._renderer.render(said, variables)

    def _runs(self, rendering: Rendering) -> list[Run]:
        """Part a text into the template's words, those of messages, and known tokens."""
        text, here = rendering.text, 0
        runs: list[Run] = []
        places = rendering.places or ()
        for number, place in enumerate(places):
            latest = places[number + 1].start if number + 1 < len(places) else len(text)
            start, known = self._known_tokens(text, place, here, latest)
            runs.append(Run(RunKind.TEMPLATE, text[here:start]))
            if known is not None:
                runs.append(known)
                start += len(known.text)
            here = max(start, place.end)
            if start < place.end:
                runs.append(Run(RunKind.WORDS, text[start : place.end]))
        runs.append(Run(RunKind.TEMPLATE, text[here:]))
        return runs

    def _known_tokens(self, text: str, place: Place, earliest: int, latest: int) -> tuple[int, Run | None]:
        """Find the text that the message's known tokens spell, and where it begins; None when they spell nothing.

        It may begin before and end behind the place: a template that strips a reply's blank space may write its own.
        """
        part = place.part
        if not part.tokens:
            return place.start, None
        start, end = place.start, place.end
        if place.end - place.start < len(part.words):
            before = part.words[: len(part.words) - len(part.words.lstrip())]
            behind = part.words[len(part.words.rstrip()) :]
            if text[place.start : place.start + len(before)] != before and text.endswith(before, earliest, start):
                start -= len(before)
            if text.startswith(behind, end, latest):
                end += len(behind)
        known = self._tokenizer.spelled_beginning(part.tokens, text[start:end])
        return (start, known) if start + len(known.text) > place.start else (place.start, None)

    def _notes(self, rendering: Rendering, said: Sequence[Spoken]) -> tuple[PromptNote, ...]:
        notes: list[PromptNote] = []
        if not self.has_template:
            notes.append(PromptNote.PLAIN_TRANSCRIPT)
        if rendering.is_system_folded:
            notes.append(PromptNote.SYSTEM_FOLDED)
        if rendering.places is None and any(
            self._tokenizer.special.found_in(part.words) for each in said for part in each.parts
        ):
            notes.append(PromptNote.SPECIAL_TEXT)
        return tuple(notes)


def transcript(said: Sequence[Spoken]) -> Rendering:
    """Write a plain conversation, for a model that was never taught a format."""
    text = ""
    places: list[Place] = []
    for each in said:
        text += f"{_SPEAKERS[each.role]}: "
        for number, part in enumerate(each.parts):
            text += ("\n\n" if number else "") + part.lead
            places.append(Place(part, each.role, len(text), len(text) + len(part.words)))
            text += part.words
        text += "\n\n"
    return Rendering(f"{text}{_SPEAKERS[Role.ASSISTANT]}:", tuple(places), len(text))


class _Offsets:
    """Where characters of a text lie in its tokens."""

    def __init__(self, text: str, ends: Sequence[int]) -> None:
        self._text = text
        self._is_plain = text.isascii()
        self._ends = ends

    def whole_before(self, character: int) -> int:
        """How many tokens end before `character`."""
        return bisect_right(self._ends, self._bytes(character))

    def tokens(self, place: Place) -> tuple[int, int]:
        """Give where the tokens that hold the words at `place` begin and end."""
        start, end = self.whole_before(place.start), bisect_left(self._ends, self._bytes(place.end)) + 1
        return start, max(start, end) if place.end > place.start else start

    def _bytes(self, character: int) -> int:
        return character if self._is_plain else len(self._text[:character].encode("utf-8", errors="replace"))


def _boundaries(offsets: _Offsets, places: Sequence[Place], reply_begins: int) -> tuple[int, ...]:
    """Tell after how many tokens a user's words begin, and what leads to a reply: there a later prompt may part."""
    turns = {offsets.whole_before(place.start) for place in places if place.role is Role.USER}
    return tuple(sorted({*turns, offsets.whole_before(reply_begins)} - {0}))
