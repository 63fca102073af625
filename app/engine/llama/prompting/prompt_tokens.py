"""From a prompt's text to its tokens, so that control tokens come from the template alone."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final

from app.engine.interruption import Interruption
from app.engine.llama.prompting.special_words import NamedToken, SpecialWords
from app.engine.llama.prompting.tokens import TextDecoder, Vocabulary

_LONGEST_KEPT_CHARACTERS: Final = 4_000_000
_KEPT_SPELLINGS: Final = 1000
_PART_CHARACTERS: Final = 8192
_BETWEEN_WORDS: Final = re.compile(r"(?<=[^\W\d_])(?= [^\W\d_])")
"""No vocabulary has a token that holds a letter and a space behind it."""
_SENTINELS: Final = ("\x01", "\x02", "\x1f", "\u0378")
"""Signs that stand alone in a vocabulary: no token joins one with what follows."""


class PromptInterruptedError(Exception):
    """Whoever wanted the prompt does not want it any more."""


class RunKind(Enum):
    """Whose words these are."""

    TEMPLATE = auto()
    """Names of control tokens in it are the tokens."""
    WORDS = auto()
    """Names of control tokens in it are text."""
    SPELLED = auto()
    """The tokens are known already."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a prompt's text."""

    kind: RunKind
    text: str
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """The tokens of a text, and after how many bytes of it (as UTF-8) each one ends."""

    tokens: tuple[int, ...]
    ends: tuple[int, ...]


