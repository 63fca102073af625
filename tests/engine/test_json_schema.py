"""JSON schemas become grammars, or sentences that name the place."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from app.engine.engine import GrammarError
from app.engine.json_schema.plain import plain_schema
from app.engine.llama.sampling.gbnf import check_gbnf
from app.engine.llama.sampling.grammar import gbnf_text
from app.engine.requests import Grammar, GrammarKind
from app.errors import Fault

USUAL: list[Any] = [
    {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]},
    {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 5},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}]},
    {"type": "array", "items": [{"type": "string"}, True]},
    {"enum": ["a", 'b"c\\', "\u00fc\U0001f999\n", 1, None, {"x": [1.5]}, "\ud800"]},
    {"const": True, "type": "boolean"},
    {"type": "integer", "minimum": -3, "exclusiveMaximum": 4.5},
    {"type": ["string", "null"], "maxLength": 500},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "email", "minLength": 3},
    {"type": "object", "additionalProperties": {"type": "boolean"}},
    {"type": "object", "properties": {f"p{i}": {"type": "null"} for i in range(100)}},
    {"allOf": [{"$ref": "#/$defs/a_b"}], "description": "x", "$defs": {"a_b": {"type": "string"}}},
    {
        "$defs": {"tree": {"properties": {"left": {"$ref": "#/$defs/tree"}, "string": {"type": "integer"}}}},
        "anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}],
    },
    {"properties": {"me": {"$ref": "#"}, "too": {"$ref": "#/properties/a~1b"}, "a/b": {"items": {"$ref": "#"}}}},
    {"$defs": {"x": {"$defs": {"y": {"type": "null"}}}, "y": {"type": "string"}}, "type": "object", "properties": {
        "a": {"$ref": "#/$defs/x/$defs/y"}, "b": {"$ref": "#/$defs/y"}}},
    True,
    {},
]  # fmt: skip


@pytest.mark.parametrize("schema", USUAL)
def test_a_usual_schema_becomes_a_grammar_that_llama_cpp_takes(schema: object) -> None:
    """With our check, which is stricter than its own."""
    check_gbnf(schema_text(schema))


def test_names_of_references_do_not_run_into_each_other() -> None:
    """Two definitions may have the same last name, and a property the name that we would give."""
    schema = {"$defs": {"a": {"x": {"type": "null"}}, "b": {"x": {"enum": ["ref-0"]}}}, "properties": {
        "one": {"$ref": "#/$defs/a/x"}, "two": {"$ref": "#/$defs/b/x"}}}  # fmt: skip
    plain = plain_schema(json.dumps(schema))
    assert plain["properties"] == {"one": {"$ref": "#/$defs/refx-0"}, "two": {"$ref": "#/$defs/refx-1"}}
    assert plain["$defs"] == {"refx-0": {"type": "null"}, "refx-1": {"enum": ["ref-0"]}}


def test_what_a_schema_leaves_open_stays_within_it() -> None:
    """A small range of numbers is a choice, values of another type are left out, and lists have what they may hold."""
    assert plain_schema('{"type": "integer", "exclusiveMinimum": 1, "maximum": 4.5}') == {"enum": [2, 3, 4]}
    assert plain_schema('{"type": "string", "enum": ["a", 1, null]}') == {"enum": ["a"]}
    assert plain_schema('{"enum": [1, 2, 3], "const": 2}') == {"enum": [2]}
    assert plain_schema('{"type": ["string", "integer"], "minimum": 1, "maximum": 2}')["anyOf"][1] == {"enum": [1, 2]}
    assert plain_schema('{"type": "array", "maxItems": 2}')["items"] == plain_schema("true")


DEEP = '{"items": ' * 60 + "{}" + "}" * 60
LONG = {f"d{i}": {"items": {"$ref": f"#/$defs/d{i + 1}"}} for i in range(600)}
WIDE = {f"d{i}": {"anyOf": [{"$ref": f"#/$defs/d{i + 1}"}, {"$ref": f"#/$defs/d{i + 1}"}]} for i in range(40)}


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ("{", "The schema is not JSON"),
        ("[" * 60_000, "nested too deeply"),
        ("9" * 5000, "a number is too large"),
        ('{"const": NaN}', "The schema is not JSON"),
        ('{"const": 1e999}', "a number is too large"),
        ('{"enum": [[1e999]]}', "a number is too large"),
        ('{"enum": [{"a": -1e999}]}', "a number is too large"),
        ('{"enum": [1, 2, 3], "const": 4}', "No value fits at the top of"),
        ('{"enum": [1, 2], "const": true}', "No value fits at the top of"),
        (" " * 70_000, "longer than 65,536 characters"),
        ("3", "At the top of the schema there should be a schema"),
        ("false", "No value fits at the top of the schema: it is “false”"),
        ('{"items": false}', "No value fits at #/items of the schema: it is “false”"),
        (DEEP, "nested too deeply at #/items/items"),
        ('{"type": "text"}', "unknown type"),
        ('{"type": {}}', "unknown type"),
        ('{"properties": {"a": {"pattern": "^(a+)+$"}}}', "“pattern” at #/properties/a of the schema is not supported"),
        ('{"not": {}}', "“not” at the top of the schema"),
        ('{"type": "number", "minimum": 0}', "“minimum” at the top of the schema"),
        ('{"minimum": 1, "maximum": 5}', "“minimum” at the top of the schema is supported for whole numbers only"),
        ('{"type": ["integer", "number"], "minimum": 0, "maximum": 3}', "Give the “type” “integer” beside it"),
        ('{"type": "integer", "minimum": 0}', "needs two limits"),
        ('{"type": "integer", "minimum": 0, "maximum": true}', "a limit is not a number"),
        ('{"type": "integer", "minimum": 0, "maximum": 1' + 400 * "0" + "}", "needs two limits"),
        ('{"type": "integer", "minimum": 0, "maximum": 1e300}', "needs two limits"),
        ('{"type": "integer", "minimum": 5, "maximum": 2}', "No whole number lies between the limits at the top of"),
        ('{"minLength": 5, "maxLength": 2}', "“minLength” at the top of the schema is larger than “maxLength”"),
        ('{"type": "array", "minItems": 5, "maxItems": 2}', "“minItems” at the top of the schema is larger than"),
        ('{"anyOf": [{}], "type": "object"}', "“type” at the top of the schema"),
        ('{"anyOf": []}', "not a list of 1 to 100 schemas"),
        ('{"anyOf": 3}', "not a list of 1 to 100 schemas"),
        ('{"allOf": [{}, {}]}', "“allOf” at the top of the schema"),
        ('{"type": "array", "minItems": 1000000000}', "at the top of the schema is not a number from 0 to 200"),
        ('{"type": "string", "maxLength": 100000}', "“maxLength” at the top of the schema"),
        ('{"type": "string", "maxLength": 3, "minLength": 5}', "is larger than “maxLength”"),
        ('{"type": "string", "maxLength": 3, "format": "date"}', "not supported beside a length"),
        ('{"prefixItems": [{}], "maxItems": 0}', "No list fits"),
        ('{"prefixItems": {}}', "not a list"),
        ('{"properties": {}, "required": ["a"]}', "a required property is not described"),
        ('{"properties": {}, "required": [[]]}', "“required” at the top of the schema is not a list of names"),
        ('{"properties": {}, "required": "a"}', "“required” at the top of the schema is not a list of names"),
        ('{"properties": 3}', "“properties” at the top of the schema does not name its properties"),
        ('{"properties": null}', "“properties” at the top of the schema does not name its properties"),
        (json.dumps({"properties": {f"{i}": {} for i in range(101)}}), "there are more than 100 properties"),
        ('{"$ref": "https://example.org/a.json"}', "leads out of it"),
        ('{"$ref": 3}', "leads out of it"),
        ('{"$ref": "#/$defs/a"}', "refers to #/$defs/a, which is not there"),
        ('{"$ref": "#"}', "goes round in circles at the top"),
        ('{"$defs": {"a": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}',
            "circles at #/$"),
        ('{"properties": {"a": {"$ref": "#"}}, "required": ["a"]}', "would have no end"),
        ('{"items": {"$ref": "#"}, "minItems": 1}', "would have no end"),
        ('{"prefixItems": [{"$ref": "#"}]}', "would have no end"),
        (json.dumps({"$defs": WIDE | {"d40": {"type": "null"}}, "$ref": "#/$defs/d0"}), "in too many ways"),
        (json.dumps({"$defs": LONG | {"d600": {"type": "null"}}, "$ref": "#/$defs/d0"}), "nested too deeply"),
        ('{"enum": []}', "No value fits"),
        ('{"enum": 3}', "at most 1,000 values"),
        (json.dumps({"enum": list(range(2000))}), "at most 1,000 values"),
        (json.dumps({f"{i}": 1 for i in range(3)} | {"x" * 300: 1}), "is not supported"),
    ],
)  # fmt: skip
def test_a_hostile_schema_is_a_sentence_that_names_the_place(schema: str, sentence: str) -> None:
    """At once, and nothing of it reaches C."""
    began = time.monotonic()
    with pytest.raises(GrammarError) as caught:
        check_gbnf(gbnf_text(Grammar(GrammarKind.JSON_SCHEMA, schema)))
    assert sentence in str(caught.value)
    assert caught.value.fault is Fault.USER
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("grammar", "sentence"),
    [
        ("", "no rule named “root”"),
        ("\0", "cannot be read"),
        ("x" * 300_000, "longer than 262,144"),
        ("top ::= [a-z]", "no rule named “root”"),
        ('root ::= ("a"', "A bracket is not closed in line 1"),
        ('root ::= "a', 'cannot be read at “"a” in line 1'),
        ("root ::= other", "The rule “root” of the grammar names “other”"),
        ("root ::=", None),
        ("root", "has no end, in line 1"),
        ("root = x", "cannot be read"),
        ('root ::= "a"\n)', "line 2"),
        ("root ::= ()*)", "cannot be read"),
        ("root ::= *", "nothing stands before"),
        ('root ::= ""+', "nothing stands before"),
        ("root ::= []", "A range is empty"),
        ('root ::= "a"{1000000000}', "cannot be read"),
        ('root ::= "a"{5000}', "more than 1,000 times"),
        ('root ::= "a"{2,}\n', None),
        ('root ::= "a"{5,2}', "“{5,2}” asks for more than it allows"),
        ('root ::= "a"{ 1 , 0 }', "In line 1 of the grammar"),
        ('root ::= "a"{2,2}', None),
        (f'root ::= "{"a" * 1000}"{{1000}}', "grows too large"),
        ("root ::= " + "(" * 2000, "more than 1000 groups"),
        ("root ::= <think>", "cannot be read at “<think>”"),
        ("root ::= !<[3]>", "cannot be read"),
        ('root ::= root "a" | "b"', "begins with itself"),
        ('root ::= b root "x" | "y"\nb ::= c\nc ::= "" | "x"', "begins with itself"),
        ("root ::= (root)? [a]", "begins with itself"),
        ('root ::= b*\nb ::= "x" |', "What is repeated in line 1 of the grammar may be nothing"),
        ('root ::= ("x"?){3}', "What is repeated in line 1"),
        ('root ::= "a" root', "has no end"),
        ('root ::= [^\\]"\\\\a-z] . # a remark\n\nb ::= (\n "\\u00e9"\n | b2 )\nb2 ::= "\\x41" |\n "z"', None),
        ("\n".join(f"r{i} ::= r{i + 1} | r{i + 1} [a]" for i in range(30)) + '\nr30 ::= "a"\nroot ::= r0',
            "too many ways"),
    ],
)  # fmt: skip
def test_a_grammar_that_would_harm_the_engine_is_refused(grammar: str, sentence: str | None) -> None:
    """Wrong syntax, groups in groups, explosions, rules without an end or that begin with themselves."""
    if sentence is None:
        check_gbnf(grammar)
        return
    with pytest.raises(GrammarError) as caught:
        check_gbnf(grammar)
    assert sentence in str(caught.value)


def schema_text(schema: object) -> str:
    """Give the grammar of a schema."""
    return gbnf_text(Grammar(GrammarKind.JSON_SCHEMA, json.dumps(schema)))
