"""Text to tokens and back."""

from __future__ import annotations

import codecs
import ctypes
from dataclasses import dataclass
from typing import Final, cast

from app.engine.engine import EngineError
from app.engine.llama.binding import api

_USUAL_PIECE_BYTES: Final = 256
_NO_TOKEN: Final = -1
_SPECIAL: Final = api.LLAMA_TOKEN_ATTR_UNKNOWN | api.LLAMA_TOKEN_ATTR_CONTROL | api.LLAMA_TOKEN_ATTR_USER_DEFINED


@dataclass(frozen=True, slots=True)
class SpecialToken:
    """A token that llama.cpp finds by its name before it reads the rest as text.

    A control token is found only where special names are parsed; another one, which the model's makers have added to
    the vocabulary, everywhere. `strips_left` and `strips_right`: the blank space beside it is dropped.
    """

    id: int
    text: str
    is_control: bool
    strips_left: bool = False
    strips_right: bool = False


class Vocabulary:
    """The tokens of a loaded model. It lives as long as the model does."""

    def __init__(self, model: api.llama_model_p) -> None:
        """Use the vocabulary of `model`."""
        vocabulary = api.llama_model_get_vocab(model)
        if vocabulary is None:
            raise EngineError("The model has no vocabulary.")
        self._vocabulary = vocabulary
        self._buffer = ctypes.create_string_buffer(_USUAL_PIECE_BYTES)
        self.size = int(api.llama_vocab_n_tokens(vocabulary))
        self.bos: int = self._existing(api.llama_vocab_bos(vocabulary))
        self.bos_text = self._text(self.bos)
        self.eos_text = self._text(self._existing(api.llama_vocab_eos(vocabulary)))
        self.adds_bos = bool(api.llama_vocab_get_add_bos(vocabulary)) and self.bos != _NO_TOKEN
        self.adds_space = self._adds_space()
        """Whether a text's first word, and one behind a special token, is read as if a space stood before it."""

    @property
    def pointer(self) -> api.llama_vocab_p:
        """The vocabulary itself, for the functions of llama.cpp that need it."""
        return self._vocabulary

    def tokens(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        """Give the tokens of `text`. `parse_special` reads names of control tokens as these, not as text."""
        encoded = text.encode("utf-8", errors="replace")
        capacity = len(encoded) + 2
        while True:
            buffer = (api.llama_token * capacity)()
            count = api.llama_tokenize(
                self._vocabulary, encoded, len(encoded), buffer, capacity, add_special, parse_special
            )
            if count >= 0:
                return buffer[:count]
            if -count <= capacity:
                raise EngineError("The text is too long to be read.")
            capacity = -count

    def piece(self, token: int) -> bytes:
        """Give the bytes of `token`; none for a control token. They may be a part of a character."""
        return self._bytes(token, special=False)

    def name(self, token: int) -> bytes:
        """Give the bytes of `token`, and of a control token its name."""
        return self._bytes(token, special=True)

    def _bytes(self, token: int, *, special: bool) -> bytes:
        count = api.llama_token_to_piece(self._vocabulary, token, self._buffer, len(self._buffer), 0, special)
        if count < 0:
            self._buffer = ctypes.create_string_buffer(-count)
            count = api.llama_token_to_piece(self._vocabulary, token, self._buffer, len(self._buffer), 0, special)
        return ctypes.string_at(self._buffer, count)

    def ends_generation(self, token: int) -> bool:
        """Whether the model says with `token` that it is done."""
        return bool(api.llama_vocab_is_eog(self._vocabulary, token))

    def special_tokens(self) -> tuple[SpecialToken, ...]:
        """Give the tokens that are found by their names. This looks at all tokens."""
        attributes = (api.llama_vocab_get_attr(self._vocabulary, token) for token in range(self.size))
        return tuple(
            SpecialToken(
                token,
                self._text(token),
                is_control=not attribute & api.LLAMA_TOKEN_ATTR_USER_DEFINED,
                strips_left=bool(attribute & api.LLAMA_TOKEN_ATTR_LSTRIP),
                strips_right=bool(attribute & api.LLAMA_TOKEN_ATTR_RSTRIP),
            )
            for token, attribute in enumerate(attributes)
            if attribute & _SPECIAL
        )

    def _adds_space(self) -> bool:
        first = self.tokens("a", add_special=False, parse_special=False)[:1]
        return any(self.piece(token).startswith(b" ") for token in first)

    def _existing(self, token: api.llama_token) -> int:
        number = cast("int", token)  # ctypes gives an int where the binding names its own type
        return number if 0 <= number < self.size else _NO_TOKEN

    def _text(self, token: int) -> str:
        if token == _NO_TOKEN:
            return ""
        text = api.llama_vocab_get_text(self._vocabulary, token)
        return text.decode("utf-8", errors="replace")


class TextDecoder:
    """Turns the bytes of pieces into text; a character that is not whole yet waits."""

    def __init__(self) -> None:
        """Begin a text."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_whole(self) -> bool:
        """Whether no character waits for more of its bytes."""
        return not self._decoder.getstate()[0]

    def feed(self, piece: bytes) -> str:
        """Give the characters that are whole now."""
        return self._decoder.decode(piece)

    def flush(self) -> str:
        """Give a mark for what never became a character."""
        return self._decoder.decode(b"", final=True)
