"""The words of a JSON schema that say how one value looks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeGuard

from app.engine.engine import GrammarError
from app.given_text import whole_characters

Schema: TypeAlias = "dict[str, Any]"

MOST_ITEMS: Final = 200
_LONGEST_TEXT: Final = 500
MOST_CHOICES: Final = 1000
TYPES: Final = ("object", "array", "string", "number", "integer", "boolean", "null")
_LONGEST_SHOWN: Final = 120
_FORMATS: Final = ("date", "time", "date-time", "uuid")
LIMITS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
WORDS_OF: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset(("properties", "required", "additionalProperties")),
    "array": frozenset(("items", "prefixItems", "minItems", "maxItems")),
    "string": frozenset(("minLength", "maxLength", "format")),
    "integer": frozenset(LIMITS),
    "number": frozenset(),
    "boolean": frozenset(),
    "null": frozenset(),
}


def plain_string(words: Schema, place: str) -> Schema:
    """Read what is said of a text: a length or one of the known formats, not both."""
    least, most = bounds(words, "minLength", "maxLength", _LONGEST_TEXT, place)
    has_bounds = least > 0 or most is not None
    if words.get("format") in _FORMATS:  # any other is a remark
        if has_bounds:
            raise refused("“{word}” at {place} of the schema is not supported beside a length.", place, word="format")
        return {"type": "string", "format": words["format"]}
    if not has_bounds:
        return {"type": "string"}
    return {"type": "string", "minLength": least} | ({} if most is None else {"maxLength": most})


def plain_integer(words: Schema, place: str) -> Schema:
    """A small range of whole numbers is a choice."""
    limits = {word: words[word] for word in LIMITS if word in words}
    if any(not _is_number(limit) for limit in limits.values()):
        raise refused("At {place} of the schema a limit is not a number.", place)
    lows = [math.ceil(limits[word]) for word in ("minimum",) if word in limits]
    lows += [math.floor(limits[word]) + 1 for word in ("exclusiveMinimum",) if word in limits]
    highs = [math.floor(limits[word]) for word in ("maximum",) if word in limits]
    highs += [math.ceil(limits[word]) - 1 for word in ("exclusiveMaximum",) if word in limits]
    if lows and highs and min(highs) < max(lows):
        raise refused("No whole number lies between the limits at {place} of the schema.", place)
    if not lows or not highs or not 0 <= min(highs) - max(lows) < MOST_CHOICES:
        raise refused(
            "A whole number at {place} of the schema needs two limits, with at most {most} numbers between them.",
            place,
            next_step="Give both, or none.",
            most=f"{MOST_CHOICES:,}",
        )
    return {"enum": list(range(max(lows), min(highs) + 1))}


def _is_number(limit: object) -> bool:
    return isinstance(limit, int | float) and not isinstance(limit, bool)


def bounds(words: Schema, least_word: str, most_word: str, largest: int, place: str) -> tuple[int, int | None]:
    """Give the least and the most length, the most being None where there is no limit."""
    least, most = words.get(least_word, 0), words.get(most_word)
    for word, bound in ((least_word, least), (most_word, most)):
        if bound is not None and (type(bound) is not int or not 0 <= bound <= largest):
            raise refused(
                "“{word}” at {place} of the schema is not a number from 0 to {largest}.",
                place,
                word=word,
                largest=largest,
            )
    if most is not None and least > most:
        raise larger_least(least_word, most_word, place)
    return least, most


def larger_least(least_word: str, most_word: str, place: str) -> GrammarError:
    """Give the error of a range without anything in it."""
    return refused(
        "“{least}” at {place} of the schema is larger than “{most}”.", place, least=least_word, most=most_word
    )


def kinds_of(kinds: object, place: str) -> list[str]:
    """Give the types that `type` names."""
    listed = kinds if is_list(kinds) else [kinds]
    if not listed or any(kind not in TYPES for kind in listed):
        raise refused("At {place} of the schema there is an unknown type.", place)
    return [str(kind) for kind in listed]


def kinds_by_words(words: Schema) -> object:
    """What has no type is of the one whose words it uses."""
    for kind in ("object", "array", "string"):
        if WORDS_OF[kind] & words.keys():
            return kind
    return list(TYPES)


def refuse_words(words: Schema, known: frozenset[str], place: str) -> None:
    """Refuse a word that would be overlooked."""
    for word in words:
        if word not in known:
            raise refused(
                "“{word}” at {place} of the schema is not supported.", place, word=word[:40], next_step="Leave it out."
            )


def refuse_limits(words: Schema, place: str) -> None:
    """Refuse limits where a value may be a number that is not whole."""
    for word in LIMITS:
        if word in words:
            raise refused(
                "“{word}” at {place} of the schema is supported for whole numbers only.",
                place,
                word=word,
                next_step="Give the “type” “integer” beside it, or leave it out.",
            )


def is_of(value: object, kinds: object, place: str) -> bool:
    """Whether `value` is of one of the types `kinds`; None is any."""
    return kinds is None or any(_is_type(value, kind) for kind in kinds_of(kinds, place))


def _is_type(value: object, kind: str) -> bool:
    match value:
        case bool():
            return kind == "boolean"
        case int():
            return kind in ("integer", "number")
        case float():
            return kind == "number"
        case str():
            return kind == "string"
        case None:
            return kind == "null"
        case _:
            return kind == ("array" if isinstance(value, list) else "object")


def is_object(value: object) -> TypeGuard[Schema]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether it is a JSON list."""
    return isinstance(value, list)


def below(place: str, *steps: str) -> str:
    """Give the JSON pointer of something inside of `place`."""
    return "/".join((place, *(step.replace("~", "~0").replace("/", "~1") for step in steps)))


def refused(message: str, place: str, *, next_step: str = "", **values: str | int) -> GrammarError:
    """Give the error that names `place`."""
    if place == "#":
        place = "the top"
    shown = place if len(place) <= _LONGEST_SHOWN else f"{place[:_LONGEST_SHOWN]}…"
    return GrammarError(message, next_step=next_step, details="", place=whole_characters(shown), **values)
