"""Which of the models that could be had are here already, or on their way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from app.models.download.download import DownloadState
from app.models.download.model_download import ModelDownload
from app.models.installed import InstalledModel, Source
from app.translation import tr

_MARK: Final = re.compile(r"[0-9a-f]{12}-")
"""Stands before the own name of a file that Paddock has downloaded."""


class Marks:
    """Knows downloads, and files that are here, by repository and file; those of other applications by their names."""

    def __init__(self, models: Callable[[], Iterable[InstalledModel]]) -> None:
        self._models = models
        self._here: frozenset[tuple[str, str]] = frozenset()
        self._damaged: frozenset[tuple[str, str]] = frozenset()
        self._downloads: dict[tuple[str, str], ModelDownload] = {}
        self._asked: set[str] = set()

    def look(self) -> None:
        """Look anew which files are here."""
        known = [each for each in self._models() if each.source is not Source.CONVERTED and each.path.is_file()]
        self._here = frozenset(_origin(model) for model in known if not model.is_damaged)
        self._damaged = frozenset(_origin(model) for model in known if model.is_damaged) - self._here

    def take(self, downloads: Sequence[ModelDownload]) -> None:
        """These are the downloads now."""
        self._downloads = {
            (file.wanted.remote.repository.casefold(), _name(file.wanted.remote.path)): download
            for download in downloads
            for file in download.files
        }

    def asking(self, repository: str) -> None:
        """The hub is being asked about a repository, so that something of it can be downloaded."""
        self._asked.add(repository.casefold())

    def asked(self, repository: str) -> None:
        """The hub has answered."""
        self._asked.discard(repository.casefold())

    def state(self, repository: str, path: str) -> str:
        """Say in a word what stands in a button's place; "" while it can be had."""
        origin = (repository.casefold(), _name(path))
        download = self._downloads.get(origin)
        if download is not None and download.state is not DownloadState.FINISHED:
            return _words(download)
        has_come = download is not None and origin not in self._damaged
        if has_come or not self._here.isdisjoint({origin, ("", _name(path))}):
            return tr("On disk")
        return tr("Asking…") if repository.casefold() in self._asked else ""


def _words(download: ModelDownload) -> str:
    match download.state:
        case DownloadState.FAILED:
            return tr("Failed")
        case DownloadState.PAUSED | DownloadState.INTERRUPTED:
            return tr("Paused")
        case _:
            return tr("{percent} %", percent=f"{download.fraction * 100:.0f}")


def _origin(model: InstalledModel) -> tuple[str, str]:
    """The repository that a file came from, "" where nobody noted it, and its name there."""
    name = model.path.name.casefold()
    return (model.repository or "").casefold(), name[mark.end() :] if (mark := _MARK.match(name)) else name


def _name(path: str) -> str:
    return path.rpartition("/")[2].casefold()
