"""A model of the hub that somebody wants here: what it will be called, whether it is here already, its downloads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.models.catalogue import Catalogue
from app.models.download.download import Download
from app.models.download.model_download import model_key
from app.models.installed import InstalledModel
from app.models.library import ModelLibrary
from app.models.licence import Licence
from app.models.model_files import FileState
from app.models.model_names import readable_name, with_quantization
from app.models.offer import Offer

if TYPE_CHECKING:
    from app.models.download.queue import DownloadQueue


def order(
    offer: Offer, licence: Licence, library: ModelLibrary, catalogue: Catalogue, queue: DownloadQueue
) -> tuple[Download, ...]:
    """Have `offer` downloaded; gives the downloads of all its files, some of which may be here already.

    Whoever hears that the last one has finished calls `take_in`. Raises what `DownloadQueue.add` does.
    """
    wanted = offer.wanted(licence)
    key = model_key(wanted[0])
    name = _free_name(offer, catalogue, library.models(), (each for each in queue.downloads if not _is_of(each, key)))
    queue.add(*(replace(each, shown_as=name) for each in wanted))
    ours = [each for each in queue.downloads if _is_of(each, key)]
    for each in ours:  # what goes with it may have been ordered before
        queue.resume(each.id)
    return tuple(each for each in queue.downloads if _is_of(each, key))


def here_already(offer: Offer, library: ModelLibrary) -> InstalledModel | None:
    """Give the model of the library that `offer` would become, if nothing of it is missing."""
    names = offer.names
    model = next((each for each in library.models() if each.path.name == names[0]), None)
    if model is None or model.state is not FileState.PRESENT:
        return None
    return model if all(model.path.with_name(name).is_file() for name in names) else None


def offered_name(offer: Offer, catalogue: Catalogue) -> str:
    """What people call the model: as the catalogue does, else as its file is named, without the quantization."""
    picked = catalogue.find(offer.repository.id)
    if picked is not None:
        return picked.name
    return readable_name(offer.file.name) or readable_name(offer.repository.id) or offer.file.name


def _free_name(offer: Offer, catalogue: Catalogue, models: Iterable[InstalledModel], others: Iterable[Download]) -> str:
    """Its name; the one that it has here already; with its quantization where another one is called the same."""
    name, file, taken = offered_name(offer, catalogue), offer.names[0], set[str]()
    for model in models:
        if model.path.name == file:
            return model.name
        taken |= {model.name.casefold(), *(each.casefold() for each in model.earlier_names)}
    taken |= {each.wanted.shown_as.casefold() for each in others}
    return with_quantization(name, offer.file.quantization) if name.casefold() in taken else name


def _is_of(download: Download, key: str) -> bool:
    return model_key(download.wanted) == key
