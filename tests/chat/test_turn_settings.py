"""What a reply is made with: the model, the settings, and what is set for one conversation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.turn_settings import turn_settings
from app.conversation import ConversationOptions, ModelIdentity, UsedAdapter
from app.engine.requests import Adapter
from app.models.installed import InstalledModel, ModelMissingError, Source
from app.settings.values import Settings

IDENTITY = ModelIdentity("Tiny", "ab" * 32)


@pytest.fixture
def model(tmp_path: Path) -> InstalledModel:
    """A model whose file is there."""
    path = tmp_path / "tiny.gguf"
    path.touch()
    return InstalledModel("tiny", "Tiny", path, 0, None, None, None, Source.ADDED)


def test_a_conversation_has_its_own_adapters_and_effort(model: InstalledModel, tmp_path: Path) -> None:
    """Everything else is as it is everywhere."""
    settings = Settings().replaced("reasoning.budget", 64).replaced("writing.system_prompt", "Be brief.")
    options = ConversationOptions(adapters=(UsedAdapter("/a.gguf", 0.5),), effort="low")
    how = turn_settings(model, IDENTITY, settings, options, tmp_path)
    assert how.load.adapters == (Adapter(Path("/a.gguf"), 0.5),)
    assert (how.reasoning.effort, how.reasoning.budget) == ("low", 64)
    assert (how.load.path, how.load.model_sha256, how.load.state_folder) == (model.path, IDENTITY.sha256, tmp_path)
    assert how.system_prompt == "Be brief."
    usual = turn_settings(model, IDENTITY, settings, ConversationOptions(), tmp_path)
    assert usual.reasoning == settings.reasoning
    assert usual.sampling == settings.sampling


def test_states_are_kept_only_where_there_is_room_for_them(model: InstalledModel, tmp_path: Path) -> None:
    """Disk space of 0 keeps none, and neither does somebody who gives no folder."""
    none = Settings().replaced("load.kept_disk_mib", 0)
    assert turn_settings(model, IDENTITY, none, ConversationOptions(), tmp_path).load.state_folder is None
    assert turn_settings(model, IDENTITY, Settings(), ConversationOptions(), None).load.state_folder is None


def test_a_model_whose_file_is_gone_answers_nothing(model: InstalledModel) -> None:
    """The library's sentence says where it was."""
    gone = replace(model, path=model.path.with_name("gone.gguf"))
    with pytest.raises(ModelMissingError):
        turn_settings(gone, IDENTITY, Settings(), ConversationOptions(), None)
