"""Keeps a model's reasoning within what was asked for: by writing its marks in the model's place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.reply.pieces import PieceMaker
from app.engine.llama.reply.reasoning import Stage
from app.engine.llama.reply.reasoning_marks import KNOWN_MARKS, THINK
from app.engine.requests import GenerationRequest

_OFF: Final = "off"
_LEAST_SIGNIFICANT: Final = 3
"""Fewer characters of a mark are no sign that one is meant."""


class ReasoningLead:
    """Counts the tokens of the reasoning, and says what must come in place of the model's own choice."""

    def __init__(self, vocabulary: Vocabulary, pieces: PieceMaker, request: GenerationRequest) -> None:
        """Lead the reply to `request` that `pieces` makes. Of a branch what stays counts as it comes once more."""
        prompt, goes_on = request.prompt, request.continues_reply and request.branch is None
        self._vocabulary = vocabulary
        self._pieces = pieces
        self._budget = 0 if prompt.reasoning.effort == _OFF else prompt.reasoning.budget
        self._spent = len(prompt.messages[-1].reasoning_tokens) if goes_on else 0
        self._has_closed = False

    @property
    def may_reason(self) -> bool:
        """Whether a reasoning is wanted that has not begun yet."""
        return self._budget != 0 and self._pieces.stage is Stage.BEGINNING

    def token_comes(self) -> None:
        """Count the token that is about to be taken."""
        if self._pieces.stage is Stage.REASONING:
            self._spent += 1

    def end(self) -> Sequence[int]:
        """Give the tokens that end the reasoning if it has been long enough; else none. Given once."""
        parser = self._pieces.parser
        is_due = self._budget is not None and self._spent >= self._budget and parser.stage is Stage.REASONING
        if not is_due or self._has_closed or parser.may_be_ending:
            return ()
        self._has_closed = True
        return self._tokens((parser.marks or THINK).closing)

    def beginning_with(self, token: int) -> Sequence[int]:
        """Give the tokens of the mark that `token` seems to begin; none when it begins no reasoning."""
        text = self._vocabulary.name(token).decode("utf-8", errors="replace").strip()
        if len(text) < _LEAST_SIGNIFICANT:
            return ()
        begins = (begin for marks in KNOWN_MARKS if marks.opens_by_itself for begin in marks.begins)
        return next((self._tokens(begin) for begin in begins if begin.strip().startswith(text)), ())

    def _tokens(self, text: str) -> Sequence[int]:
        return self._vocabulary.tokens(text, add_special=False, parse_special=True)
