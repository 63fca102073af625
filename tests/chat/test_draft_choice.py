"""The starter model guesses for the large models of its family, and for no others."""

from __future__ import annotations

import os
from pathlib import Path

from app.chat.draft_choice import draft_for
from tests.gguf_files import TinyModel


def test_a_much_larger_model_of_the_same_vocabulary_has_a_draft_model(tmp_path: Path) -> None:
    """Five times as large is enough; a model of about its own size would gain nothing."""
    starter = TinyModel().write(tmp_path / "starter.gguf")
    large = TinyModel(layers=3).write(tmp_path / "large.gguf")
    assert draft_for(large, starter) is None
    os.truncate(large, 5 * starter.stat().st_size)
    assert draft_for(large, starter) == starter
    assert draft_for(large, None) is None


def test_a_model_that_knows_other_tokens_has_none(tmp_path: Path) -> None:
    """Its tokens would mean something else to the draft model."""
    starter = TinyModel().write(tmp_path / "starter.gguf")
    stranger = TinyModel(extra={"tokenizer.ggml.eot_token_id": 70}).write(tmp_path / "stranger.gguf")
    os.truncate(stranger, 10 * starter.stat().st_size)
    assert draft_for(stranger, starter) is None
