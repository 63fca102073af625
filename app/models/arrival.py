"""What becomes of a model when the last of its files has come: it joins the library.

Its downloads stay in their list until the library has it: a process that dies between leaves all that the next one
needs to do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.gguf.header_error import ModelHeaderError
from app.models.download.download import Download, DownloadState
from app.models.download.model_download import model_key, part_names
from app.models.installed import InstalledModel, Source
from app.models.library import ModelLibrary
from app.models.library_error import ModelLibraryError
from app.models.new_model import NewModel

if TYPE_CHECKING:
    from app.models.download.queue import DownloadQueue


def take_in(library: ModelLibrary, queue: DownloadQueue, key: str) -> InstalledModel | None:
    """Take the model `key` into `library` if all its files are here; None as long as they are not, or if it has it.

    Raises what `ModelLibrary.take_downloaded` does. What that refuses is not offered to it again.
    """
    files = [each for each in queue.downloads if model_key(each.wanted) == key]
    if any(each.state is not DownloadState.FINISHED for each in files) or all(each.is_settled for each in files):
        return None
    ids = [each.id for each in files]
    try:
        model = _join(library, queue, files)
    except (ModelHeaderError, ModelLibraryError):
        queue.settled(ids)
        raise
    queue.settled(ids, model.name)
    return model


def _join(library: ModelLibrary, queue: DownloadQueue, files: Sequence[Download]) -> InstalledModel:
    names = part_names(files[0].wanted)
    wanted = next((each for each in files if each.wanted.name == names[0]), files[0]).wanted
    new = NewModel(
        queue.folder / names[0],
        Source.DOWNLOADED,
        noted_name=wanted.shown_as,
        repository=wanted.remote.repository,
        commit=wanted.remote.commit,
        licence=wanted.licence or None,
        projector=next((each.path for each in files if each.wanted.name not in names), None),
        sha256={each.path: each.sha256 for each in files if each.path is not None},
    )
    return library.take_downloaded(new)
