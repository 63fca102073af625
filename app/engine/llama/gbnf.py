"""Checks a grammar in GBNF before llama.cpp sees it: what would crash or never end there ends here as a sentence.

Source of the language: `src/llama-grammar.cpp` of llama.cpp. Its parser recurses into groups, its search for left
recursion overlooks rules that are empty by a detour and walks shared rules again and again, and a grammar that can
never be completed keeps a model writing for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from app.engine.engine import GrammarError

LONGEST_GRAMMAR: Final = 256 * 1024
_MAXIMUM_DEPTH: Final = 1000
_MAXIMUM_REPETITIONS: Final = 1000
_MAXIMUM_ELEMENTS: Final = 200_000
_MAXIMUM_PATHS: Final = 100_000
_ESCAPE: Final = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}|[\"\[\]\\rnt])"
_WORDS: Final = re.compile(
    rf"""(?P<space>[ \t]+|\#[^\r\n\0]*)
    |(?P<line>\r\n|\r|\n)
    |(?P<literal>"(?:[^"\\\0]|{_ESCAPE})*")
    |(?P<range>\.|\[\^?(?:[^\]\\\0]|{_ESCAPE})*\])
    |(?P<define>::=)
    |(?P<name>[a-zA-Z0-9-]+)
    |(?P<repeat>[*+?]|\{{[ \t]*\d{{1,9}}[ \t]*(?:,[ \t]*(?:\d{{1,9}})?[ \t]*)?\}})
    |(?P<mark>[()|])""",
    re.VERBOSE,
)
_Symbol: TypeAlias = "str | None"
"""A rule's name, or None for something that takes a character."""
_Sequence: TypeAlias = "list[_Symbol]"


@dataclass(slots=True)
class _Group:
    """Alternatives that are being read; `name` is the rule's, or one that no rule can have."""

    name: str
    is_nested: bool
    alternatives: list[_Sequence] = field(default_factory=lambda: [[]])
    elements: int = 0
    """How many characters the last item takes in llama.cpp's memory."""


def check_gbnf(text: str) -> None:
    """Raise `GrammarError` unless llama.cpp can use `text`, beginning at the rule `root`, and a reply can end."""
    if len(text) > LONGEST_GRAMMAR:
        raise GrammarError("The grammar is longer than {size} characters.", size=f"{LONGEST_GRAMMAR:,}")
    rules = _Reader(text).rules()
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
    _refuse_left_recursion(rules)


