"""What a state on the disk is named after."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from app.engine.llama.memory.state_key import unhashed_model
from tests.engine.state_stories import KEY


def test_equal_keys_have_equal_names() -> None:
    """Also in another process, where strings hash differently."""
    assert KEY.digest == replace(KEY).digest == "1ee575d70ebbedb3"
    assert replace(KEY, n_seq_max=2).digest != KEY.digest


def test_a_model_without_a_hash_is_named_by_what_is_seen_of_its_files(tmp_path: Path) -> None:
    """Another name, size or time is another model; the same files are the same."""
    parts = [tmp_path / "a-1.gguf", tmp_path / os.fsdecode(b"a-\xff.gguf")]
    for part in parts:
        part.write_bytes(b"weights")
        os.utime(part, ns=(0, 1))
    before = unhashed_model(parts)
    assert unhashed_model(parts) == before
    assert unhashed_model(parts[:1]) != before
    os.utime(parts[0], ns=(0, 2))
    assert unhashed_model(parts) != before
    os.utime(parts[0], ns=(0, 1))
    assert unhashed_model(parts) == before
    parts[1].write_bytes(b"weights and more")
    os.utime(parts[1], ns=(0, 1))
    assert unhashed_model(parts) != before