class PromptTokenizer:
    """Makes tokens of runs. What was made of a text is kept: a conversation is read again at every pause in typing.

    Where a message holds no name of a control token, and tokens are not given, the result is what llama.cpp makes of
    the whole text at once with `parse_special`. A long text is read in parts: llama.cpp takes the square of the time
    for some, and nobody could stop it. Where there is no word's end for thousands of signs, that may part a token.
    """

    def __init__(self, vocabulary: Vocabulary, template_source: str) -> None:
        """Use `vocabulary` for prompts that a template writes."""
        self.special = SpecialWords(vocabulary.special_tokens(), template_source)
        self._vocabulary = vocabulary
        self._lengths: dict[int, int] = {}
        self._kept: OrderedDict[tuple[str, bool], TokenizedText] = OrderedDict()
        self._kept_characters = 0
        self._interruption = Interruption()
        self._spelled_beginning = lru_cache(_KEPT_SPELLINGS)(self._find_spelled)
        self._spelled = lru_cache(_KEPT_SPELLINGS)(self._ends_of_spelled)

    def tokenize(self, runs: Iterable[Run]) -> TokenizedText:
        """Give the tokens of the joined texts of `runs`, with one beginning-of-text token where the model wants it."""
        written = _Written()
        for run in runs:
            match run.kind:
                case RunKind.TEMPLATE:
                    for part in self.special.parted(run.text):
                        if isinstance(part, NamedToken):
                            self._end_text(written)
                            written.take(TokenizedText((part.id,), (len(part.text.encode()),)))
                            written.is_opening = True
                        else:
                            written.text += part
                case RunKind.WORDS:
                    written.text += run.text
                case RunKind.SPELLED:
                    self._end_text(written)
                    written.take(self._spelled(run))
                    written.is_opening = False
        self._end_text(written)
        return self._with_bos(written)

    @contextmanager
    def until(self, interruption: Interruption) -> Generator[None]:
        """Raise `PromptInterruptedError` between two parts of a long text when `interruption` was requested."""
        before, self._interruption = self._interruption, interruption
        try:
            yield
        finally:
            self._interruption = before

    def count(self, text: str, most: int) -> int:
        """Tell how many tokens a text is by itself, names of control tokens read as text; no more than `most`."""
        count = 0
        for number, part in enumerate(self._parts(text)):
            count += len(self._short_text(part, opens=not number).tokens)
            if count >= most:
                return most
        return count

    def spelled_beginning(self, tokens: tuple[int, ...], text: str) -> Run:
        """Give the longest beginning of `text` that a beginning of `tokens` spells, in whole characters."""
        return self._spelled_beginning(tokens, text)

    def _find_spelled(self, tokens: tuple[int, ...], text: str) -> Run:
        """Spell as the text was made when they were generated: what is no UTF-8 became a mark."""
        decoder, place, count, length = TextDecoder(), 0, 0, 0
        for number, token in enumerate(tokens, start=1):
            if not 0 <= token < self._vocabulary.size or self._vocabulary.ends_generation(token):
                break
            signs = decoder.feed(self._vocabulary.piece(token))
            if not text.startswith(signs, place):
                break
            place += len(signs)
            if decoder.is_whole:
                count, length = number, place
        return Run(RunKind.SPELLED, text[:length], tokens[:count])

    def text_of(self, tokens: Sequence[int]) -> str | None:
        """Give what `tokens` say, names included; None when one of them does not exist."""
        if not all(0 <= token < self._vocabulary.size for token in tokens):
            return None
        return b"".join(self._vocabulary.name(token) for token in tokens).decode("utf-8", errors="replace")

    def _end_text(self, written: _Written) -> None:
        if written.text:
            written.take(self._text(written.text, opens=written.is_opening))
            written.text, written.is_opening = "", False

    def _with_bos(self, written: _Written) -> TokenizedText:
        bos = self._vocabulary.bos
        if self._vocabulary.adds_bos and written.tokens[:1] != [bos]:
            return TokenizedText((bos, *written.tokens), (0, *written.ends))
        return TokenizedText(tuple(written.tokens), tuple(written.ends))

    def _ends_of_spelled(self, run: Run) -> TokenizedText:
        length = len(run.text.encode("utf-8", errors="replace"))
        ends = list(accumulate(len(self._vocabulary.piece(token)) for token in run.tokens))
        if ends[-1:] != [length]:  # the text says the names of control tokens too
            ends = list(accumulate(map(self._length, run.tokens)))
        return _clamped(run.tokens, ends, length)

    def _text(self, text: str, *, opens: bool) -> TokenizedText:
        """Give the tokens of plain text. `opens`: it stands at the beginning or behind a special token."""
        written = _Written(is_opening=opens)
        for part in self._parts(text):
            written.take(self._short_text(part, opens=written.is_opening))
            written.is_opening = False
        return TokenizedText(tuple(written.tokens), tuple(written.ends))

    def _parts(self, text: str) -> Iterator[str]:
        """Part a long text where words end; what is written at its end does not change where."""
        begin = 0
        while begin < len(text):
            if self._interruption.requested:
                raise PromptInterruptedError
            end = begin + 2 * _PART_CHARACTERS
            if end < len(text) and (cut := _BETWEEN_WORDS.search(text, begin + _PART_CHARACTERS, end)):
                end = cut.start()
            yield text[begin:end]
            begin = end

    def _short_text(self, text: str, *, opens: bool) -> TokenizedText:
        """Give the tokens of a part of a text, from what is kept if it is there.

        Some vocabularies put a space before a text that `opens`.
        """
        key = (text, opens)
        if (known := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return known
        made = self._made(text, opens=opens)
        self._kept[key] = made
        self._kept_characters += len(text)
        while self._kept_characters > _LONGEST_KEPT_CHARACTERS and len(self._kept) > 1:
            (oldest, _), _ = self._kept.popitem(last=False)
            self._kept_characters -= len(oldest)
        return made

    def _made(self, text: str, *, opens: bool) -> TokenizedText:
        tokens = self._plain(text, opens=opens)
        if not self.special.ids.isdisjoint(tokens):
            cuts = [place + 1 for place in self.special.found_in(text) if place + 1 < len(text)]
            if cuts:
                return self._parted(text, cuts, opens=opens)
        added = 1 if opens and self._vocabulary.adds_space else 0
        ends = accumulate(map(self._length, tokens), initial=-added)
        next(ends)
        return _clamped(tokens, ends, len(text.encode("utf-8", errors="replace")))

    def _parted(self, text: str, cuts: Sequence[int], *, opens: bool) -> TokenizedText:
        """Read the parts of a text alone: no name that was found in it, and cut behind its first sign, is whole."""
        written = _Written(is_opening=opens)
        for begin, end in pairwise((0, *cuts, len(text))):
            written.take(self._made(text[begin:end], opens=written.is_opening))
            written.is_opening = False
        return TokenizedText(tuple(written.tokens), tuple(written.ends))

    def _plain(self, text: str, *, opens: bool) -> list[int]:
        """Give the tokens of a text without special names; see `_short_text` for `opens`."""
        if opens or not self._vocabulary.adds_space:
            return self._vocabulary.tokens(text, add_special=False, parse_special=False)
        for sentinel in _SENTINELS:  # behind one, no space is put before the text
            alone = self._vocabulary.tokens(sentinel, add_special=False, parse_special=False)
            both = self._vocabulary.tokens(sentinel + text, add_special=False, parse_special=False)
            if both[: len(alone)] == alone:
                return both[len(alone) :]
        return self._vocabulary.tokens(text, add_special=False, parse_special=False)

    def _length(self, token: int) -> int:
        if (length := self._lengths.get(token)) is None:
            length = self._lengths[token] = len(self._vocabulary.name(token))
        return length


class _Written:
    """What was made so far, and the text that is not made into tokens yet."""

    def __init__(self, *, is_opening: bool = True) -> None:
        self.tokens: list[int] = []
        self.ends: list[int] = []
        self.text = ""
        self.is_opening = is_opening

    def take(self, more: TokenizedText) -> None:
        begin = self.ends[-1] if self.ends else 0
        self.tokens += more.tokens
        self.ends += [begin + end for end in more.ends] if begin else more.ends


def _clamped(tokens: Sequence[int], ends: Iterable[int], length: int) -> TokenizedText:
    """Have the last token end where the text does, whatever a vocabulary does to blank space."""
    places = [max(0, min(end, length)) for end in ends]
    if places:
        places[-1] = length
    return TokenizedText(tuple(tokens), tuple(places))
