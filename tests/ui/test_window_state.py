"""What the window remembers from one start to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.ui.window_state import WindowState, WindowStateFile


def test_it_is_there_at_the_next_start(tmp_path: Path) -> None:
    """What was changed is read back, the rest keeps its default."""
    path = tmp_path / "window.json"
    WindowStateFile(path).change(conversation_id="abc", sidebar_width=300)
    assert WindowStateFile(path).state == WindowState(conversation_id="abc", sidebar_width=300)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sidebar_width": "wide", "unknown": 1}', "\0\0\0"])
def test_damage_costs_a_position_and_no_more(tmp_path: Path, content: str) -> None:
    """The window opens as it would the first time."""
    path = tmp_path / "window.json"
    path.write_text(content)
    assert WindowStateFile(path).state == WindowState()


def test_damage_that_cannot_be_set_aside_keeps_no_window_shut(tmp_path: Path) -> None:
    """Neither does a folder that nobody may write to."""
    path = tmp_path / "window.json"
    path.write_text("{")
    (tmp_path / "window.json.lock").mkdir()
    assert WindowStateFile(path).state == WindowState()
    assert path.read_text() == "{"
