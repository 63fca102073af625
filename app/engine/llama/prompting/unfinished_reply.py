"""A reply that is to go on: what was written of it stands behind the words that lead to a reply."""

from __future__ import annotations

from app.engine.llama.prompting.prompt_tokens import PromptTokenizer, Run, RunKind
from app.engine.llama.reply.reasoning_marks import KNOWN_MARKS, THINK, ReasoningMarks, last_opened, opened_by
from app.engine.requests import PromptMessage


class UnfinishedReplies:
    """Writes unfinished replies for one chat template."""

    def __init__(self, tokenizer: PromptTokenizer, template_source: str) -> None:
        """Set reasoning apart with the marks that the template names."""
        self._tokenizer = tokenizer
        self._marks = _marks_in(template_source)

    def runs(self, prompt: str, reply: PromptMessage) -> list[Run]:
        """Give what stands behind `prompt`: the reasoning, if there is any, its end, and the reply's words.

        Where a prompt opens a reasoning and there is none, it is closed: what follows is the reply.
        """
        runs = self._reasoning(prompt, reply)
        if reply.content:
            runs += self._way_to_answer(prompt + "".join(run.text for run in runs), reply)
            runs += self._words(reply)
        return runs

    def _reasoning(self, prompt: str, reply: PromptMessage) -> list[Run]:
        if (known := self._known_reasoning(reply)) is not None:
            return [Run(RunKind.SPELLED, known, reply.reasoning_tokens)]
        if not reply.reasoning:
            return []
        opening: list[Run] = []
        marks = opened_by(prompt)
        if marks is None:
            marks = self._marks or THINK
            opening = [Run(RunKind.TEMPLATE, marks.begins[0] + _line_behind(marks))]
        return [*opening, Run(RunKind.WORDS, reply.reasoning)]

    def _known_reasoning(self, reply: PromptMessage) -> str | None:
        """Give the text of the reasoning's tokens, marks included, if they are what was thought."""
        text = self._tokenizer.text_of(reply.reasoning_tokens)
        return text if text and reply.reasoning.strip() in text else None

    def _way_to_answer(self, text: str, reply: PromptMessage) -> list[Run]:
        """Lead from where `text` ends to the answer."""
        opened = last_opened(text) if reply.reasoning or reply.reasoning_tokens else None
        if opened is not None and opened[1]:
            return [Run(RunKind.TEMPLATE, opened[0].closing)]
        if (marks := opened_by(text)) is not None:
            return [Run(RunKind.TEMPLATE, marks.closing)]
        if reply.reasoning_tokens or self._marks is None or not self._marks.direct:
            return []
        leads = self._marks.direct + self._marks.answers
        return [] if text.endswith(leads) else [Run(RunKind.TEMPLATE, self._marks.direct[0])]

    def _words(self, reply: PromptMessage) -> list[Run]:
        known = self._tokenizer.spelled_beginning(reply.tokens, reply.content)
        rest = Run(RunKind.WORDS, reply.content[len(known.text) :])
        return [known, rest] if known.tokens else [rest]


def _marks_in(template_source: str) -> ReasoningMarks | None:
    """Give the marks that a template names, the family with the most particular ones first."""
    named = [marks for marks in KNOWN_MARKS if any(mark in template_source for mark in marks.begins + marks.direct)]
    return max(named, key=lambda marks: max(len(begin) for begin in marks.begins), default=None)


def _line_behind(marks: ReasoningMarks) -> str:
    """Give the line break that models write behind a mark, where they write one before its end."""
    return "\n" if marks.closing.startswith("\n") else ""
