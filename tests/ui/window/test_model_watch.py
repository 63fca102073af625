"""The window and the disk: what goes, what comes back, and what is here already at the very first start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.paths import find_paths
from tests.fakes import FakeEngine
from tests.gguf_files import TinyModel
from tests.ui.window.use import OpenWindow, Use


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A model of another application, in the home folder that the window's library looks through."""
    folder = find_paths(tmp_path / "home").data / "home" / ".lmstudio" / "models" / "meadow" / "tiny"
    folder.mkdir(parents=True)
    return TinyModel().write(folder / "tiny.gguf")


def kept(tmp_path: Path) -> dict[str, object]:
    """What the list of models holds."""
    return json.loads(find_paths(tmp_path / "home").model_list.read_text())


def test_a_file_that_goes_while_the_window_is_open_is_said(use: Use, tmp_path: Path) -> None:
    """And when it is back, that is said too; nobody has to open a list for it."""
    path = TinyModel().write(tmp_path / "tiny.gguf")
    use.window.files_dropped.emit([path])
    use.until(lambda: use.desktop.models.chosen is not None and use.desktop.models.chosen.path == path)
    aside = path.rename(tmp_path / "aside.gguf")
    use.until(lambda: use.notice() == "The file of Tiny is gone.")
    assert use.desktop.models.chosen is not None
    assert not use.desktop.models.chosen.is_present
    aside.rename(path)
    use.until(lambda: use.desktop.models.chosen is not None and use.desktop.models.chosen.is_present)


def test_the_first_start_offers_what_is_here_and_takes_it(
    start: OpenWindow, engine: FakeEngine, foreign: Path, tmp_path: Path
) -> None:
    """One press, and other applications' models answer too, from where they lie."""
    with start(engine) as use:
        use.until(lambda: use.notice().startswith("1 model found, nothing to download."))
        assert "From LM Studio." in use.notice()
        use.press("notice_action_button")
        use.until(lambda: use.notice() == "1 model can be used now. Its file stays where it is.")
        assert [model.path for model in use.desktop.parts.models.models()][1:] == [foreign]
        use.until(lambda: kept(tmp_path).get("was_looked_around") is True)


def test_who_does_not_want_them_is_not_asked_again(
    start: OpenWindow, engine: FakeEngine, foreign: Path, tmp_path: Path
) -> None:
    """The page of models finds them whenever that is wanted."""
    with start(engine) as use:
        use.until(lambda: use.notice().startswith("1 model found"))
        use.press("notice_other_button")
        assert use.notice() == ""
        use.until(find_paths(tmp_path / "home").model_list.exists)
    with start(engine) as use:
        assert not use.desktop.parts.models.first_look().is_first
    assert kept(tmp_path).get("models", []) == []


def test_a_reply_is_remembered_as_use_of_its_model(use: Use) -> None:
    """Who looks for a model later sees which one was used last."""
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    use.until(lambda: use.desktop.parts.models.models()[0].last_used_at is not None)
