"""Where a text that was written with guesses first differs from the one without, and whether that is a tie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from app.cli.printing import Json
from app.conversation import TokenChoice
from app.translation import tr

ROUNDING: Final = 0.1
"""How far apart logits may be that were computed in batches of different sizes: sums are rounded in another order.

Twice what the tests allow. Candidates that are closer are a tie, which either way of reading may break either way.
"""


@dataclass(frozen=True, slots=True)
class LookupDifference:
    """The first place where both differ. `apart` is how far the two candidates' logits are there; None if unknown."""

    token_index: int
    plain: str
    guessed: str | None
    apart: float | None

    @property
    def is_tie(self) -> bool:
        """Whether rounding alone may have chosen between them."""
        return self.apart is not None and self.apart <= ROUNDING

    def as_json(self) -> Json:
        """As the stable surface prints it."""
        return {
            "token_index": self.token_index,
            "plain": self.plain,
            "guessed": self.guessed,
            "logits_apart": self.apart,
            "is_tie": self.is_tie,
        }

    def sentence(self) -> str:
        """In words."""
        guessed = tr("another one") if self.guessed is None else f"“{self.guessed}”"
        where = tr(
            "With guesses the text differs from token {token} on: “{plain}” without, {guessed} with them.",
            token=self.token_index + 1,
            plain=self.plain,
            guessed=guessed,
        )
        if self.apart is None:
            return where
        how_close = tr("Their logits are {apart} apart", apart=f"{self.apart:.3f}")
        verdict = (
            tr("a tie, which rounding decides.")
            if self.is_tie
            else tr("more than rounding explains: that is a mistake.")
        )
        return f"{where} {how_close}: {verdict}"


def lookup_difference(plain: tuple[TokenChoice, ...], guessed: tuple[int, ...]) -> LookupDifference | None:
    """Compare what came without guesses, and how likely, with the tokens that came with them."""
    for index, (choice, token) in enumerate(zip(plain, guessed, strict=False)):
        if choice.token != token:
            other = next((each for each in choice.alternatives if each.token == token), None)
            known = other is not None and other.probability > 0 and choice.probability > 0
            apart = abs(math.log(choice.probability / other.probability)) if known and other else None
            return LookupDifference(index, choice.text, other.text if other else None, apart)
    return None
