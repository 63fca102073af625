"""What the names of quantizations mean, for people who have never heard of any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.translation import tr


@dataclass(frozen=True, slots=True)
class _Meaning:
    """One or two words that stand beside the name, and a sentence. Message ids: translated where they are shown."""

    word: str
    sentence: str


_ORIGINAL: Final = _Meaning("original", "As published, not made smaller. Q8_0 answers just as well at half the size.")
_FULL: Final = _Meaning("original, twice over", "Twice the size of F16, and no better in use.")
_EIGHT: Final = _Meaning("nearly lossless", "Half the size of the original, and practically as good.")
_SIX: Final = _Meaning("very close to the original", "Two fifths of the original's size; the loss is hard to find.")
_FIVE: Final = _Meaning("close to the original", "A third of the original's size, with a small loss.")
_FOUR: Final = _Meaning("balanced", "The usual compromise: less than a third of the original's size, with little lost.")
_FOUR_SMALL: Final = _Meaning("balanced, a little smaller", "A little smaller than Q4_K_M, and a little less exact.")
_FOUR_OLD: Final = _Meaning("balanced, older kind", "An older way to make a model small. Q4_K_M is usually more exact.")
_FOUR_MADE: Final = _Meaning("four bits by design", "Four bits for each weight, as some publishers train their models.")
_THREE: Final = _Meaning("small, less exact", "For when nothing larger fits: answers are noticeably less exact.")
_TWO: Final = _Meaning("very small, inexact", "A last resort: answers suffer visibly. A smaller model is often better.")
_TERNARY: Final = _Meaning("made for very few bits", "For models that were trained for it; others are not usable so.")

_BY_BEGINNING: Final = (
    ("F32", _FULL),
    ("F16", _ORIGINAL),
    ("BF16", _ORIGINAL),
    ("Q8", _EIGHT),
    ("Q6", _SIX),
    ("Q5", _FIVE),
    ("Q4_K_S", _FOUR_SMALL),
    ("Q4_K", _FOUR),
    ("IQ4_XS", _FOUR_SMALL),
    ("IQ4", _FOUR_SMALL),
    ("Q4", _FOUR_OLD),
    ("MXFP4", _FOUR_MADE),
    ("NVFP4", _FOUR_MADE),
    ("Q3", _THREE),
    ("IQ3", _THREE),
    ("Q2", _TWO),
    ("IQ2", _TWO),
    ("IQ1", _TWO),
    ("Q1", _TERNARY),
    ("TQ", _TERNARY),
)
"""The first that fits counts. Publishers make names of their own, such as `UD-Q4_K_XL`; their beginnings keep."""
_MADE_BY_OTHERS: Final = ("UD-", "I1-")


def quantization_word(name: str | None) -> str:
    """Say in a word or two what the quantization `name` means; "" where nobody knows."""
    meaning = _meaning(name)
    return tr(meaning.word) if meaning else ""


def quantization_sentence(name: str | None) -> str:
    """Say in a sentence what the quantization `name` means; "" where nobody knows."""
    meaning = _meaning(name)
    return tr(meaning.sentence) if meaning else ""


def quantization_in_words(name: str | None) -> str:
    """Give the name with its meaning, such as "Q4_K_M · balanced"; "" for none."""
    return " · ".join(part for part in (name, quantization_word(name)) if part)


def _meaning(name: str | None) -> _Meaning | None:
    plain = (name or "").upper()
    for beginning in _MADE_BY_OTHERS:
        plain = plain.removeprefix(beginning)
    return next((meaning for beginning, meaning in _BY_BEGINNING if plain.startswith(beginning)), None)
