"""Whether the values that a schema asks for come to an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.engine.json_schema.words import Schema, refused


def refuse_circles(defined: Mapping[str, Schema], places: Mapping[str, str]) -> None:
    """Refuse definitions that lead back to themselves without a value in between."""
    for name in defined:
        seen: set[str] = set()
        steps = list(_same_place(defined[name]))
        while steps:
            step = steps.pop()
            if step == name:
                raise refused("The schema goes round in circles at {place}.", places[name])
            if step not in seen:
                seen.add(step)
                steps.extend(_same_place(defined[step]))


def _same_place(schema: Schema) -> Iterator[str]:
    """Give the definitions that stand for the same value as `schema`."""
    if "$ref" in schema:
        yield _name(schema)
    for each in schema.get("anyOf", ()):
        yield from _same_place(each)


def refuse_endless(defined: Mapping[str, Schema], places: Mapping[str, str]) -> None:
    """Refuse definitions whose every value would hold another of the same."""
    can_end: set[str] = set()
    before = -1
    while before != len(can_end):
        before = len(can_end)
        can_end.update(name for name, schema in defined.items() if _can_end(schema, can_end))
    for name in defined:
        if name not in can_end:
            raise refused("A value at {place} of the schema would have no end.", places[name])


def _can_end(schema: Schema, known: set[str]) -> bool:
    if "$ref" in schema:
        return _name(schema) in known
    if "anyOf" in schema:
        return any(_can_end(each, known) for each in schema["anyOf"])
    if "properties" in schema:
        return all(_can_end(schema["properties"][name], known) for name in schema.get("required", ()))
    if "prefixItems" in schema:
        return all(_can_end(each, known) for each in schema["prefixItems"])
    return not schema.get("minItems") or _can_end(schema["items"], known)


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
