"""The names of special tokens: where a chat template says one it is the token; in a message it is only text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.engine.llama.prompting.tokens import SpecialToken

_LOOKS_LIKE_A_MARK: Final = re.compile(r"[<\[(].*[>\])]", re.DOTALL)
_BLANKS: Final = " \t\n\v\f\r"
"""What C's `isspace` calls one: llama.cpp strips these."""

_Trie: TypeAlias = "dict[str, _Trie]"


@dataclass(frozen=True, slots=True)
class NamedToken:
    """A special token in a text. `text` is its name with the blank space that is dropped beside it."""

    id: int
    text: str


class SpecialWords:
    """The special tokens whose names mean something only when the template says them.

    These are the control tokens, and what else the template marks turns with: some models' `<|START_OF_TURN_TOKEN|>` is
    an ordinary added token, which llama.cpp would find in any text. Other added tokens, such as long runs of spaces,
    are ways to write text, and are left alone.
    """

    def __init__(self, tokens: Sequence[SpecialToken], template_source: str) -> None:
        """Choose among a vocabulary's special `tokens` for a template."""
        chosen = [token for token in tokens if token.text and (token.is_control or _marks(token, template_source))]
        self._tokens = sorted(chosen, key=lambda token: -len(token.text.encode()))  # llama.cpp looks in this order
        self._names = re.compile(_pattern([token.text for token in chosen])) if chosen else None
        self.ids = frozenset(token.id for token in chosen)

    def found_in(self, text: str) -> list[int]:
        """Tell where names begin in `text`."""
        return [] if self._names is None else [match.start() for match in self._names.finditer(text)]

    def parted(self, text: str) -> list[str | NamedToken]:
        """Part the template's own words as llama.cpp does: the longest names first, each from the left."""
        parts: list[str | NamedToken] = [text] if text else []
        for token in self._tokens:
            if token.text in text:
                parts = [piece for part in parts for piece in _pieces(part, token)]
        return parts


def _marks(token: SpecialToken, template_source: str) -> bool:
    return _LOOKS_LIKE_A_MARK.fullmatch(token.text) is not None and token.text in template_source


def _pieces(part: str | NamedToken, token: SpecialToken) -> Iterator[str | NamedToken]:
    if isinstance(part, NamedToken):
        yield part
        return
    rest = part
    while (place := rest.find(token.text)) >= 0:
        left, right = rest[:place], rest[place + len(token.text) :]
        kept_left = left.rstrip(_BLANKS) if token.strips_left else left
        kept_right = right.lstrip(_BLANKS) if token.strips_right else right
        if kept_left:
            yield kept_left
        yield NamedToken(token.id, rest[len(kept_left) : len(rest) - len(kept_right)])
        rest = kept_right
    if rest:
        yield rest


def _pattern(names: Sequence[str]) -> str:
    """Write an expression that finds the longest of `names`, quickly even where there are thousands.

    Names with one beginning share it: so most characters of a text are passed over after one look.
    """
    trie: _Trie = {}
    for name in names:
        node = trie
        for sign in name:
            node = node.setdefault(sign, {})
        node[""] = {}
    return _branches(trie)


def _branches(node: _Trie) -> str:
    chain = ""
    while len(node) == 1 and "" not in node:  # most names are long and part early: no recursion for each letter
        ((sign, node),) = node.items()
        chain += re.escape(sign)
    further = [re.escape(sign) + _branches(below) for sign, below in node.items() if sign]
    if not further:
        return chain
    return f"{chain}(?:{'|'.join(further)}){'?' if '' in node else ''}"
