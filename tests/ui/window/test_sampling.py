"""What is chosen on the sampling page reaches the engine."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtWidgets import QLineEdit

from app.paths import find_paths
from app.settings.presets import BUILT_IN
from app.settings.registry import Group
from app.ui.settings.preset_row import PresetRow
from app.ui.settings.setting_row import SettingRow
from app.ui.settings.settings_page import SettingsPage
from tests.fakes import FakeEngine
from tests.ui.window.use import OpenWindow, Use


def test_wrong_values_in_the_file_are_told_together(start: OpenWindow, engine: FakeEngine, tmp_path: Path) -> None:
    """Somebody edited it by hand: the window names each value, and says what is used."""
    paths = find_paths(tmp_path / "home")
    paths.create()
    wrong = {"load.context": "abc", "appearance.theme": 5, "sampling.temperature": 1e99}
    paths.settings.write_text(json.dumps(wrong))
    with start(engine) as use:
        said = use.notice()
        assert all(label in said for label in ("Context window", "Theme", "Temperature"))
        assert "their defaults are used instead" in said


def test_a_reply_is_made_as_the_model_recommends_until_a_preset_is_chosen(use: Use) -> None:
    """The page shows the values of the starter's maker, the engine gets them; then those of the preset."""
    use.send("First")
    use.until_answered("First", "Hello")
    assert use.engine.requests[-1].sampling.temperature == 0.2
    use.desktop.settings.open()
    (page,) = use.window.findChildren(SettingsPage)
    page.show_group(Group.SAMPLING)
    temperature = next(row for row in page.findChildren(SettingRow) if row.setting.key == "sampling.temperature")
    assert temperature.findChildren(QLineEdit)[0].text() == "0.2"
    assert temperature.hint.text() == "As Starter model recommends."
    creative = next(preset for preset in BUILT_IN if preset.name == "Creative")
    page.findChildren(PresetRow)[0].chosen.emit(creative)
    page.closed.emit()
    use.send("Second")
    use.until_answered("First", "Hello", "Second", "Hello")
    assert use.engine.requests[-1].sampling.temperature == creative.values["sampling.temperature"]
    assert use.engine.requests[-1].sampling.top_k == 0
