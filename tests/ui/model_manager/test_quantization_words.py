"""Quantizations in plain words."""

from __future__ import annotations

import pytest

from app.gguf.quantization import FILE_TYPES
from app.ui.model_manager.quantization_words import quantization_in_words, quantization_sentence, quantization_word


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Q4_K_M", "Q4_K_M · balanced"),
        ("Q4_K_S", "Q4_K_S · balanced, a little smaller"),
        ("Q4_1", "Q4_1 · balanced, older kind"),
        ("Q8_0", "Q8_0 · nearly lossless"),
        ("BF16", "BF16 · original"),
        ("UD-Q2_K_XL", "UD-Q2_K_XL · very small, inexact"),
        ("W9", "W9"),
        (None, ""),
    ],
)
def test_a_name_stands_beside_its_meaning(name: str | None, shown: str) -> None:
    """Also names that publishers made up from a known one; what nobody knows is shown as it is."""
    assert quantization_in_words(name) == shown


def test_every_quantization_of_the_format_is_explained() -> None:
    """Nobody meets a name here that says nothing."""
    assert [name for name in FILE_TYPES.values() if not quantization_word(name)] == []
    assert all(quantization_sentence(name).endswith(".") for name in FILE_TYPES.values())
