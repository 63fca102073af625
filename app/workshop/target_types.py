"""As what a model can be written anew, and what each of these means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.gguf.quantization import FILE_TYPES
from app.translation import tr
from app.workshop.errors import ConversionError


@dataclass(frozen=True, slots=True)
class TargetType:
    """A file type: its name, llama.cpp's number of it, and a sentence (a message id) of what one gets."""

    name: str
    number: int
    sentence: str

    def words(self) -> str:
        """The sentence, in the user's language."""
        return tr(self.sentence)


_NUMBERS: Final = {name: number for number, name in FILE_TYPES.items()}
_SENTENCES: Final = {
    "Q8_0": "Practically as good as the original, and read fast by every processor.",
    "Q6_K": "Hardly any difference to the original.",
    "Q5_K_M": "A small loss that few notice.",
    "Q4_K_M": "The usual compromise: little is lost for much less room.",
    "Q4_0": "A little less exact than Q4_K_M, and read fastest by many processors.",
    "Q3_K_M": "Noticeably less exact: for when nothing larger fits.",
    "Q2_K": "A last resort: the words suffer visibly.",
    "F16": "As exact as the original, and large: a source for other copies.",
}
_ALSO: Final = {
    "BF16": "As exact as the original, and large; slow on processors that do not know it.",
    "Q5_K_S": "A little smaller and less exact than Q5_K_M.",
    "Q5_1": "An older kind, between Q5_K_M and Q6_K in size.",
    "Q5_0": "An older kind, like Q5_K_S in size.",
    "Q4_K_S": "A little smaller and less exact than Q4_K_M.",
    "Q4_1": "An older kind, for which few processors have a fast way.",
    "IQ4_NL": "Like Q4_K_S, and read fast by some processors.",
    "IQ4_XS": "A little smaller than Q4_K_S, and slower to compute.",
    "IQ3_M": "Noticeably less exact, about the size of Q3_K_M, and slower to compute.",
    "IQ3_S": "Noticeably less exact, about the size of Q3_K_S, and slower to compute.",
    "Q3_K_L": "Noticeably less exact, a little larger than Q3_K_M.",
    "Q3_K_S": "Noticeably less exact, a little smaller than Q3_K_M.",
}
OFFERED: Final = tuple(TargetType(name, _NUMBERS[name], sentence) for name, sentence in _SENTENCES.items())
"""Those worth choosing from, the most exact first but for F16."""
KNOWN: Final = (*OFFERED, *(TargetType(name, _NUMBERS[name], sentence) for name, sentence in _ALSO.items()))
_NEARLY_WHOLE: Final = "Q8_0"
_PROMISING: Final = frozenset(("Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0"))
"""Whose sentences are true of a copy of the whole weights."""
_MADE_SMALLER_TWICE: Final = "Made from weights that were made smaller before: it loses more."
"""A message id."""
_SHORT: Final = {"Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M"}
_NEED_MATRIX: Final = frozenset(
    ("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "Q2_K_S", "IQ3_XXS", "IQ3_XS")
)
_FOR_SPECIAL_MODELS: Final = frozenset(("TQ1_0", "TQ2_0", "MXFP4_MOE", "NVFP4", "Q1_0", "Q2_0"))
WHOLE: Final = frozenset(("F32", "F16", "BF16"))
"""Weights that have not been made smaller."""


def find_target(name: str, present: str | None) -> TargetType:
    """Give the type that a person calls `name`, for a model of the type `present` (None: unknown).

    Raises `ConversionError` for one that is not known, that cannot be made, or that makes no sense.
    """
    wanted = name.strip().upper()
    wanted = _SHORT.get(wanted, wanted)
    if wanted in _NEED_MATRIX:
        raise ConversionError(
            "{type} needs measurements of the original model, an importance matrix, which Paddock does not make.",
            next_step="Choose Q3_K_M or Q2_K, or look for a file of this type on the hub.",
            type=wanted,
        )
    if wanted in _FOR_SPECIAL_MODELS:
        raise ConversionError(
            "{type} is only for models that were trained for it.", next_step="Choose Q4_K_M or Q8_0.", type=wanted
        )
    target = next((target for target in KNOWN if target.name == wanted), None)
    if target is None:
        raise ConversionError(
            "There is no type “{type}” to convert to.",
            next_step="There are: {names}.",
            type=name.strip(),
            names=", ".join(target.name for target in KNOWN),
        )
    _check_sense(target, present)
    return target


def sensible_targets(present: str | None) -> Sequence[TargetType]:
    """Give those on offer for a model of the type `present`, each with what one gets of such a model."""
    return tuple(_said_of(target, present) for target in OFFERED if _trouble(target, present) is None)


def _said_of(target: TargetType, present: str | None) -> TargetType:
    """Promise less of weights that were made smaller before: Q5_K_M of Q4_1 had a perplexity larger by 21 %."""
    if present is None or present in WHOLE or present == _NEARLY_WHOLE or target.name not in _PROMISING:
        return target
    return replace(target, sentence=_MADE_SMALLER_TWICE)


def _check_sense(target: TargetType, present: str | None) -> None:
    trouble = _trouble(target, present)
    if trouble is not None:
        raise trouble


def _trouble(target: TargetType, present: str | None) -> ConversionError | None:
    if target.name == present:
        return ConversionError(
            "The model is stored as {type} already.", next_step="Choose another type.", type=target.name
        )
    if present is not None and target.name in WHOLE and present not in WHOLE:
        return ConversionError(
            "A copy as {type} would be larger and no better: what {present} left out does not come back.",
            next_step="Choose Q8_0, or look for the original model on the hub.",
            type=target.name,
            present=present,
        )
    return None
