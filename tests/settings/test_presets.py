"""Named sets of sampling settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.settings.file import SettingsFile
from app.settings.presets import BUILT_IN, PRESET_KEYS, PresetError, PresetFile, preset_in_use
from app.settings.values import find_setting


@pytest.fixture
def presets(tmp_path: Path) -> PresetFile:
    """The presets of a new user."""
    return PresetFile(tmp_path / "config" / "presets.json")


def test_ours_are_there_and_their_values_are_taken(presets: PresetFile, tmp_path: Path) -> None:
    """Also when there is no file; looking makes none."""
    assert presets.presets() == BUILT_IN
    assert not (tmp_path / "config").exists()
    for preset in BUILT_IN:
        for key, value in preset.values.items():
            assert key in PRESET_KEYS
            assert find_setting(key).check(value) == value


def test_a_preset_is_kept_renamed_and_deleted(presets: PresetFile, tmp_path: Path) -> None:
    """It is there for the next start; neither the seed nor the length of replies is part of it."""
    values = {"sampling.temperature": 0.4, "sampling.logit_bias": "so = -1", "sampling.seed": 7, "load.context": 512}
    saved = presets.save("  Letters ", values)
    assert saved.values == {"sampling.temperature": 0.4, "sampling.logit_bias": "so = -1"}
    again = PresetFile(tmp_path / "config" / "presets.json")
    assert again.presets() == (*BUILT_IN, saved)
    again.rename("Letters", "Poems")
    assert [preset.name for preset in presets.presets()[-1:]] == ["Poems"]
    assert presets.presets()[-1].values == saved.values
    presets.rename("Poems", "poems")
    presets.delete("poems")
    assert presets.presets() == BUILT_IN


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines", "precise", "Letters", "LETTERS"])
def test_a_name_is_words_that_are_not_taken(presets: PresetFile, name: str) -> None:
    """For a new preset and for a renamed one."""
    presets.save("Letters", {})
    presets.save("Poems", {})
    with pytest.raises(PresetError):
        presets.save(name, {})
    with pytest.raises(PresetError):
        presets.rename("Poems", name)
    assert [preset.name for preset in presets.presets() if preset.own] == ["Letters", "Poems"]


def test_the_preset_in_use_is_known_by_its_values(presets: PresetFile, tmp_path: Path) -> None:
    """Nothing set is the first; one changed value is none of them; the seed does not count."""
    file = SettingsFile(tmp_path / "settings.json")
    assert preset_in_use(presets.presets(), file) == BUILT_IN[0]
    for preset in BUILT_IN:
        file.replace_all(preset.values, PRESET_KEYS)
        file.change("sampling.seed", 3)
        assert preset_in_use(presets.presets(), file) == preset
    file.change("sampling.top_k", 3)
    assert preset_in_use(presets.presets(), file) is None
    assert file.settings.sampling.seed == 3


def test_a_preset_sets_all_and_touches_nothing_else(tmp_path: Path) -> None:
    """What it does not name goes back to its default; other settings, known and unknown, stay."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"sampling.xtc_probability": 0.5, "load.context": 512, "future.key": 1}))
    file = SettingsFile(path)
    settings = file.replace_all({"sampling.temperature": 1}, PRESET_KEYS)
    assert (settings.sampling.temperature, settings.sampling.xtc_probability, settings.load.context) == (1.0, 0.0, 512)
    assert file.explicit == {"sampling.temperature", "load.context"}
    assert json.loads(path.read_text()) == {"load.context": 512, "future.key": 1, "sampling.temperature": 1.0}


@pytest.mark.parametrize("content", ["{", "[]", '{"presets": 3}'])
def test_a_damaged_file_is_set_aside_and_said(presets: PresetFile, tmp_path: Path, content: str) -> None:
    """Ours are there all the same, and new ones can be saved."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "presets.json").write_text(content)
    assert presets.presets() == BUILT_IN
    assert "was damaged" in str(presets.notices[0])
    presets.save("Letters", {})
    assert presets.presets()[-1].name == "Letters"
    assert any(".damaged-" in path.name for path in (tmp_path / "config").iterdir())


def test_a_change_keeps_what_a_newer_paddock_wrote(presets: PresetFile, tmp_path: Path) -> None:
    """Only the preset that is named is touched, and of a renamed one only its name."""
    path = tmp_path / "config" / "presets.json"
    values = {"sampling.temperature": 99, "future.key": 1, "sampling.top_k": 5}
    newer = {"name": "Newer", "values": "elsewhere"}
    mine = {"name": "Mine", "values": values, "colour": "green"}
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 2, "presets": [newer, mine, 3], "order": ["Mine"]}))
    presets.save("Letters", {})
    presets.rename("Mine", "Ours")
    presets.delete("Letters")
    ours = {**mine, "name": "Ours"}
    assert json.loads(path.read_text()) == {"version": 2, "presets": [newer, ours, 3], "order": ["Mine"]}


def test_a_preset_of_an_explicit_nothing_is_known_again(presets: PresetFile, tmp_path: Path) -> None:
    """That a setting was set to nothing is a value as any other."""
    file = SettingsFile(tmp_path / "settings.json")
    file.change("sampling.dry_last_n", None)
    saved = presets.save("Whole", {"sampling.dry_last_n": None})
    assert preset_in_use(presets.presets(), file) == saved


def test_what_is_unsound_in_the_file_is_left_out(presets: PresetFile, tmp_path: Path) -> None:
    """An entry that is none, a value out of range, a setting that a preset is not about."""
    (tmp_path / "config").mkdir()
    values = {"sampling.temperature": 99, "sampling.top_k": 5, "sampling.seed": 1, "nothing": 1}
    entries = [3, {"name": ""}, {"name": "Mine", "values": values}]
    (tmp_path / "config" / "presets.json").write_text(json.dumps({"presets": entries}))
    (mine,) = [preset for preset in presets.presets() if preset.own]
    assert (mine.name, mine.values) == ("Mine", {"sampling.top_k": 5})
