"""The file that says which models the user has here, beside the starter model, and what is kept of each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias, cast

from app.errors import Fault, PaddockError
from app.models.model_entry import is_entry
from app.private_file import DamagedFileError, locked, read_object, set_aside, write_object

_VERSION: Final = 1
_MODELS: Final = "models"
Entry: TypeAlias = "dict[str, object]"


class DamagedListError(PaddockError):
    """The list of models held something else; it was set aside."""

    fault = Fault.FILE


class ModelList:
    """What the file `path` holds. It is read anew each time, so that two processes see each other's changes.

    What a newer Paddock wrote beside what is known here stays. `say` hears of a damaged list that was mended.
    """

    def __init__(self, path: Path, say: Callable[[PaddockError], None]) -> None:
        self._path = path
        self._say = say

    def content(self) -> ListContent:
        """Give all of it. Raises `PrivateFileError`."""
        try:
            return self._read()
        except DamagedFileError:
            with locked(self._path):
                return self._mended()

    @contextmanager
    def changing(self) -> Generator[ListContent]:
        """Give all of it to be changed in place; what changed is written at the end. Raises `PrivateFileError`."""
        with locked(self._path):
            content = self._mended()
            before = copy.deepcopy(content.whole)
            yield content
            if content.whole != before:
                self._write(content.whole)

    def _read(self) -> ListContent:
        """Give what the list holds. `DamagedFileError` if that is not entries only."""
        whole = read_object(self._path)
        entries = whole.get(_MODELS, [])
        if not isinstance(entries, list) or not all(map(is_entry, cast("list[object]", entries))):
            raise DamagedFileError("{name} is damaged.", name=self._path.name)
        return ListContent(whole)

    def _mended(self) -> ListContent:
        """Set a damaged list aside, say so, and go on with the entries in it that can be read."""
        try:
            return self._read()
        except DamagedFileError:
            sound = self._sound_entries()
        aside = set_aside(self._path)
        content = ListContent({_MODELS: sound})
        self._write(content.whole)
        self._say(
            DamagedListError(
                "The list of your models was damaged; {kept:,} of its entries could be read.",
                next_step="No model file was touched. Add what is missing again; the old list is kept as {name}.",
                kept=len(sound),
                name=aside.name,
            )
        )
        return content

    def _sound_entries(self) -> list[object]:
        try:
            entries = read_object(self._path).get(_MODELS, [])
        except DamagedFileError:
            return []
        return (
            [entry for entry in cast("list[object]", entries) if is_entry(entry)] if isinstance(entries, list) else []
        )

    def _write(self, whole: Entry) -> None:
        write_object(self._path, {**whole, "version": _VERSION})


class ListContent:
    """All that the list holds: the entries of models, and what is kept beside them."""

    def __init__(self, whole: Entry) -> None:
        self.whole = whole

    @property
    def entries(self) -> list[Entry]:
        """What is kept of each model, in the order in which they were added; appending adds one."""
        return cast("list[Entry]", self.whole.setdefault(_MODELS, []))

    @property
    def starter(self) -> Entry:
        """What is kept of the starter model."""
        kept = self.whole.get("starter")
        if not isinstance(kept, dict):
            kept = self.whole["starter"] = {}
        return cast("Entry", kept)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that the user named to be looked through."""
        kept = self.whole.get("folders")
        names = cast("list[object]", kept) if isinstance(kept, list) else []
        return tuple(Path(name) for name in names if isinstance(name, str) and name)

    @folders.setter
    def folders(self, folders: tuple[Path, ...]) -> None:
        self.whole["folders"] = [str(folder) for folder in folders]

    @property
    def was_looked_around(self) -> bool:
        """Whether the user has been told, or need not be, what other applications have here."""
        return self.whole.get("was_looked_around") is True

    @was_looked_around.setter
    def was_looked_around(self, was: bool) -> None:
        self.whole["was_looked_around"] = was
