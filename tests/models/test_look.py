"""What becomes of model files while Paddock looks: gone, back, changed, taken for what they are now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.gguf.header_error import ModelHeaderError
from app.gguf.model_header import ModelHeader
from app.models.changes import Changes
from app.models.model_files import FileState
from tests.models.shelf import Laptop, write_model


def test_a_file_that_goes_and_comes_back_is_noticed_once(laptop: Laptop) -> None:
    """Each look tells what happened since the one before."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    assert laptop.library.look() == Changes()
    aside = added.path.rename(laptop.home / "aside.gguf")
    gone = laptop.library.look()
    assert ([model.id for model in gone.gone], gone.is_any) == ([added.id], True)
    assert laptop.library.look() == Changes()
    aside.rename(added.path)
    assert [model.id for model in laptop.library.look().back] == [added.id]


def test_a_file_that_was_gone_before_the_first_look_is_no_news(laptop: Laptop) -> None:
    """The list shows it as missing from the start."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    added.path.unlink()
    assert laptop.library.look() == Changes()
    assert laptop.library.by_id(added.id).state is FileState.MISSING


def test_a_file_that_goes_right_after_it_was_added_is_noticed(laptop: Laptop) -> None:
    """No look has seen it there, but whoever added it has."""
    laptop.library.look()
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    added.path.unlink()
    assert [model.id for model in laptop.library.look().gone] == [added.id]


def test_another_file_in_its_place_is_noticed_until_it_is_accepted(laptop: Laptop) -> None:
    """Also one of the same size: its time tells."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    laptop.library.look()
    write_model(added.path, licence__x="y", general__file_type=7)
    os.utime(added.path, ns=(1, 1))
    assert [model.id for model in laptop.library.look().changed] == [added.id]
    accepted = laptop.library.accept(added.id)
    assert (accepted.state, accepted.quantization, accepted.name) == (FileState.PRESENT, "Q8_0", "Meadow 1B")
    settled = laptop.library.look()
    assert (settled.is_any, settled.back) == (True, ())  # it was never gone


def test_what_is_no_model_any_more_is_not_accepted(laptop: Laptop) -> None:
    """The reason is said, and the entry stays."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    added.path.write_text("Feed the llamas.\n")
    with pytest.raises(ModelHeaderError, match="is a text file"):
        laptop.library.accept(added.id)
    assert laptop.library.by_id(added.id).state is FileState.CHANGED


def test_adding_a_changed_file_again_accepts_it(laptop: Laptop) -> None:
    """Nobody should have to remove it first; what was kept of it stays."""
    added = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    laptop.library.set_note(added.id, "grazes")
    write_model(added.path, general__file_type=7)
    again = laptop.library.add(added.path)
    assert (again.id, again.state, again.quantization, again.note) == (added.id, FileState.PRESENT, "Q8_0", "grazes")


def test_a_model_that_another_process_adds_or_forgets_is_something_to_show(laptop: Laptop) -> None:
    """Nothing is gone for it."""
    laptop.library.look()
    added = laptop.open_library(None).add(write_model(laptop.home / "meadow.gguf"))
    assert laptop.library.look() == Changes(is_any=True)
    laptop.open_library(None).remove(added.id)
    assert laptop.library.look() == Changes(is_any=True)


def test_a_list_and_a_look_read_no_file(laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window asks for the list whenever it shows it, and looks every few seconds, however many models there are."""
    for number in range(20):
        write_model(tmp_path / "many" / f"{number}.gguf", f"Meadow {number}")
    assert len(laptop.library.adopt(laptop.library.scan([tmp_path / "many"]))) == 20
    laptop.library.look()  # reads those that are not known yet, once for all

    def refuse(path: Path) -> ModelHeader:
        raise AssertionError(path)

    for user in ("header_cache", "new_model"):
        monkeypatch.setattr(f"app.models.{user}.read_model_header", refuse)
    assert len(laptop.library.models()) == 21, "with the starter model"
    laptop.library.look()
    assert laptop.library.look() == Changes()
