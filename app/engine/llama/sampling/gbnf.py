"""Checks a grammar in GBNF before llama.cpp sees it: what would crash or never end there ends here as a sentence.

llama.cpp's search for left recursion overlooks rules that are empty by a detour and walks shared rules again and again;
what may be nothing, repeated, lets the ways to read a text grow without bounds; and a grammar that can never be
completed keeps a model writing for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.engine.engine import GrammarError
from app.engine.llama.sampling.gbnf_reader import GbnfReader, Rules, Sequence, wrong

_LONGEST_GRAMMAR: Final = 256 * 1024
_MAXIMUM_PATHS: Final = 100_000


def check_gbnf(text: str) -> None:
    """Raise `GrammarError` unless llama.cpp can use `text`, beginning at the rule `root`, and a reply can end."""
    if len(text) > _LONGEST_GRAMMAR:
        raise GrammarError("The grammar is longer than {size} characters.", size=f"{_LONGEST_GRAMMAR:,}")
    reader = GbnfReader(text)
    rules = reader.rules()
    if "root" not in rules:
        raise GrammarError("The grammar has no rule named “root”.", next_step="A reply begins with this rule.")
    for name, alternatives in rules.items():
        for symbol in (symbol for sequence in alternatives for symbol in sequence):
            if symbol is not None and symbol not in rules:
                raise GrammarError(
                    "The rule “{rule}” of the grammar names “{name}”, which is no rule.",
                    rule=_shown(name),
                    name=symbol,
                )
    _refuse_endless(rules)
    empty = _may_be_empty(rules)
    for symbol, line in reader.repeated:
        if symbol in empty:
            raise wrong("What is repeated in line {line} of the grammar may be nothing.", line)
    _refuse_left_recursion(rules, empty)


def _refuse_endless(rules: Rules) -> None:
    """Refuse rules that no text of any length can fulfil."""
    can_end: set[str] = set()
    before = -1
    while before != len(can_end):
        before = len(can_end)
        for name, alternatives in rules.items():
            if name not in can_end and any(all(s is None or s in can_end for s in each) for each in alternatives):
                can_end.add(name)
    for name in rules:
        if name not in can_end:
            raise GrammarError("The rule “{rule}” of the grammar has no end.", rule=_shown(name))


def _refuse_left_recursion(rules: Rules, empty: set[str]) -> None:
    """Refuse rules that come back to themselves before a character, and detours that take llama.cpp for ever."""
    begins = {name: list(_beginnings(alternatives, empty)) for name, alternatives in rules.items()}
    paths: dict[str, int] = {}
    for start in rules:
        walk = [start]
        on_the_way: set[str] = set()
        while walk:
            name = walk[-1]
            if name in paths:
                walk.pop()
                continue
            if name not in on_the_way:
                on_the_way.add(name)
                if any(step in on_the_way for step in begins[name]):
                    raise GrammarError(
                        "The rule “{rule}” of the grammar begins with itself.",
                        next_step="Let a character come before it.",
                        rule=_shown(name),
                    )
                walk.extend(step for step in begins[name] if step not in paths)
                continue
            on_the_way.discard(walk.pop())
            paths[name] = 1 + sum(paths[step] for step in begins[name])
            if paths[name] > _MAXIMUM_PATHS:
                raise GrammarError("The rule “{rule}” of the grammar can begin in too many ways.", rule=_shown(name))


def _may_be_empty(rules: Rules) -> set[str]:
    empty: set[str] = set()
    before = -1
    while before != len(empty):
        before = len(empty)
        for name, alternatives in rules.items():
            if any(all(symbol in empty for symbol in sequence) for sequence in alternatives):
                empty.add(name)
    return empty


def _beginnings(alternatives: list[Sequence], empty: set[str]) -> Iterator[str]:
    for sequence in alternatives:
        for symbol in sequence:
            if symbol is None:
                break
            yield symbol
            if symbol not in empty:
                break


def _shown(name: str) -> str:
    """Give the rule that a group belongs to."""
    return name.partition(" ")[0]
