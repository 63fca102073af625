"""A long file name loses its middle, and no more than it must."""

from __future__ import annotations

import pytest

from app.ui.short_name import short_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("", ""), ("a.gguf", "a.gguf"), ("llama.gguf1", "llama.gguf1"), ("llama-2.gguf", "llama….gguf")],
)
def test_a_name_keeps_its_beginning_and_its_end(name: str, shown: str) -> None:
    """Eleven letters have room: a twelfth costs the middle, and what is shown is never longer than the room."""
    assert short_name(name, 11) == shown
    assert len(shown) <= 11
