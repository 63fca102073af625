"""Named sets of sampling settings: a few of ours, and the user's own in a file.

They have a file of their own, beside the settings: each key of the settings file is a setting, a preset's name is any
words; and what spoils one of the two files leaves the other alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, cast

import msgspec

from app.errors import Fault, PaddockError
from app.private_file import DamagedFileError, locked, read_or_set_aside, write_object
from app.settings.file import SettingsFile
from app.settings.registry import SettingError, Value
from app.settings.values import SETTINGS, find_setting

LONGEST_NAME: Final = 60
_VERSION: Final = 1
_MOST: Final = 200
_NOT_IN_PRESETS: Final = ("sampling.seed", "sampling.max_tokens")
PRESET_KEYS: Final = tuple(
    setting.key for setting in SETTINGS if setting.key.startswith("sampling.") and setting.key not in _NOT_IN_PRESETS
)
"""The settings that a preset is about: how tokens are chosen, not how many, and not by which chance."""
Values: TypeAlias = "Mapping[str, Value]"


class PresetError(PaddockError):
    """A preset cannot be kept under this name."""

    fault = Fault.USER


class DamagedPresetsError(PaddockError):
    """The file of presets held something else; it was set aside."""

    fault = Fault.FILE


@dataclass(frozen=True, slots=True)
class Preset:
    """What the settings are set to by key; those of `PRESET_KEYS` that it does not name go back to their defaults.

    The names of those that are not the user's `own` are English: whoever shows them translates them.
    """

    name: str
    values: Values = field(default_factory=dict[str, Value])
    own: bool = False


BUILT_IN: Final = (
    Preset("As the model recommends"),
    Preset("Precise", {"sampling.temperature": 0.2, "sampling.top_p": 0.9, "sampling.repeat_penalty": 1.05}),
    Preset(
        "Balanced",
        {
            "sampling.temperature": 0.7,
            "sampling.top_k": 40,
            "sampling.top_p": 0.95,
            "sampling.min_p": 0.05,
            "sampling.repeat_penalty": 1.1,
        },
    ),
    Preset(
        "Creative",
        {
            "sampling.temperature": 1.1,
            "sampling.top_k": 0,
            "sampling.top_p": 1.0,
            "sampling.min_p": 0.05,
            "sampling.repeat_penalty": 1.05,
        },
    ),
)


class PresetFile:
    """The presets there are. Read anew each time: several processes may share the file. `notices` are to be said.

    A change touches its own preset only: what this Paddock does not know in the file, or cannot take, is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notices: tuple[PaddockError, ...] = ()

    def presets(self) -> tuple[Preset, ...]:
        """Give ours, then the user's in the order they were made. Raises `PrivateFileError`."""
        return (*BUILT_IN, *_own(self._content(is_locked=False)))

    def save(self, name: str, values: Values) -> Preset:
        """Keep `values` under a new name. Raises `PresetError`, `SettingError` or `PrivateFileError`."""
        checked = {key: find_setting(key).check(value) for key, value in values.items() if key in PRESET_KEYS}
        preset = Preset(name.strip(), checked, own=True)
        with locked(self._path):
            content = self._content(is_locked=True)
            own = _own(content)
            _refuse_name(preset.name, own)
            if len(own) >= _MOST:
                raise PresetError("There are {count} presets already.", next_step="Delete one first.", count=_MOST)
            self._write(content, [*_entries(content), {"name": preset.name, "values": checked}])
        return preset

    def rename(self, name: str, new_name: str) -> None:
        """Call a preset of the user's otherwise; raises as `save` does."""
        with locked(self._path):
            content = self._content(is_locked=True)
            called = new_name.strip()
            _refuse_name(called, tuple(preset for preset in _own(content) if preset.name != name))
            self._write(content, [_renamed(entry, name, called) for entry in _entries(content)])

    def delete(self, name: str) -> None:
        """Forget a preset of the user's."""
        with locked(self._path):
            content = self._content(is_locked=True)
            self._write(content, [entry for entry in _entries(content) if not _is_called(entry, name)])

    def _content(self, *, is_locked: bool) -> dict[str, object]:
        content, aside = read_or_set_aside(self._path, _with_entries, is_locked=is_locked)
        if aside is not None:
            notice = DamagedPresetsError(
                "The file of your presets was damaged.",
                next_step="Save them again; the damaged file is kept as {path}.",
                path=aside,
            )
            self.notices = (*self.notices, notice)
        return content

    def _write(self, content: Mapping[str, object], entries: list[object]) -> None:
        write_object(self._path, {"version": _VERSION, **content, "presets": entries})


def preset_in_use(presets: tuple[Preset, ...], file: SettingsFile) -> Preset | None:
    """Give the preset whose values the settings have now, if they have those of any."""
    explicit = {key: file.settings.value(key) for key in PRESET_KEYS if key in file.explicit}
    return next((preset for preset in presets if dict(preset.values) == explicit), None)


def _refuse_name(name: str, own: tuple[Preset, ...]) -> None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise PresetError("A preset needs a name of 1 to {most} characters.", most=LONGEST_NAME)
    if name.casefold() in {preset.name.casefold() for preset in (*BUILT_IN, *own)}:
        raise PresetError("There is a preset “{name}” already.", next_step="Choose another name.", name=name)


def _with_entries(content: dict[str, object]) -> dict[str, object]:
    """Give `content`, the whole file. Raises `DamagedFileError` where it has no list of presets."""
    if not isinstance(content.get("presets", []), list):
        raise DamagedFileError("The list of presets is damaged.")
    return content


def _entries(content: Mapping[str, object]) -> list[object]:
    return cast("list[object]", content.get("presets", []))


def _own(content: Mapping[str, object]) -> tuple[Preset, ...]:
    """Give those presets in the file that are sound; a value that its setting cannot take is left out."""
    return tuple(preset for entry in _entries(content) if (preset := _preset(entry)) is not None)


class _Entry(msgspec.Struct):
    name: str
    values: dict[str, object] = {}


def _preset(entry: object) -> Preset | None:
    try:
        known = msgspec.convert(entry, _Entry)
    except msgspec.ValidationError:
        return None
    taken: dict[str, Value] = {}
    for key in PRESET_KEYS:
        if key in known.values:
            with suppress(SettingError):
                taken[key] = find_setting(key).check(known.values[key])
    return Preset(known.name, taken, own=True) if known.name else None


def _is_called(entry: object, name: str) -> bool:
    preset = _preset(entry)
    return preset is not None and preset.name == name


def _renamed(entry: object, name: str, called: str) -> object:
    return {**cast("dict[str, object]", entry), "name": called} if _is_called(entry, name) else entry
