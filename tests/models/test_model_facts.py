"""What is kept of a model beside its file: its name, a note, a mark, when it was used."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.models.library import STARTER_ID, ModelLibrary, ModelLibraryError
from app.models.model_files import FileState
from tests.models.shelf import Laptop, write_model

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_header_tells_what_is_shown(laptop: Laptop) -> None:
    """Size label, context and template come from the file; without the cache they come back at the next look."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    assert (added.parameters, added.context_length, added.has_chat_template) == ("1B", 4096, True)
    laptop.paths.header_cache.unlink()
    (_, unread) = laptop.library.models()
    assert (unread.parameters, unread.context_length, unread.has_chat_template) == (None, None, None)
    laptop.library.look()
    assert laptop.library.models()[1] == added


def test_a_model_is_called_as_its_user_likes(laptop: Laptop) -> None:
    """The new name finds it, and so does the old one: conversations still call it so."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    renamed = laptop.library.rename(added.id, "  Quick one ")
    assert (renamed.name, renamed.earlier_names) == ("Quick one", ("Meadow 1B",))
    assert laptop.library.find("quick ONE").id == added.id
    assert laptop.library.find("Meadow 1B").id == added.id
    back = laptop.library.rename(added.id, "Meadow 1B")
    assert (back.name, back.earlier_names) == ("Meadow 1B", ("Quick one",))


def test_a_new_model_does_not_take_a_name_that_another_one_had(laptop: Laptop) -> None:
    """Else conversations of the first would go on with the second."""
    first = laptop.library.add(write_model(laptop.home / "a.gguf"))
    laptop.library.rename(first.id, "Quick one")
    second = laptop.library.add(write_model(laptop.home / "b.gguf"))
    assert second.name == "Meadow 1B Q4_K_M"
    assert laptop.library.find("Meadow 1B").id == first.id


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("   ", "needs a name"),
        ("Two\nlines", "cannot be seen"),
        ("tricky\u202eelif", "cannot be seen"),
        ("x" * 121, "too long"),
        ("other MEADOW", "already"),
        ("starter", "already"),
    ],
)
def test_a_name_that_would_mislead_is_refused(laptop: Laptop, name: str, sentence: str) -> None:
    """Empty, taken, or with characters that nobody sees."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    laptop.library.add(write_model(laptop.home / "other.gguf", "Other Meadow"))
    with pytest.raises(ModelLibraryError, match=sentence):
        laptop.library.rename(added.id, name)
    assert laptop.library.by_id(added.id) == added


def test_a_name_in_a_script_with_joiners_is_a_name(laptop: Laptop) -> None:
    """They cannot be seen either, but Persian is not written without them."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    assert laptop.library.rename(added.id, "می\u200cروم").name == "می\u200cروم"


def test_notes_marks_and_use_are_kept(laptop: Laptop) -> None:
    """For added models and for the starter model alike, and seen by another process."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    for model_id in (added.id, STARTER_ID):
        laptop.library.set_note(model_id, " for letters\n")
        laptop.library.set_favourite(model_id, True)
        laptop.library.used(model_id, NOON.astimezone(timezone(timedelta(hours=9))))
    for model in laptop.open_library(laptop.library.by_id(STARTER_ID).path).models():
        assert (model.note, model.is_favourite, model.last_used_at) == ("for letters", True, NOON)


def test_the_starter_model_can_be_renamed_and_is_still_the_starter(laptop: Laptop) -> None:
    """Commands know it by that word."""
    laptop.library.rename(STARTER_ID, "Little llama")
    assert [laptop.library.find(words).name for words in ("starter", "little llama", "Starter model")] == [
        "Little llama"
    ] * 3


def test_use_of_a_file_that_is_not_in_the_list_leaves_no_trace(laptop: Laptop) -> None:
    """A command may name any file."""
    laptop.library.used(str(write_model(laptop.home / "once.gguf")), NOON)
    assert not laptop.paths.model_list.exists()


def test_an_entry_of_an_older_paddock_reads_as_before(laptop: Laptop) -> None:
    """It has neither origin nor files; a changed size is noticed all the same."""
    path = write_model(laptop.home / "old.gguf")
    entry = {"id": "1", "name": "Old", "path": str(path), "size_bytes": path.stat().st_size}
    laptop.paths.data.mkdir(parents=True, exist_ok=True)
    laptop.paths.model_list.write_text(json.dumps({"version": 1, "models": [entry]}))
    old = laptop.library.by_id("1")
    assert (old.source, old.state, old.note, old.owner) == ("added", FileState.PRESENT, "", None)
    path.write_bytes(path.read_bytes() + b"\0")
    assert laptop.library.by_id("1").state is FileState.CHANGED


def test_what_a_newer_paddock_wrote_beside_the_models_is_kept(laptop: Laptop) -> None:
    """Unknown keys survive at every level."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    content = json.loads(laptop.paths.model_list.read_text())
    content["shelves"] = ["oak"]
    content["models"][0]["colour"] = "hay"
    laptop.paths.model_list.write_text(json.dumps(content))
    laptop.library.set_note(added.id, "grazes")
    kept = json.loads(laptop.paths.model_list.read_text())
    assert (kept["shelves"], kept["models"][0]["colour"], kept["models"][0]["note"]) == (["oak"], "hay", "grazes")


def test_a_spoiled_word_costs_no_model(laptop: Laptop) -> None:
    """What somebody wrote by hand into the list may be wrong; the model is there."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    content = json.loads(laptop.paths.model_list.read_text())
    content["models"][0] |= {"note": 3, "files": "none", "source": "the moon"}
    laptop.paths.model_list.write_text(json.dumps(content))
    spoiled = laptop.library.by_id(added.id)
    assert (spoiled.name, spoiled.note, spoiled.source, spoiled.is_present) == ("Meadow 1B", "", "added", True)
    assert laptop.library.notices == ()


def test_the_speed_of_real_replies_is_shown_beside_each_model(laptop: Laptop) -> None:
    """It was measured by whoever knows of replies."""
    path = write_model(laptop.home / "meadow.gguf")
    laptop.library.add(path)
    measured = ModelLibrary(laptop.paths, None, measured_speeds=lambda: {path: 41.5}.get)
    assert [model.tokens_per_s for model in measured.models()] == [41.5]
