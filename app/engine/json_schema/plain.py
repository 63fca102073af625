"""Puts a JSON schema in plain words.

What comes out is narrower than the schema, never wider: whatever fits it fits the schema too. (One exception, as
everywhere: what fits several of `oneOf` is let through.)
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from app.engine.engine import GrammarError
from app.engine.json_schema.ends import refuse_circles, refuse_endless
from app.engine.json_schema.words import (
    LIMITS,
    MOST_CHOICES,
    MOST_ITEMS,
    TYPES,
    WORDS_OF,
    Schema,
    below,
    bounds,
    is_list,
    is_object,
    is_of,
    kinds_by_words,
    kinds_of,
    plain_integer,
    plain_string,
    refuse_limits,
    refuse_words,
    refused,
)

_LONGEST_SCHEMA: Final = 64 * 1024
_MAXIMUM_DEPTH: Final = 32
_MAXIMUM_PROPERTIES: Final = 100
_ANY: Final[Schema] = {"anyOf": [{"type": each} for each in TYPES if each != "integer"]}
_REMARKS: Final = frozenset(
    (
        *("$schema", "$id", "$comment", "$defs", "definitions"),
        *("title", "description", "default", "example", "examples"),
        *("deprecated", "readOnly", "writeOnly"),
    )
)


def plain_schema(text: str) -> Schema:
    """Read the JSON schema `text`; `GrammarError` names the place that cannot be used.

    Gives only `$ref` to `#/$defs/NAME`, `anyOf`, `enum`, `object` with `properties` or `additionalProperties`, `array`
    with `items` or `prefixItems`, and the plain types; each reference ends, and each value can.
    """
    if len(text) > _LONGEST_SCHEMA:
        raise GrammarError("The schema is longer than {size} characters.", size=f"{_LONGEST_SCHEMA:,}")
    try:
        whole: object = json.loads(text, parse_float=_finite, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise GrammarError("The schema is nested too deeply.") from error
    except ValueError as error:
        raise GrammarError(
            "The schema is not JSON: {reason}.", next_step="Check the file.", reason=_reason(error)
        ) from error
    return _Plain(whole, text).schema()


class _Plain:
    """Puts one schema in plain words. A definition gets a name that no property can have, and is read once."""

    def __init__(self, whole: object, text: str) -> None:
        self._whole = whole
        self._names: dict[str, str] = {}
        self._prefix = "ref"
        while self._prefix in text:
            self._prefix += "x"

    def schema(self) -> Schema:
        """Read everything, definitions as they are met."""
        root = self._read(self._whole, "#", 0)
        defined: dict[str, Schema] = {}
        while len(defined) < len(self._names):
            for place, name in tuple(self._names.items()):
                if name not in defined:
                    defined[name] = self._read(self._target(place), place, 0)
        places = {name: place for place, name in self._names.items()}
        refuse_circles(defined, places)
        refuse_endless(defined, places)
        return {**root, "$defs": defined} if defined else root

    def _read(self, schema: object, place: str, depth: int) -> Schema:
        if depth > _MAXIMUM_DEPTH:
            raise refused("The schema is nested too deeply at {place}.", place)
        if schema is True or schema == {}:
            return _ANY
        if schema is False:
            raise refused(
                "No value fits at {place} of the schema: it is “false”.", place, next_step="Say what may stand there."
            )
        if not is_object(schema):
            raise refused("At {place} of the schema there should be a schema.", place)
        words = {word: value for word, value in schema.items() if word not in _REMARKS}
        for word in ("$ref", "enum", "const", "anyOf", "oneOf", "allOf"):
            if word in words:
                return _READERS[word](self, words, place, depth)
        kinds = kinds_of(words.pop("type", kinds_by_words(words)), place)
        if "number" in kinds:
            refuse_limits(words, place)
        alternatives = [self._typed(kind, words, place, depth) for kind in kinds]
        refuse_words(words, frozenset(word for kind in kinds for word in WORDS_OF[kind]), place)
        return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}

    def reference(self, words: Schema, place: str, _depth: int) -> Schema:
        """`$ref` stands alone."""
        refuse_words(words, frozenset(("$ref",)), place)
        target = words["$ref"]
        if not isinstance(target, str) or not (target == "#" or target.startswith("#/")):
            raise refused("The reference at {place} of the schema leads out of it.", place)
        self._target(target)
        name = self._names.setdefault(target, f"{self._prefix}-{len(self._names)}")
        return {"$ref": f"#/$defs/{name}"}

    def choices(self, words: Schema, place: str, _depth: int) -> Schema:
        """`enum` and `const`: those of the right type, and of both where both are there."""
        refuse_words(words, frozenset(("enum", "const", "type")), place)
        values: object = words.get("enum", [words.get("const")])
        if not is_list(values) or len(values) > MOST_CHOICES:
            raise refused(
                "At {place} of the schema there should be at most {most} values.", place, most=f"{MOST_CHOICES:,}"
            )
        fitting = [value for value in values if is_of(value, words.get("type"), place)]
        if "const" in words:
            fitting = [value for value in fitting if _same(value, words["const"])]
        if not fitting:
            raise refused("No value fits at {place} of the schema.", place)
        return {"enum": fitting}

    def alternatives(self, words: Schema, place: str, depth: int) -> Schema:
        """`anyOf` and `oneOf` stand alone."""
        word = next(word for word in ("anyOf", "oneOf") if word in words)
        refuse_words(words, frozenset((word,)), place)
        return {"anyOf": [self._read(*each, depth + 1) for each in _list_at(words, word, place)]}

    def all_of(self, words: Schema, place: str, depth: int) -> Schema:
        """`allOf` of one is that one."""
        refuse_words(words, frozenset(("allOf",)), place)
        parts = _list_at(words, "allOf", place)
        if len(parts) > 1:
            raise refused("“{word}” at {place} of the schema is not supported.", place, word="allOf")
        return self._read(*parts[0], depth + 1)

    def _typed(self, kind: str, words: Schema, place: str, depth: int) -> Schema:
        match kind:
            case "object":
                return self._object(words, place, depth)
            case "array":
                return self._array(words, place, depth)
            case "string":
                return plain_string(words, place)
            case "integer" if any(word in words for word in LIMITS):
                return plain_integer(words, place)
            case _:
                return {"type": kind}

    def _object(self, words: Schema, place: str, depth: int) -> Schema:
        properties = words.get("properties", {})
        required = words.get("required", [])
        if not is_object(properties):
            raise refused("“properties” at {place} of the schema does not name its properties.", place)
        if not is_list(required) or any(not isinstance(name, str) for name in required):
            raise refused("“required” at {place} of the schema is not a list of names.", place)
        if len(properties) > _MAXIMUM_PROPERTIES:
            raise refused(
                "At {place} of the schema there are more than {most} properties.", place, most=_MAXIMUM_PROPERTIES
            )
        if any(name not in properties for name in required):
            raise refused("At {place} of the schema a required property is not described.", place)
        others = words.get("additionalProperties", True)
        if "properties" in words:
            read = {
                name: self._read(each, below(place, "properties", name), depth + 1) for name, each in properties.items()
            }
            return {"type": "object", "properties": read, "required": required}
        if others is False:
            return {"type": "object", "properties": {}}
        if others is True:
            return {"type": "object"}
        value = self._read(others, below(place, "additionalProperties"), depth + 1)
        return {"type": "object", "additionalProperties": value}

    def _array(self, words: Schema, place: str, depth: int) -> Schema:
        least, most = bounds(words, "minItems", "maxItems", MOST_ITEMS, place)
        items: object = words.get("items", True)
        tuple_word = "items" if is_list(items) else "prefixItems"
        if tuple_word in words:
            parts = _list_at(words, tuple_word, place)
            if least > len(parts) or (most is not None and most < len(parts)):
                raise refused("No list fits at {place} of the schema.", place)
            return {"type": "array", "prefixItems": [self._read(*each, depth + 1) for each in parts]}
        item = self._read(items, below(place, "items"), depth + 1)
        return {"type": "array", "items": item, "minItems": least} | ({} if most is None else {"maxItems": most})

    def _target(self, pointer: str) -> object:
        found: object = self._whole
        for step in pointer.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if is_object(found) and name in found:
                found = found[name]
            elif is_list(found) and name in map(str, range(len(found))):
                found = found[int(name)]
            else:
                raise refused("The schema refers to {place}, which is not there.", pointer)
        return found


_READERS: Final[Mapping[str, Callable[[_Plain, Schema, str, int], Schema]]] = {
    "$ref": _Plain.reference,
    "enum": _Plain.choices,
    "const": _Plain.choices,
    "anyOf": _Plain.alternatives,
    "oneOf": _Plain.alternatives,
    "allOf": _Plain.all_of,
}


def _list_at(words: Schema, word: str, place: str) -> list[tuple[object, str]]:
    parts: object = words[word]
    if not is_list(parts) or not 0 < len(parts) <= _MAXIMUM_PROPERTIES:
        raise refused(
            "“{word}” at {place} of the schema is not a list of 1 to {most} schemas.",
            place,
            word=word,
            most=_MAXIMUM_PROPERTIES,
        )
    return [(part, below(place, word, str(index))) for index, part in enumerate(parts)]


def _same(one: object, other: object) -> bool:
    """Whether both are the same JSON: to Python, `1` and `true` are."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{number} is too large")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}"
    return "a number is too large, or none"
