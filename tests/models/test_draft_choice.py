"""The starter model guesses for the large models of its family, and for no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.gguf.reading import read_header
from app.models.draft_choice import draft_for
from app.models.installed import Source, model_from_header
from app.models.model_entry import entry_from_model, model_from_entry
from app.models.model_files import ModelFile
from app.models.starter import StarterModel, find_starter
from app.models.vocabulary import vocabulary_of
from tests.gguf_files import TinyModel


def test_a_much_larger_model_of_the_same_vocabulary_has_a_draft_model(tmp_path: Path) -> None:
    """Five times as large is enough; a model of about its own size would gain nothing."""
    path = TinyModel().write(tmp_path / "starter.gguf")
    small = model_from_header(read_header(path), "id", "Tiny", path, Source.ADDED)
    starter = StarterModel(path, size_bytes=small.size_bytes, vocabulary=small.vocabulary or "")
    assert draft_for(small, starter) is None
    large = replace(small, size_bytes=5 * small.size_bytes)
    assert draft_for(large, starter) == path
    assert draft_for(large, None) is None
    assert draft_for(replace(large, source=Source.STARTER), starter) is None


def test_a_model_that_knows_other_tokens_has_none(tmp_path: Path) -> None:
    """Its tokens would mean something else to the draft model; and of an old entry of the list nothing is known."""
    path = TinyModel().write(tmp_path / "starter.gguf")
    own = vocabulary_of(read_header(path))
    other = TinyModel(extra={"tokenizer.ggml.eot_token_id": 70}).write(tmp_path / "stranger.gguf")
    stranger = replace(model_from_header(read_header(other), "id", "Other", other, Source.ADDED), size_bytes=10**9)
    assert draft_for(stranger, StarterModel(path, size_bytes=1, vocabulary=own)) is None
    entry = entry_from_model(replace(stranger, vocabulary=own), [ModelFile(other, 1)])
    kept = model_from_entry(entry)
    assert kept.vocabulary == own
    del entry["vocabulary"]
    old = model_from_entry(entry)
    assert draft_for(old, StarterModel(path, size_bytes=1, vocabulary=own)) is None


def test_what_is_said_of_the_starter_model_is_true() -> None:
    """Its size and its vocabulary are written down, so that nobody has to read 98 MB for them."""
    starter = find_starter()
    assert starter is not None
    assert starter.path.stat().st_size == starter.size_bytes
    assert vocabulary_of(read_header(starter.path)) == starter.vocabulary
