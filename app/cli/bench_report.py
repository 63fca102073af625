"""What `bench` found, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.cli.bench_lookup import LookupDifference
from app.cli.printing import Json, one_line, print_line, print_table
from app.translation import tr

_GIGABYTE: Final = 1e9
_MANY, _FEW = 100, 10


@dataclass(frozen=True, slots=True)
class Speeds:
    """How fast a model is here, in tokens a second, and its floors; None where it wrote too little to tell."""

    model: str
    prompt: float | None
    decode: float | None
    loop: float | None
    over_loop: float | None
    memory_bytes: float
    """How much memory can be read in a second."""
    memory: float
    lookup_gain: float | None
    is_same_text: bool | None
    difference: LookupDifference | None = None


def speeds_json(speeds: Speeds) -> dict[str, Json]:
    """Give the speeds as the stable surface prints them."""
    return {
        "model": speeds.model,
        "prompt_tokens_per_s": speeds.prompt,
        "decode_tokens_per_s": speeds.decode,
        "floors": {
            "decode_loop_tokens_per_s": speeds.loop,
            "decode_over_loop": speeds.over_loop,
            "memory_bytes_per_s": round(speeds.memory_bytes),
            "memory_tokens_per_s": speeds.memory,
            "prompt_lookup_gain": speeds.lookup_gain,
            "prompt_lookup_same_text": speeds.is_same_text,
            "prompt_lookup_first_difference": speeds.difference.as_json() if speeds.difference else None,
        },
    }


def print_speeds(speeds: Speeds) -> None:
    """Print a table that says what the figures mean."""
    per_second = tr("tokens/s")
    print_line(one_line(speeds.model))
    print_table(
        [
            [tr("reads"), _shown(speeds.prompt), per_second, tr("a prompt of 512 tokens that is new to it")],
            [tr("writes"), _shown(speeds.decode), per_second, tr("as the tokens arrive here")],
            [tr("bare loop"), _shown(speeds.loop), per_second, tr("llama.cpp by itself, without Paddock around it")],
            [tr("writes / bare loop"), _shown(speeds.over_loop), "", tr("1 would be that Paddock costs nothing")],
            [tr("memory allows"), _shown(speeds.memory), per_second, _about_memory(speeds.memory_bytes)],
            [tr("guessing ahead"), _shown(speeds.lookup_gain), tr("times as fast"), _about_text(speeds.is_same_text)],
        ]
    )
    if speeds.difference is not None:
        print_line(one_line(speeds.difference.sentence()))


def _about_memory(bytes_per_s: float) -> str:
    rate = f"{bytes_per_s / _GIGABYTE:.1f}"
    return tr("each token needs all weights once, and memory gives {rate} GB/s", rate=rate)


def _about_text(is_same: bool | None) -> str:  # noqa: FBT001 - it is the value that is shown
    if is_same is None:
        return tr("the context window is too small to tell")
    if is_same:
        return tr("where code is repeated with one word changed; the text is the same")
    return tr("where code is repeated with one word changed; the text is another one")


def _shown(figure: float | None) -> str:
    """Give three digits or so."""
    if figure is None:
        return "-"
    digits = 0 if figure >= _MANY else 1 if figure >= _FEW else 2
    return f"{figure:.{digits}f}"
