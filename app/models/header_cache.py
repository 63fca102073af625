"""What the headers of model files say, kept by path, time and size, so that each is read once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from app.gguf.header_error import ModelHeaderError
from app.gguf.model_header import ModelHeader
from app.gguf.reading import read_model_header
from app.models.header_facts import HeaderFacts, facts_of
from app.private_file import DamagedFileError, PrivateFileError, locked, read_object, write_object

_MOST_FILES: Final = 1000
_VERSION: Final = 1
_log = logging.getLogger(__name__)


class KeptHeader(msgspec.Struct):
    """A file's size and time, and what was read then; no facts where it was no model."""

    size_bytes: int
    modified_ns: int
    facts: HeaderFacts | None = None


class HeaderCache:
    """The headers that were read. `path` is where they are kept; it can be deleted at any time.

    Nothing is lost with it, so a damaged file is begun anew, and one that cannot be written only costs time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def known(self) -> KnownHeaders:
        """Give all that were read, in one look."""
        return KnownHeaders(self._read())

    def read(
        self, files: Iterable[Path], is_stopped: Callable[[], bool] = lambda: False
    ) -> dict[Path, HeaderFacts | None]:
        """Give what each header says, reading those that are not known; None for one that is no whole model.

        Once `is_stopped`, no further one is read; those that were not reached are left out.
        """
        known = self.known()
        found, news = dict[Path, HeaderFacts | None](), dict[str, object]()
        for path in files:
            kept = known.of(path)
            if kept is None and is_stopped():
                break
            if kept is None:
                kept = _read(path)
                if kept is not None:
                    news[str(path)] = msgspec.to_builtins(kept)
            found[path] = None if kept is None else kept.facts
        self._keep(news)
        return found

    def remember(self, headers: Iterable[tuple[Path, ModelHeader]]) -> None:
        """Keep what was just read of files for another purpose."""
        kept = {str(path): _kept(path, facts_of(header)) for path, header in headers}
        self._keep({name: msgspec.to_builtins(each) for name, each in kept.items() if each is not None})

    def _keep(self, news: Mapping[str, object]) -> None:
        if not news:
            return
        try:
            with locked(self._path):
                files = {name: kept for name, kept in self._read().items() if name not in news} | dict(news)
                newest = dict(list(files.items())[-_MOST_FILES:])
                write_object(self._path, {"version": _VERSION, "files": newest})
        except PrivateFileError as error:
            _log.warning("%s (%s)", error, error.details)

    def _read(self) -> dict[str, object]:
        try:
            content = read_object(self._path)
            return msgspec.convert(content["files"], dict[str, object]) if content.get("version") == _VERSION else {}
        except (DamagedFileError, PrivateFileError, KeyError, msgspec.ValidationError):
            return {}


class KnownHeaders:
    """One look at what was read before."""

    def __init__(self, files: Mapping[str, object]) -> None:
        self._files = files

    def of(self, path: Path) -> KeptHeader | None:
        """Give what is known of the file as it is now; None if it has to be read."""
        kept = self._files.get(str(path))
        if kept is None:
            return None
        try:
            known, status = msgspec.convert(kept, KeptHeader), path.stat()
        except (msgspec.ValidationError, OSError, ValueError):
            return None
        return known if (known.size_bytes, known.modified_ns) == (status.st_size, status.st_mtime_ns) else None


def _read(path: Path) -> KeptHeader | None:
    """What the file says now. None where it is not there to be read, which may be otherwise in a moment."""
    try:
        return _kept(path, facts_of(read_model_header(path)))
    except ModelHeaderError as error:
        _log.info("No model header: %s", error)
        return _kept(path, None)


def _kept(path: Path, facts: HeaderFacts | None) -> KeptHeader | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return KeptHeader(status.st_size, status.st_mtime_ns, facts)
