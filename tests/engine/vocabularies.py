"""Vocabularies of well-known models, without the models."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog, start_library
from app.engine.llama.prompting.tokens import Vocabulary
from tests.llama_sources import llama_models_folder

BYTE_PAIRS = ("llama-bpe", "qwen2", "gpt-2", "gemma-4", "command-r", "deepseek-llm", "gpt-neox")
SENTENCE_PIECES = ("llama-spm", "phi-3", "baichuan")
_kept: list[Any] = []
"""What must live as long as the vocabularies do: they are used until the tests' process ends."""


@cache
def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of a family of models, loaded once."""
    _kept.append(LibraryLog(lambda _line: None))
    start_library()
    parameters = api.llama_model_default_params()
    parameters.vocab_only = True
    path = llama_models_folder() / f"ggml-vocab-{name}.gguf"
    model = api.llama_model_load_from_file(str(path).encode(), parameters)
    assert model, f"{path.name} cannot be loaded"
    _kept.append(model)
    return Vocabulary(model)


@cache
def _control(known: Vocabulary) -> frozenset[int]:
    return frozenset(token.id for token in known.special_tokens() if token.is_control)


def text_of(vocabulary: Vocabulary, tokens: tuple[int, ...] | list[int]) -> str:
    """What tokens say, names included, but for the spaces that some vocabularies put before words by themselves."""
    special = _control(vocabulary)
    text, opens = b"", True
    for token in tokens:
        piece = vocabulary.name(token)
        if opens and vocabulary.adds_space and token not in special:
            piece = piece.removeprefix(b" ")
        text += piece
        opens = token in special
    return text.decode("utf-8", errors="replace")