class _Reader:
    """Reads rules with a stack of its own: a deep grammar is not a deep recursion."""

    def __init__(self, text: str) -> None:
        self._words = list(_words(text))
        self._place = 0
        self._rules: dict[str, list[_Sequence]] = {}
        self._elements = 0

    def rules(self) -> Mapping[str, list[_Sequence]]:
        """Read all of them. A group is a rule of its own, under a name with a space."""
        self._skip_lines()
        while self._place < len(self._words):
            self._rule()
            self._skip_lines()
        return self._rules

    def _rule(self) -> None:
        name = self._take("name")
        self._take("define")
        self._skip_lines()
        open_groups = [_Group(name, is_nested=False)]
        while self._place < len(self._words):
            kind, word, line = self._words[self._place]
            if kind == "line" and len(open_groups) == 1:
                break
            self._place += 1
            self._word(kind, word, line, open_groups)
            if len(open_groups) > _MAXIMUM_DEPTH:
                raise _wrong("The grammar nests more than {depth} groups in line {line}.", line, depth=_MAXIMUM_DEPTH)
        if len(open_groups) > 1:
            raise _wrong("A bracket is not closed in line {line} of the grammar.", self._words[-1][2])
        self._rules[name] = open_groups[0].alternatives

    def _word(self, kind: str, word: str, line: int, open_groups: list[_Group]) -> None:
        group = open_groups[-1]
        match kind, word:
            case "line", _:
                return
            case "mark", "|":
                group.alternatives.append([])
                group.elements = 0
                self._skip_lines()
            case "mark", "(":
                open_groups.append(_Group(f"{open_groups[0].name} {self._place}", is_nested=True))
            case "mark", ")" if group.is_nested:
                open_groups.pop()
                self._rules[group.name] = group.alternatives
                self._add(open_groups[-1], group.name, 1, line)
            case "repeat", _:
                self._repeat(group, word, line)
            case "name", _:
                self._add(group, word, 1, line)
            case (("literal" | "range"), _):
                self._add_characters(group, kind, word, line)
            case _:
                raise _wrong("The grammar cannot be read at “{word}” in line {line}.", line, word=word[:40])

    def _add_characters(self, group: _Group, kind: str, word: str, line: int) -> None:
        if kind == "literal" and word == '""':
            group.elements = 0
            return
        if kind == "range" and word in ("[]", "[^]"):
            raise _wrong("A range is empty in line {line} of the grammar.", line)
        self._add(group, None, len(word), line)

    def _add(self, group: _Group, symbol: _Symbol, elements: int, line: int) -> None:
        group.alternatives[-1].append(symbol)
        group.elements = elements
        self._count(elements, line)

    def _repeat(self, group: _Group, word: str, line: int) -> None:
        sequence = group.alternatives[-1]
        if not group.elements or not sequence:
            raise _wrong("In line {line} of the grammar, nothing stands before “{word}”.", line, word=word)
        numbers = [int(number) for number in re.findall(r"\d+", word)]
        if any(number > _MAXIMUM_REPETITIONS for number in numbers):
            raise _wrong(
                "The grammar repeats something more than {most} times in line {line}.",
                line,
                most=f"{_MAXIMUM_REPETITIONS:,}",
            )
        self._count(group.elements * max((1, *numbers)), line)
        least = numbers[0] if numbers else 1 if word == "+" else 0
        if least == 0:
            name = f"{group.name} repeated {self._place}"
            self._rules[name] = [[sequence.pop()], []]
            sequence.append(name)
        group.elements = 1

    def _count(self, elements: int, line: int) -> None:
        self._elements += elements
        if self._elements > _MAXIMUM_ELEMENTS:
            raise _wrong("The grammar grows too large in line {line}.", line)

    def _take(self, kind: str) -> str:
        if self._place >= len(self._words):
            raise _wrong("The last rule of the grammar has no end, in line {line}.", self._words[-1][2])
        found, word, line = self._words[self._place]
        if found != kind:
            raise _wrong("The grammar cannot be read at “{word}” in line {line}.", line, word=word.strip()[:40])
        self._place += 1
        return word

    def _skip_lines(self) -> None:
        while self._place < len(self._words) and self._words[self._place][0] == "line":
            self._place += 1


def _words(text: str) -> Iterator[tuple[str, str, int]]:
    place, line = 0, 1
    while place < len(text):
        found = _WORDS.match(text, place)
        if found is None or found.lastgroup is None:
            raise _wrong("The grammar cannot be read at “{word}” in line {line}.", line, word=text[place : place + 40])
        if found.lastgroup != "space":
            yield found.lastgroup, found.group(), line
        line += found.group().count("\n")
        place = found.end()


def _refuse_endless(rules: Mapping[str, list[_Sequence]]) -> None:
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


def _refuse_left_recursion(rules: Mapping[str, list[_Sequence]]) -> None:
    """Refuse rules that come back to themselves before a character, and detours that take llama.cpp for ever."""
    empty = _may_be_empty(rules)
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


def _may_be_empty(rules: Mapping[str, list[_Sequence]]) -> set[str]:
    empty: set[str] = set()
    before = -1
    while before != len(empty):
        before = len(empty)
        for name, alternatives in rules.items():
            if any(all(symbol in empty for symbol in sequence) for sequence in alternatives):
                empty.add(name)
    return empty


def _beginnings(alternatives: list[_Sequence], empty: set[str]) -> Iterator[str]:
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


def _wrong(message: str, line: int, **values: str | int) -> GrammarError:
    return GrammarError(message, next_step="Mend this line of the grammar.", details="", line=line, **values)
