"""Chat templates that the user chose: kept by model, forgotten with it, and never lost in silence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.models.library import STARTER_ID, ModelLibrary
from app.models.starter import StarterModel
from app.models.templates import ChosenTemplate, TemplateStoreError
from app.paths import Paths, find_paths
from tests.models.gguf_writer import CHAT_MODEL, build_gguf

MEADOW = ChosenTemplate("meadow.jinja", "{% for m in messages %}{{ m.content }}{% endfor %}")


@pytest.fixture
def paths() -> Paths:
    """The folders of the test's own home."""
    return find_paths()


@pytest.fixture
def library(paths: Paths, tmp_path: Path) -> ModelLibrary:
    """A library with a small file as its starter model."""
    return ModelLibrary(paths, StarterModel(model_file(tmp_path / "starter.gguf")))


def model_file(path: Path) -> Path:
    """A small model file."""
    path.write_bytes(build_gguf(CHAT_MODEL))
    return path


def test_a_chosen_template_belongs_to_its_model_only(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """Another process knows it too; the file's own comes back when it is wanted."""
    added = library.add(model_file(tmp_path / "meadow.gguf"))
    library.choose_template(added.id, MEADOW)
    assert [model.template for model in ModelLibrary(paths, None).models()] == [MEADOW]
    found = library.find(added.name)
    assert (found.template, found.template_source) == (MEADOW, MEADOW.source)
    assert library.find(STARTER_ID).template_source is None
    library.use_own_template(added.id)
    library.use_own_template(added.id)
    assert library.find(added.id) == added


def test_a_model_that_is_named_by_its_path_has_one_too(library: ModelLibrary, tmp_path: Path) -> None:
    """It need not be in the list."""
    path = str(model_file(tmp_path / "meadow.gguf"))
    library.choose_template(library.find(path).id, MEADOW)
    assert library.find(path).template == MEADOW


def test_a_forgotten_model_takes_its_template_with_it(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """Nothing of it is left in the file."""
    added = library.add(model_file(tmp_path / "meadow.gguf"))
    library.choose_template(added.id, MEADOW)
    library.remove(added.id)
    assert json.loads(paths.model_templates.read_text())["templates"] == {}


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions otherwise")
def test_the_file_is_for_its_owner_only(library: ModelLibrary, paths: Paths) -> None:
    """Which models one uses, and how, is nobody else's business."""
    library.choose_template(STARTER_ID, MEADOW)
    assert paths.model_templates.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["{", "[]", '{"templates": 3}', '{"templates": {"starter": {"name": "x"}}}'])
def test_a_damaged_file_is_set_aside_and_said(library: ModelLibrary, paths: Paths, content: str) -> None:
    """Models go on with their own, and a template can be chosen again."""
    paths.create()
    paths.model_templates.write_text(content)
    assert library.find(STARTER_ID).template is None
    (notice,) = library.notices
    assert "chat templates that you chose was damaged" in str(notice)
    (aside,) = paths.data.glob("model-templates.json.damaged-*")
    assert aside.read_text() == content
    assert aside.name in str(notice)
    library.choose_template(STARTER_ID, MEADOW)
    assert library.find(STARTER_ID).template == MEADOW
    assert len(library.notices) == 1


def test_there_is_an_end_to_how_much_is_kept(library: ModelLibrary) -> None:
    """What is kept can always be read again; the one that is too much is refused and changes nothing."""
    library.choose_template(STARTER_ID, MEADOW)
    with pytest.raises(TemplateStoreError, match="no room"):
        library.choose_template("another", ChosenTemplate("long.jinja", "\U0001f999" * 2_000_000))
    assert library.find(STARTER_ID).template == MEADOW
    library.choose_template("another", ChosenTemplate("long.jinja", "\u2603" * 1_900_000))
    assert library.find(STARTER_ID).template == MEADOW
    assert library.notices == ()
