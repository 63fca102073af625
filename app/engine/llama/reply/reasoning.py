"""Parts what a model writes into its reasoning and its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from app.engine.llama.reply.reasoning_marks import (
    KNOWN_MARKS,
    THINK,
    ReasoningMarks,
    answer_end_in,
    closed_by,
    last_opened,
    opened_by,
)
from app.engine.llama.reply.stop_strings import begun
from app.engine.requests import PromptMessage

_OPENINGS: Final = {begin: marks for marks in KNOWN_MARKS if marks.opens_by_itself for begin in marks.begins}
_DIRECT: Final = {mark: marks for marks in KNOWN_MARKS for mark in marks.direct}
_BLANK_LINES: Final = re.compile(r"(?:[^\S\n]*\n)+")


class Stage(Enum):
    """Where a reply is."""

    BEGINNING = auto()
    """Nothing was written yet that tells whether it reasons."""
    REASONING = auto()
    BETWEEN = auto()
    """The reasoning has ended, the answer has not begun."""
    ANSWER = auto()


@dataclass(frozen=True, slots=True)
class Parts:
    """What may be shown now of each."""

    reasoning: str = ""
    answer: str = ""


class ReasoningParser:
    """Takes a reply's text bit by bit, in any split, and holds back what may become a mark until that is clear.

    Reasoning opens only at a reply's beginning, so that a model may write about the marks. What is lost are the marks,
    and blank lines beside them.
    """

    def __init__(
        self,
        stage: Stage = Stage.BEGINNING,
        marks: ReasoningMarks | None = None,
        *,
        is_fresh: bool = True,
        answer_end: str = "",
    ) -> None:
        """Begin in `stage`, with the `marks` of the reasoning that has begun; `is_fresh` when it has no words yet.

        `answer_end` is what ends an answer that has begun with such a mark.
        """
        self.stage = stage
        self.marks = marks
        self.answer_end = answer_end
        self.answer_begins: int | None = 0 if stage is Stage.ANSWER else None
        """Which character of what was fed is the answer's first; None while it has not begun."""
        self._fed = 0
        self._held = ""
        self._skips_blank_lines = is_fresh and stage is Stage.REASONING
        self._sought: tuple[str, ...] = ()
        if marks is not None:
            self._sought = marks.begins + marks.answers + marks.direct

    @property
    def sought(self) -> tuple[str, ...]:
        """The marks that would be found now."""
        match self.stage:
            case Stage.BEGINNING:
                return (*_OPENINGS, *_DIRECT)
            case Stage.REASONING:
                return (self._end,)
            case Stage.BETWEEN:
                return self._sought
            case Stage.ANSWER:
                return (self.answer_end,) if self.answer_end else ()

    @property
    def may_be_ending(self) -> bool:
        """Whether the end mark of the reasoning may have begun."""
        return self.stage is Stage.REASONING and begun(self._held, (self._end,)) > 0

    def expect_answer(self) -> None:
        """Know that no reasoning comes, whatever the reply begins with."""
        self.stage, self.answer_begins = Stage.ANSWER, self._fed

    def feed(self, text: str) -> Parts:
        """Take more text, and give what is sure."""
        self._fed += len(text)
        self._held += text
        reasoning, answer = "", ""
        while True:
            match self.stage:
                case Stage.BEGINNING:
                    goes_on = self._find_beginning()
                case Stage.REASONING:
                    more, goes_on = self._read_reasoning()
                    reasoning += more
                case Stage.BETWEEN:
                    goes_on = self._find_answer()
                case Stage.ANSWER:
                    answer, self._held, goes_on = self._held, "", False
            if not goes_on:
                return Parts(reasoning, answer)

    def flush(self) -> Parts:
        """Give what was held back: no more text comes. The beginning of a mark that never came whole is text."""
        held, self._held = self._held, ""
        match self.stage:
            case Stage.REASONING:
                return Parts(reasoning=held)
            case Stage.BETWEEN if not held.strip() or held.lstrip().startswith("<|"):
                return Parts()  # blank lines, or half a header that no reader should see
            case Stage.BEGINNING | Stage.BETWEEN:
                self.stage = Stage.ANSWER
                self.answer_begins = self._fed - len(held)
            case Stage.ANSWER:
                pass
        return Parts(answer=held)

    @property
    def _end(self) -> str:
        return (self.marks or THINK).end

    def _find_beginning(self) -> bool:
        text = self._held.lstrip()
        for marks_of, stage in ((_OPENINGS, Stage.REASONING), (_DIRECT, Stage.BETWEEN)):
            for mark, marks in marks_of.items():
                if text.startswith(mark.lstrip()):
                    self.answer_end = marks.answer_end if stage is Stage.BETWEEN else ""
                    self._enter(stage, marks, text[len(mark.lstrip()) :])
                    return True
        if any(mark.lstrip().startswith(text) for mark in self.sought):
            return False
        self._begin_answer()
        return True

    def _read_reasoning(self) -> tuple[str, bool]:
        if self._skips_blank_lines and not self._skip_blank_lines():
            return "", False
        self._skips_blank_lines = False
        place = self._held.find(self._end)
        if place >= 0:
            shown, rest = self._held[:place].rstrip(), self._held[place + len(self._end) :]
            sought = self.marks.after_end if self.marks else ()
            self._enter(Stage.BETWEEN, self.marks, rest, sought)
            return shown, True
        sure = len(self._held) - begun(self._held, (self._end,))
        shown = self._held[:sure].rstrip()
        self._held = self._held[len(shown) :]
        return shown, False

    def _find_answer(self) -> bool:
        if not self._skip_blank_lines():
            return False
        text = self._held.lstrip()
        for mark in self._sought:
            if text.startswith(mark.lstrip()):
                self._pass_header(self.marks or THINK, mark, text[len(mark.lstrip()) :])
                return True
        if any(mark.lstrip().startswith(text) for mark in self._sought):
            return False
        self._begin_answer()
        return True

    def _pass_header(self, marks: ReasoningMarks, mark: str, rest: str) -> None:
        if mark in marks.again + marks.begins:
            self._enter(Stage.REASONING, marks, rest)
        else:
            self.answer_end = marks.answer_end
            self._enter(Stage.BETWEEN, marks, rest)

    def _skip_blank_lines(self) -> bool:
        """Drop them; False while there is nothing else, and a line may still turn out to be blank."""
        if blank := _BLANK_LINES.match(self._held):
            self._held = self._held[blank.end() :]
        return bool(self._held.strip())

    def _enter(self, stage: Stage, marks: ReasoningMarks | None, rest: str, sought: Sequence[str] = ()) -> None:
        self.stage, self.marks, self._held, self._sought = stage, marks, rest, tuple(sought)
        self._skips_blank_lines = stage is Stage.REASONING

    def _begin_answer(self) -> None:
        self.stage = Stage.ANSWER
        self.answer_begins = self._fed - len(self._held)


def parser_behind(prompt: str, unfinished: PromptMessage | None) -> ReasoningParser:
    """Give the parser for what comes behind `prompt`, whose end may be an `unfinished` reply."""
    if unfinished is not None and unfinished.content:
        return ReasoningParser(Stage.ANSWER, answer_end=answer_end_in(prompt))
    if unfinished is not None and (unfinished.reasoning or unfinished.reasoning_tokens):
        marks, is_open = last_opened(prompt) or (THINK, True)
        return ReasoningParser(Stage.REASONING if is_open else Stage.BETWEEN, marks, is_fresh=False)
    if (marks := opened_by(prompt)) is not None:
        return ReasoningParser(Stage.REASONING, marks)
    if (marks := closed_by(prompt)) is not None:
        return ReasoningParser(Stage.BETWEEN, marks)
    return ReasoningParser()
