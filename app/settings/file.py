"""The file that the settings are kept in: one JSON object with an entry for each setting that was changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.errors import Fault, PaddockError
from app.private_file import PrivateFileError, locked, read_or_set_aside, write_object
from app.settings.registry import SettingError
from app.settings.values import SETTINGS, Settings, find_setting
from app.translation import told

_MOST_REASONS: Final = 3


class SettingsFileError(PaddockError):
    """The settings file does not hold settings, and was set aside; or a value in it is none that its setting takes."""

    fault = Fault.FILE


class SettingsFile:
    """The settings as they stand in the file `path`, and how they are changed. Belongs to one thread.

    Several processes may share the file: a change touches its own key only, and the last one wins.
    Keys that this Paddock does not know are kept. `explicit` are the keys that were set by somebody: whatever else
    may choose a value leaves these alone. `notices` are troubles of reading it: to be said, not to stop for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.settings = Settings()
        self.explicit: frozenset[str] = frozenset()
        self.notices: tuple[PaddockError, ...] = ()
        self._load()

    def change(self, key: str, value: object) -> Settings:
        """Set `key` to `value` for good, and give all settings as they stand then.

        Raises `SettingError` if the setting cannot take it, `PrivateFileError` if it could not be saved.
        """
        checked = find_setting(key).check(value)
        with locked(self._path):
            content = {**self._content(is_locked=True), key: checked}
            write_object(self._path, content)
        return self._take(content)

    def reset(self, key: str) -> Settings:
        """Give `key` its default again, even one that a later Paddock chooses; raises as `change` does."""
        find_setting(key)
        with locked(self._path):
            content = {known: value for known, value in self._content(is_locked=True).items() if known != key}
            write_object(self._path, content)
        return self._take(content)

    def replace_all(self, values: Mapping[str, object], keys: Collection[str]) -> Settings:
        """Set those of `keys` that are in `values`, and give the others their defaults again; raises as `change`."""
        checked = {key: find_setting(key).check(values[key]) for key in keys if key in values}
        with locked(self._path):
            kept = {key: value for key, value in self._content(is_locked=True).items() if key not in keys}
            content = {**kept, **checked}
            write_object(self._path, content)
        return self._take(content)

    def _load(self) -> None:
        try:
            self._take(self._content(is_locked=False))
        except PrivateFileError as error:
            self._notice(error)

    def _content(self, *, is_locked: bool) -> dict[str, object]:
        """Give what the file holds now; a damaged file is set aside first."""
        content, aside = read_or_set_aside(self._path, dict, is_locked=is_locked)
        if aside is not None:
            self._notice(
                SettingsFileError(
                    "The settings were damaged, so each setting has its default value.",
                    next_step="The damaged file is kept as {path}.",
                    path=aside,
                )
            )
        return content

    def _take(self, content: Mapping[str, object]) -> Settings:
        """Take over what the file holds. What a setting cannot take stays there, unused, and is said once."""
        settings = Settings()
        explicit: set[str] = set()
        refusals: list[SettingError] = []
        for setting in SETTINGS:
            if setting.key not in content:
                continue
            try:
                settings = settings.replaced(setting.key, content[setting.key])
                explicit.add(setting.key)
            except SettingError as error:
                refusals.append(error)
        if refusals:
            self._notice(_unusable(refusals))
        self.settings = settings
        self.explicit = frozenset(explicit)
        return settings

    def _notice(self, error: PaddockError) -> None:
        if str(error) not in map(str, self.notices):
            self.notices = (*self.notices, error)


def _unusable(refusals: Sequence[SettingError]) -> SettingsFileError:
    """Say of all values in one notice that they cannot be used: a second notice would take the place of the first."""
    reasons = " ".join(told(error) for error in refusals[:_MOST_REASONS])
    if len(refusals) == 1:
        message = "A value in the settings file cannot be used; the default is used instead."
    else:
        message = "{count} values in the settings file cannot be used; their defaults are used instead."
    return SettingsFileError(message, next_step="{reasons}", count=len(refusals), reasons=reasons)
