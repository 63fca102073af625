"""Whether a repeated reply is the same, and where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.cli.printing import Json
from app.conversation import TokenChoice
from app.translation import tr


@dataclass(frozen=True, slots=True)
class WrittenRun:
    """What one run of a model wrote: its words, and its tokens from the first that was kept."""

    text: str
    reasoning: str
    tokens: tuple[int, ...]
    choices: tuple[TokenChoice, ...] = ()
    """Those of the last tokens: what was kept has none."""

    def choice(self, index: int) -> TokenChoice | None:
        """What is told of the token at `index`, if something is."""
        place = index - (len(self.tokens) - len(self.choices))
        return self.choices[place] if 0 <= place < len(self.choices) else None


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two runs differ. A probability that is not known is None; so is a token that never came.

    Both probabilities are those at this place in the repetition.
    """

    character: int
    token_index: int
    original: str | None
    repeated: str | None
    probability_original: float | None
    probability_repeated: float | None

    def as_json(self) -> Json:
        """As the stable surface prints it."""
        return {
            "token_index": self.token_index,
            "character": self.character,
            "original": self.original,
            "repeated": self.repeated,
            "probability_original": self.probability_original,
            "probability_repeated": self.probability_repeated,
        }

    def sentence(self) -> str:
        """In words."""
        return tr(
            "It first differs at character {character}, token {token}: {original} then, {repeated} now.",
            character=self.character + 1,
            token=self.token_index + 1,
            original=_shown(self.original, self.probability_original),
            repeated=_shown(self.repeated, self.probability_repeated),
        )


def first_difference(original: WrittenRun, repeated: WrittenRun) -> Difference | None:
    """Give the first difference; None when the words are the same."""
    if (original.text, original.reasoning) == (repeated.text, repeated.reasoning):
        return None
    index = _common(original.tokens, repeated.tokens)
    now = repeated.choice(index)
    then = original.tokens[index] if index < len(original.tokens) else None
    in_repetition = next((other for other in now.alternatives if other.token == then), None) if now else None
    character = _common(original.text, repeated.text)
    return Difference(
        character=character,
        token_index=index,
        original=in_repetition.text if in_repetition else _text_then(original, index, character),
        repeated=now.text if now else None,
        probability_original=in_repetition.probability if in_repetition else None,
        probability_repeated=now.probability if now else None,
    )


def _text_then(original: WrittenRun, index: int, character: int) -> str | None:
    """Say what came then: the token's text where that was kept, else the next few words."""
    if index >= len(original.tokens):
        return None
    if (choice := original.choice(index)) is not None:
        return choice.text
    return original.text[character : character + 12]


def _common(first: Sequence[object], second: Sequence[object]) -> int:
    pairs = zip(first, second, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


def _shown(text: str | None, probability: float | None) -> str:
    name = tr("the end") if text is None else f"“{text}”"
    return name if probability is None else f"{name} ({probability:.2%})"
