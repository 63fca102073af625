"""What applications go by when they choose the folder of their models: the system, the home folder, the environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|\$(\w+)|%(\w+)%")


class System(StrEnum):
    """An operating system, as Python names it."""

    LINUX = "linux"
    MACOS = "darwin"
    WINDOWS = "win32"


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look. All of it is handed in, so that every system can be tried on any other.

    `folders` are those that the user named. `root` is where paths of the whole machine begin.
    """

    system: System
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    folders: tuple[Path, ...] = ()
    root: Path = Path("/")

    @property
    def config_home(self) -> Path:
        """The folder of settings; on macOS that of programs made with Qt, which keep them in `.ini` files."""
        if self.system is System.WINDOWS:
            return self.roaming
        return self.variable("XDG_CONFIG_HOME") or self.home / ".config"

    @property
    def roaming(self) -> Path:
        """The folder of Windows for data that follows its user to other computers."""
        return self.variable("APPDATA") or self.home / "AppData" / "Roaming"

    @property
    def data_home(self) -> Path:
        """The folder that programs keep their users' data in; on Windows the one that stays on this computer."""
        if self.system is System.WINDOWS:
            return self.variable("LOCALAPPDATA") or self.home / "AppData" / "Local"
        if self.system is System.MACOS:
            return self.home / "Library" / "Application Support"
        return self.variable("XDG_DATA_HOME") or self.home / ".local" / "share"

    def variable(self, name: str) -> Path | None:
        """Give the folder that an environment variable names, if it names one."""
        return self.path(self.environment.get(name, ""))

    def path(self, text: str, base: Path | None = None) -> Path | None:
        """Give the path that `text` means in some program's settings; where it is relative, seen from `base`.

        None for what is no path, and for one on another computer: merely looking there would sign in to it.
        """
        text = text.strip(" \t\r\n\"'")
        if not text or "\0" in text or text[:2] in {"\\\\", "//", "\\/", "/\\"}:
            return None
        path = Path(self._expanded(text))
        path = path if base is None else base / path
        return path if path.is_absolute() and _can_be_named(path) else None

    def _expanded(self, text: str) -> str:
        """`text` with the home folder for `~`, and variables by what they hold; unknown ones stay as they are."""
        if text[0] == "~" and text[1:2] in {"", "/", "\\"}:
            text = f"{self.home}{text[1:]}"
        return _VARIABLE.sub(lambda match: self.environment.get(match[match.lastindex or 0], match[0]), text)


def _can_be_named(path: Path) -> bool:
    """Whether the system has a name for it: half of a character has none."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def this_machine(folders: Sequence[Path] = ()) -> Places:
    """Give the places of the user who runs Paddock, and the folders they named."""
    system = System(sys.platform) if sys.platform in set(System) else System.LINUX
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - unlike Path's own, never raises
    return Places(system, home, os.environ, tuple(folders))
