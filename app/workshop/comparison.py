"""What a conversion has brought: the model before and after, in figures and in plain words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

import msgspec

from app.models.download.sizes import shown_size
from app.translation import tr

_SAME: Final = 0.02
_CLOSE: Final = 0.05
_NOTICEABLE: Final = 0.15
"""By how much the perplexity may grow. Between Q8_0 and F16 lie 0.1 %, to Q4_K_M 3 %, to Q3_K_M 11 %, to Q2_K 50 %, as
llama.cpp's makers measured; a text as short as ours is exact to about one percent.
"""
_READS_FASTER: Final = 1.2
_WRITES_FASTER: Final = 1.1
_MUCH_SMALLER: Final = 0.8
_NOT_SLOWER: Final = 0.9
_AS_FAST: Final = (0.95, 1.05)


class Closeness(StrEnum):
    """How near the copy's words come to those of its source."""

    SAME = "same"
    """The perplexity grows by less than 2 %."""
    CLOSE = "close"
    """By less than 5 %."""
    NOTICEABLE = "noticeable"
    """By less than 15 %."""
    WORSE = "worse"


class Advice(StrEnum):
    """What is best done with a copy."""

    USE = "use"
    KEEP = "keep"
    """Beside its source: only its user can tell whether its words are good enough."""
    THROW_AWAY = "throw_away"


@dataclass(frozen=True, slots=True)
class Measured:
    """One model here. `log_likelihood` is the mean of the logarithms, over the tokens of a fixed text."""

    quantization: str
    size_bytes: int
    prompt_tokens_per_s: float
    decode_tokens_per_s: float
    log_likelihood: float

    @property
    def perplexity(self) -> float:
        """Among how many tokens the model is undecided, as it were; less is better."""
        return math.exp(-self.log_likelihood)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A model and its copy, measured by turns."""

    before: Measured
    after: Measured

    @property
    def prompt_gain(self) -> float:
        """How many times as fast the copy reads."""
        return self.after.prompt_tokens_per_s / self.before.prompt_tokens_per_s

    @property
    def decode_gain(self) -> float:
        """How many times as fast the copy writes."""
        return self.after.decode_tokens_per_s / self.before.decode_tokens_per_s

    @property
    def perplexity_growth(self) -> float:
        """By which share the perplexity has grown; below 0 it has become smaller."""
        return math.exp(self.before.log_likelihood - self.after.log_likelihood) - 1

    @property
    def closeness(self) -> Closeness:
        """How near the copy comes to its source."""
        growth = self.perplexity_growth
        if growth < _SAME:
            return Closeness.SAME
        if growth < _CLOSE:
            return Closeness.CLOSE
        return Closeness.NOTICEABLE if growth < _NOTICEABLE else Closeness.WORSE

    @property
    def is_smaller(self) -> bool:
        """Whether it takes clearly less room."""
        return self.after.size_bytes < _MUCH_SMALLER * self.before.size_bytes

    @property
    def pays(self) -> bool:
        """Whether the copy is clearly faster or smaller, not slower, and its words are near enough."""
        is_faster = self.prompt_gain >= _READS_FASTER or self.decode_gain >= _WRITES_FASTER
        is_slower = min(self.prompt_gain, self.decode_gain) < _NOT_SLOWER
        return (is_faster or self.is_smaller) and not is_slower and self.closeness in (Closeness.SAME, Closeness.CLOSE)

    @property
    def advice(self) -> Advice:
        """What follows from the verdict."""
        if self.pays:
            return Advice.USE
        return Advice.KEEP if self.closeness is Closeness.NOTICEABLE else Advice.THROW_AWAY

    def closeness_words(self) -> str:
        """Say how near the copy's words come."""
        return tr(_CLOSENESS[self.closeness])

    def speed_words(self) -> str:
        """Say what becomes of both speeds."""
        reads, writes = self.prompt_gain, self.decode_gain
        if _is_as_fast(reads) and _is_as_fast(writes):
            return tr("It reads and writes as fast as before.")
        if _is_as_fast(writes):
            return tr("It reads {reads} times as fast, and writes as fast as before.", reads=shown_times(reads))
        if _is_as_fast(reads):
            return tr("It reads as fast as before, and writes {writes} times as fast.", writes=shown_times(writes))
        return tr(
            "It reads {reads} times as fast, and writes {writes} times as fast.",
            reads=shown_times(reads),
            writes=shown_times(writes),
        )

    def size_words(self) -> str:
        """Say what becomes of its size."""
        return tr(
            "It takes {after} instead of {before}.",
            after=shown_size(self.after.size_bytes),
            before=shown_size(self.before.size_bytes),
        )

    def verdict(self) -> str:
        """Say in one sentence whether the copy is worth having."""
        if self.closeness is Closeness.WORSE:
            return tr("Not worth it unless nothing else fits.")
        if self.pays:
            return tr("Worth using here.")
        if self.closeness is Closeness.NOTICEABLE:
            return tr("A compromise: look whether its words are good enough for you.")
        return tr("No clear gain on this machine.")

    def as_json(self) -> dict[str, object]:
        """Give it as JSON can hold it, with what follows from it."""
        return {
            "before": asdict(self.before),
            "after": asdict(self.after),
            "prompt_gain": self.prompt_gain,
            "decode_gain": self.decode_gain,
            "perplexity_growth": self.perplexity_growth,
            "closeness": self.closeness.value,
            "pays": self.pays,
        }


def comparison_from_json(kept: object) -> Comparison | None:
    """Give the comparison that `as_json` made this of; None if it is damaged."""
    try:
        return msgspec.convert(kept, Comparison)
    except msgspec.ValidationError:
        return None


_CLOSENESS: Final = {
    Closeness.SAME: "Its words are practically the same.",
    Closeness.CLOSE: "Hardly a difference in its words.",
    Closeness.NOTICEABLE: "Its words are noticeably less exact.",
    Closeness.WORSE: "Its words are clearly worse.",
}


def _is_as_fast(gain: float) -> bool:
    least, most = _AS_FAST
    return least <= gain <= most


def shown_times(gain: float) -> str:
    """Say how many times as much: `2.5`, `0.48`."""
    return f"{gain:.1f}" if gain >= 1 else f"{gain:.2f}"
