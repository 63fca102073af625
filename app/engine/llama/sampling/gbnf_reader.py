"""Reads a grammar in GBNF into rules, as llama.cpp would, and refuses what it would crash on.

Source of the language: `src/llama-grammar.cpp` of llama.cpp. Its parser recurses into groups, and repeats by copying.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from app.engine.engine import GrammarError

_MAXIMUM_DEPTH: Final = 1000
_MAXIMUM_REPETITIONS: Final = 1000
_MAXIMUM_ELEMENTS: Final = 200_000
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
Symbol: TypeAlias = "str | None"
"""A rule's name, or None for something that takes a character."""
Sequence: TypeAlias = "list[Symbol]"
Rules: TypeAlias = "Mapping[str, list[Sequence]]"


@dataclass(slots=True)
class _Group:
    """Alternatives that are being read; `name` is the rule's, or one that no rule can have."""

    name: str
    is_nested: bool
    alternatives: list[Sequence] = field(default_factory=lambda: [[]])
    elements: int = 0
    """How many characters the last item takes in llama.cpp's memory."""


class GbnfReader:
    """Reads rules with a stack of its own: a deep grammar is not a deep recursion."""

    def __init__(self, text: str) -> None:
        self._words = list(_words(text))
        self._place = 0
        self._rules: dict[str, list[Sequence]] = {}
        self._elements = 0
        self.repeated: list[tuple[Symbol, int]] = []
        """What is repeated any number of times, and in which line."""

    def rules(self) -> Rules:
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
                raise wrong("The grammar nests more than {depth} groups in line {line}.", line, depth=_MAXIMUM_DEPTH)
        if len(open_groups) > 1:
            raise wrong("A bracket is not closed in line {line} of the grammar.", self._words[-1][2])
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
                raise wrong("The grammar cannot be read at “{word}” in line {line}.", line, word=word[:40])

    def _add_characters(self, group: _Group, kind: str, word: str, line: int) -> None:
        if kind == "literal" and word == '""':
            group.elements = 0
            return
        if kind == "range" and word in ("[]", "[^]"):
            raise wrong("A range is empty in line {line} of the grammar.", line)
        self._add(group, None, len(word), line)

    def _add(self, group: _Group, symbol: Symbol, elements: int, line: int) -> None:
        group.alternatives[-1].append(symbol)
        group.elements = elements
        self._count(elements, line)

    def _repeat(self, group: _Group, word: str, line: int) -> None:
        sequence = group.alternatives[-1]
        if not group.elements or not sequence:
            raise wrong("In line {line} of the grammar, nothing stands before “{word}”.", line, word=word)
        numbers = [int(number) for number in re.findall(r"\d+", word)]
        if any(number > _MAXIMUM_REPETITIONS for number in numbers):
            raise wrong(
                "The grammar repeats something more than {most} times in line {line}.",
                line,
                most=f"{_MAXIMUM_REPETITIONS:,}",
            )
        if numbers != sorted(numbers):  # llama.cpp would count up to 2 ** 64
            raise wrong("In line {line} of the grammar, “{word}” asks for more than it allows.", line, word=word)
        self._count(group.elements * max((1, *numbers)), line)
        if word != "?":
            self.repeated.append((sequence[-1], line))
        least = numbers[0] if numbers else 1 if word == "+" else 0
        if least == 0:
            name = f"{group.name} repeated {self._place}"
            self._rules[name] = [[sequence.pop()], []]
            sequence.append(name)
        group.elements = 1

    def _count(self, elements: int, line: int) -> None:
        self._elements += elements
        if self._elements > _MAXIMUM_ELEMENTS:
            raise wrong("The grammar grows too large in line {line}.", line)

    def _take(self, kind: str) -> str:
        if self._place >= len(self._words):
            raise wrong("The last rule of the grammar has no end, in line {line}.", self._words[-1][2])
        found, word, line = self._words[self._place]
        if found != kind:
            raise wrong("The grammar cannot be read at “{word}” in line {line}.", line, word=word.strip()[:40])
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
            raise wrong("The grammar cannot be read at “{word}” in line {line}.", line, word=text[place : place + 40])
        if found.lastgroup != "space":
            yield found.lastgroup, found.group(), line
        line += found.group().count("\n")
        place = found.end()


def wrong(message: str, line: int, **values: str | int) -> GrammarError:
    """Give the error that names `line`."""
    return GrammarError(message, next_step="Mend this line of the grammar.", details="", line=line, **values)
