"""Where the user's files lie, and who may look into their folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from app.paths import HOME_VARIABLE, create_private_folder, find_paths, resources

FOLDERS = ("data", "config", "logs")


def test_a_home_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PADDOCK_HOME puts all data under one folder; a home that is named wins over it."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "variable"))
    for paths, root in ((find_paths(), tmp_path / "variable"), (find_paths(tmp_path / "named"), tmp_path / "named")):
        files = (paths.database, paths.backups, paths.writers, paths.models, paths.model_list, paths.settings,
                 paths.window_state, paths.engine_log, paths.application_log)  # fmt: skip
        assert all(file.is_relative_to(root) for file in files)
        assert len(set(files)) == len(files)


def test_a_relative_home_does_not_move_with_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command changes nothing about where the data is by changing its folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, "home")
    assert find_paths().data == tmp_path / "home" / "data"


def test_a_tilde_is_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable set in a file is not expanded by any shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv(HOME_VARIABLE, "~/paddock")
    assert find_paths().data == tmp_path / "paddock" / "data"


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the folders are where the operating system wants them."""
    monkeypatch.setenv(HOME_VARIABLE, value)
    paths = find_paths()
    assert all(folder.is_absolute() for folder in (paths.data, paths.config, paths.logs))
    assert "paddock" in str(paths.data).casefold()


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux desktops")
def test_the_desktops_own_variables_are_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings and data lie apart, as the desktop says."""
    monkeypatch.delenv(HOME_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "etc"))
    paths = find_paths()
    assert paths.database == tmp_path / "share" / "Paddock" / "conversations.db"
    assert paths.settings == tmp_path / "etc" / "Paddock" / "settings.json"


@pytest.mark.parametrize("name", ["with space", "Weide ü 🦙", 'quote\'s "name"', "-dash", "a" * 100, "%s {0} $HOME"])
def test_odd_names_are_names(tmp_path: Path, name: str) -> None:
    """A user is called as they are."""
    paths = find_paths(tmp_path / name)
    paths.create()
    paths.settings.write_text("{}")
    assert (tmp_path / name / "config" / "settings.json").is_file()


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions otherwise")
def test_the_folders_are_closed_to_others(tmp_path: Path) -> None:
    """Also those that somebody made before with other permissions; twice does no harm."""
    paths = find_paths(tmp_path / "home")
    paths.config.mkdir(parents=True, mode=0o755)
    paths.create()
    paths.create()
    for folder in (paths.data, paths.config, paths.logs, paths.writers):
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions otherwise")
def test_a_umask_that_shares_everything_does_not_share_ours(tmp_path: Path) -> None:
    """Folders on the way to ours follow the user's own rules; ours is ours."""
    before = os.umask(0o000)
    try:
        create_private_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_what_ships_is_found() -> None:
    """Icons and the rest lie beside the code."""
    assert (resources() / "icons").is_dir()
