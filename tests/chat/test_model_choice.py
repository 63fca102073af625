"""Which model answers when nobody names one, also after it was renamed; and what receipts say of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.chat.model_choice import identity_of, model_for, model_that_wrote
from app.conversation import Conversation, Message
from app.models.hashes import FileHashes
from app.models.library import ModelLibrary
from app.paths import Paths, find_paths
from tests.models.shelf import write_model

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Conversations:
    """One conversation in which nobody has written yet."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def conversations(self) -> list[Conversation]:
        """All there are."""
        return [self._conversation]

    def message(self, message_id: str) -> Message:
        """There is none."""
        raise AssertionError(message_id)


@pytest.fixture
def paths() -> Paths:
    """The folders of the test's own home."""
    paths = find_paths()
    paths.create()
    return paths


def test_a_renamed_model_still_answers_where_it_did(paths: Paths, tmp_path: Path) -> None:
    """The conversation knows it by its earlier name, and so does the next new one."""
    library, hashes = ModelLibrary(paths, None), FileHashes(paths.model_hashes)
    model = library.add(write_model(tmp_path / "meadow.gguf"))
    other = library.add(write_model(tmp_path / "other.gguf", "Other Meadow"))
    conversation = Conversation("1", "About hay", NOON, NOON, model=model.name)
    library.rename(model.id, "Quick one")
    store = Conversations(conversation)
    assert model_for(library, hashes, store, conversation).id == model.id
    assert model_for(library, hashes, store, None).id == model.id
    library.rename(other.id, "Meadow 1B")
    assert model_for(library, hashes, store, None).id == other.id, "who is called so now comes first"


def test_of_two_files_with_one_content_the_named_one_goes_on(paths: Paths, tmp_path: Path) -> None:
    """Adopted from another application and downloaded, too: the conversation stays with the one that was chosen."""
    library, hashes = ModelLibrary(paths, None), FileHashes(paths.model_hashes)
    path = write_model(tmp_path / "meadow.gguf")
    twin_path = tmp_path / "twin.gguf"
    twin_path.write_bytes(path.read_bytes())
    first, twin = library.add(path), library.add(twin_path)
    (sha256,) = {hashes.hash_file(each) for each in (path, twin_path)}
    for model in (first, twin):
        wrote = model_that_wrote(library, hashes, sha256, model.name)
        assert wrote is not None
        assert wrote.id == model.id


def test_the_licence_of_its_repository_is_in_the_receipt(paths: Paths, tmp_path: Path) -> None:
    """Many headers name none."""
    library, hashes = ModelLibrary(paths, None), FileHashes(paths.model_hashes)
    path = write_model(tmp_path / "bare.gguf", general__license="")
    model = library.add_downloaded(path, repository="meadow/bare", licence="llama3.2", sha256=None)
    assert identity_of(model, hashes).licence == "llama3.2"


def test_a_licence_that_was_accepted_is_in_the_receipt_beside_that_of_the_file(paths: Paths, tmp_path: Path) -> None:
    """The file may say less than its publisher does."""
    library, hashes = ModelLibrary(paths, None), FileHashes(paths.model_hashes)
    path = write_model(tmp_path / "said.gguf", general__license="apache-2.0")
    model = library.add_downloaded(path, repository="meadow/said", licence="llama3.2", sha256=None)
    assert identity_of(model, hashes).licence == "llama3.2, apache-2.0"
