"""Which downloads the library does not have yet, in their order: a file that several processes may write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from app.models.download.wanted import WantedFile
from app.private_file import DamagedFileError, locked, read_object, read_or_set_aside, write_object

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ListedDownload:
    """A download as it is kept. `is_paused`: by the user, not by the end of Paddock.

    `sha256` is that of the finished file, which waits for the rest of its model, or for the library; "" until then.
    `trouble` is why it failed, in the words in which that was said; "" where it did not.
    """

    id: str
    wanted: WantedFile
    is_paused: bool = False
    sha256: str = ""
    trouble: str = ""


Listed: TypeAlias = tuple[ListedDownload, ...]


class DownloadList:
    """The list in the file `path`. Raises `PrivateFileError`; a damaged file is set aside."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[Listed, Path | None]:
        """Give what is listed; and where the file was damaged, what it is called now."""
        return read_or_set_aside(self._path, self._parse)

    def change(self, change: Callable[[Listed], Listed]) -> None:
        """Put what `change` makes of the list in its place; nobody else writes meanwhile."""
        with locked(self._path):
            listed, _ = read_or_set_aside(self._path, self._parse, is_locked=True)
            changed = change(listed)
            if changed != listed or not read_object(self._path):
                write_object(self._path, {"version": _VERSION, "downloads": msgspec.to_builtins(changed)})

    def _parse(self, content: dict[str, object]) -> Listed:
        try:
            return msgspec.convert(content.get("downloads", ()), Listed)
        except msgspec.ValidationError as error:
            raise DamagedFileError("{name} is damaged.", name=self._path.name) from error
