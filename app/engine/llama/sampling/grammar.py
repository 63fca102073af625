"""What a reply must look like, as a sampler of llama.cpp: a grammar in GBNF, or one made from a JSON schema."""

from __future__ import annotations

import json
from typing import Any, Final

# The binding's own converter; it needs nothing but json and re. It comes through the door that `binding` opened.
from llama_cpp import llama_grammar

from app.engine.engine import GrammarError
from app.engine.json_schema.plain import plain_schema
from app.engine.json_schema.words import Schema
from app.engine.llama.binding import api
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.sampling.candidates import Candidates
from app.engine.llama.sampling.gbnf import check_gbnf
from app.engine.requests import Grammar, GrammarKind

_BindingsConverter: Any = llama_grammar.SchemaConverter  # it says nothing of its types
_JSON_CHARACTER: Final = r'[^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})'
"""The binding's own rule lets line breaks into strings, which JSON does not."""


class GrammarGate:
    """Knows which tokens may come next. Ask `allows` before `accept`: llama.cpp would end the process."""

    def __init__(self, grammar: Grammar, vocabulary: Vocabulary) -> None:
        """Begin a reply. Raises `GrammarError` for a grammar that cannot be used."""
        text = gbnf_text(grammar)
        check_gbnf(text)
        self._vocabulary = vocabulary
        self._one = Candidates(1)
        sampler = api.llama_sampler_init_grammar(vocabulary.pointer, text.encode(), b"root")
        if not sampler:
            raise GrammarError("The grammar was refused by llama.cpp.", next_step="The engine's log says why.")
        self._sampler = sampler
        self._likeliest = api.llama_sampler_init_greedy()

    def allows(self, token: int) -> bool:
        """Whether `token` may come next; the end of the reply may when the grammar is complete."""
        if not 0 <= token < self._vocabulary.size:
            return False
        if b"\0" in self._vocabulary.piece(token):  # llama.cpp's check reads up to it, its acceptance past it
            return False
        self._one.set_only(token)
        self._one.apply(self._sampler)
        return self._one.first_is_possible()

    def leaves_any(self, candidates: Candidates) -> bool:
        """Take out what may not come next; False when nothing is left."""
        candidates.apply(self._sampler)
        return candidates.is_any_possible(self._likeliest)

    def accept(self, token: int) -> None:
        """Go on behind `token`, which is allowed."""
        api.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Give its memory back."""
        api.llama_sampler_free(self._sampler)
        api.llama_sampler_free(self._likeliest)


def gbnf_text(grammar: Grammar) -> str:
    """Give `grammar` in GBNF; `GrammarError` names what cannot be said in it."""
    if grammar.kind is GrammarKind.GBNF:
        return grammar.text
    converter = _Converter(prop_order={}, allow_fetch=False, dotall=False, raw_pattern=False)
    try:
        return converter.gbnf(plain_schema(grammar.text))
    except RecursionError as error:  # references may lead deeper than the text is nested
        raise GrammarError("The schema is nested too deeply.") from error


class _Converter(_BindingsConverter):
    """The binding's converter, without its wrong quoting and with strings that are JSON."""

    def gbnf(self, schema: Schema) -> str:
        """Convert a plain schema."""
        self._refs = {f"#/$defs/{name}": each for name, each in schema.get("$defs", {}).items()}
        self.visit(schema, "")
        return str(self.format_grammar())

    def _format_literal(self, literal: str) -> str:
        """Quote JSON text. Letters stay letters: a model writes them as such."""
        escaped = _as_json(json.loads(literal)).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    def _add_primitive(self, name: str, rule: object) -> str:
        if name == "char":
            return str(self._add_rule("char", _JSON_CHARACTER))
        return str(_BindingsConverter._add_primitive(self, name, rule))  # noqa: SLF001 - `super` has no types here


def _as_json(value: object) -> str:
    written = json.dumps(value, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:  # half a character cannot be written as a letter
        return json.dumps(value)
    return written
