"""With what the known families of models set their reasoning apart from their answer.

Source: the chat templates in llama.cpp's `models/templates`, and its parsers in `common/parsers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ReasoningMarks:
    """How one family writes.

    `end` ends the reasoning; `closing` is all that the model would write from there to its answer's first word.
    `answers` may stand between the two and lead to the answer, `again` lead back to more reasoning.
    `direct` lead to an answer without reasoning; `answer_end` may end an answer that one of `answers` led to.
    """

    begins: tuple[str, ...]
    end: str
    closing: str
    answers: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    direct: tuple[str, ...] = ()
    answer_end: str = ""
    opens_by_itself: bool = True
    """False: only a prompt opens it; the model's own words like these are text."""

    @property
    def after_end(self) -> tuple[str, ...]:
        """What is looked for behind `end`."""
        return self.answers + self.again


def _tags(begin: str, end: str, answer: str = "", answer_end: str = "") -> ReasoningMarks:
    answers = (answer,) if answer else ()
    return ReasoningMarks((begin,), end, f"\n{end}\n\n{answer}", answers, answer_end=answer_end)


THINK: Final = _tags("<think>", "</think>")
KNOWN_MARKS: Final = (
    THINK,
    _tags("<thinking>", "</thinking>"),
    _tags("<reasoning>", "</reasoning>"),
    _tags("<thought>", "</thought>"),
    _tags("<seed:think>", "</seed:think>"),
    _tags("<mm:think>", "</mm:think>"),
    _tags("<think:opensource>", "</think:opensource>"),
    _tags("[THINK]", "[/THINK]"),
    _tags("<|START_THINKING|>", "<|END_THINKING|>"),
    _tags("<|begin_of_thought|>", "<|end_of_thought|>", "<|begin_of_solution|>", "<|end_of_solution|>"),
    ReasoningMarks(("<|inner_prefix|>",), "<|inner_suffix|>", "<|inner_suffix|>"),
    ReasoningMarks(("<|channel>thought",), "<channel|>", "\n<channel|>"),
    ReasoningMarks(
        ("<|channel|>analysis<|message|>", "<|channel|>commentary<|message|>"),
        "<|end|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
        answers=("<|start|>assistant<|channel|>final<|message|>",),
        again=(
            "<|start|>assistant<|channel|>analysis<|message|>",
            "<|start|>assistant<|channel|>commentary<|message|>",
        ),
        direct=("<|channel|>final<|message|>",),
        answer_end="<|end|>",
    ),
    ReasoningMarks(
        ("<|think|>",),
        "<|end|>",
        "<|end|><|begin|>assistant<|content|>",
        answers=("<|begin|>assistant<|content|>",),
        direct=("<|content|>",),
        answer_end="<|end|>",
    ),
    ReasoningMarks(
        (" to=self<|message|>",),
        "<|eom|>",
        "<|eom|><|start|>assistant to=user<|message|>",
        answers=("<|start|>assistant to=user<|message|>", "<|start|>assistant<|message|>"),
        again=("<|start|>assistant to=self<|message|>",),
        direct=(" to=user<|message|>", "<|message|>"),
    ),
    ReasoningMarks(
        ("<|open|>think<|sep|>",),
        "<|close|>think<|sep|>",
        "<|close|>think<|sep|><|open|>response<|sep|>",
        answers=("<|open|>response<|sep|>",),
        direct=("<|open|>response<|sep|>",),
        answer_end="<|close|>response<|sep|>",
    ),
    ReasoningMarks(
        ("Here are my reasoning steps:",),
        "[BEGIN FINAL RESPONSE]",
        "\n[BEGIN FINAL RESPONSE]\n",
        opens_by_itself=False,
    ),
)


def opened_by(prompt: str) -> ReasoningMarks | None:
    """Give the marks of the reasoning that the end of `prompt` opens."""
    tail = prompt.rstrip()
    return next((marks for marks in KNOWN_MARKS if any(tail.endswith(begin) for begin in marks.begins)), None)


def closed_by(prompt: str) -> ReasoningMarks | None:
    """Give the marks of the reasoning that the end of `prompt` opens and closes: none is wanted.

    An end that ends other things as well is none: it closes reasoning only behind its beginning.
    """
    tail = prompt.rstrip()
    for marks in KNOWN_MARKS:
        if tail.endswith(marks.end) and (marks.end.startswith("</") or opened_by(tail[: -len(marks.end)]) is marks):
            return marks
    return None


def last_opened(text: str) -> tuple[ReasoningMarks, bool] | None:
    """Give the marks of the last reasoning in `text`, and whether it is still open; None when there is none."""
    places = ((text.rfind(begin), marks) for marks in KNOWN_MARKS for begin in marks.begins)
    place, marks = max(places, key=lambda found: found[0])
    return None if place < 0 else (marks, marks.end not in text[place:])


def answer_end_in(text: str) -> str:
    """Give what ends an answer in a prompt that has led to one; usually nothing does."""
    led = (marks for marks in KNOWN_MARKS if any(mark in text for mark in marks.answers + marks.direct))
    return next((marks.answer_end for marks in led), "")
