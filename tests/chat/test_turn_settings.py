"""What a reply is made with: the model, the settings, and what is set for one conversation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.turn_settings import turn_settings
from app.conversation import ConversationOptions, UsedAdapter
from app.engine.requests import Adapter
from app.models.hashes import FileHashes
from app.models.installed import InstalledModel, ModelMissingError, Source
from app.settings.values import Settings


@pytest.fixture
def model(tmp_path: Path) -> InstalledModel:
    """A model whose file is there."""
    path = tmp_path / "tiny.gguf"
    path.touch()
    return InstalledModel("tiny", "Tiny", path, 0, None, None, None, Source.ADDED)


@pytest.fixture
def hashes(tmp_path: Path) -> FileHashes:
    """No file has been hashed yet."""
    return FileHashes(tmp_path / "hashes.json")


def test_a_conversation_has_its_own_adapters_and_effort(
    model: InstalledModel, hashes: FileHashes, tmp_path: Path
) -> None:
    """Everything else is as it is everywhere."""
    settings = Settings().replaced("reasoning.budget", 64).replaced("writing.system_prompt", "Be brief.")
    options = ConversationOptions(adapters=(UsedAdapter("/a.gguf", 0.5),), effort="low")
    how = turn_settings(model, hashes, settings, options, tmp_path)
    assert how.load.adapters == (Adapter(Path("/a.gguf"), 0.5),)
    assert (how.reasoning.effort, how.reasoning.budget) == ("low", 64)
    assert (how.load.path, how.load.model_sha256, how.load.state_folder) == (model.path, None, tmp_path)
    sha256 = hashes.hash_file(model.path)
    hashed = turn_settings(model, hashes, settings, options, tmp_path)
    assert (hashed.model.sha256, hashed.load.model_sha256, hashed.load) == (sha256, sha256, how.load)
    assert how.system_prompt == "Be brief."
    usual = turn_settings(model, hashes, settings, ConversationOptions(), tmp_path)
    assert usual.reasoning == settings.reasoning
    assert usual.sampling == settings.sampling


def test_states_are_kept_only_where_there_is_room_for_them(
    model: InstalledModel, hashes: FileHashes, tmp_path: Path
) -> None:
    """Disk space of 0 keeps none, and neither does somebody who gives no folder."""
    none = Settings().replaced("load.kept_disk_mib", 0)
    assert turn_settings(model, hashes, none, ConversationOptions(), tmp_path).load.state_folder is None
    assert turn_settings(model, hashes, Settings(), ConversationOptions(), None).load.state_folder is None


def test_a_model_whose_file_is_gone_answers_nothing(model: InstalledModel, hashes: FileHashes) -> None:
    """The library's sentence says where it was."""
    gone = replace(model, path=model.path.with_name("gone.gguf"))
    with pytest.raises(ModelMissingError):
        turn_settings(gone, hashes, Settings(), ConversationOptions(), None)
