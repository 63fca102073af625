"""`models add OWNER/REPO`: a model of the hub, with its terms said before and its progress while it comes."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from app.cli.consent import Consent
from app.cli.interrupt import first_interrupt
from app.cli.printing import one_line, print_error, print_notice, readable_size
from app.errors import Fault, PaddockError
from app.models.arrival import take_in
from app.models.download.download import Download, DownloadChanged, DownloadEvent, DownloadRemoved, DownloadState
from app.models.download.model_download import model_key
from app.models.download.queue import DownloadQueue
from app.models.installed import InstalledModel
from app.models.licence import Licence, Standing
from app.models.offer import Offer, Terms, read_terms
from app.models.order import here_already, order
from app.models.repository import Repository, RepositoryFile
from app.models.repository_reference import RepositoryReference
from app.network.errors import NetworkError
from app.parts import ModelParts
from app.translation import tr

_RESTING: Final = frozenset({DownloadState.PAUSED, DownloadState.FAILED, DownloadState.INTERRUPTED})
_SHOW_EVERY_S: Final = 0.5
_WIDTH: Final = 100
_MINUTE_S: Final = 60


class NotDownloadedError(PaddockError):
    """A model was not downloaded, because of what was asked or answered here."""

    fault = Fault.USER


def choose_file(repository: Repository, said: str | None, recommended: RepositoryFile | None) -> RepositoryFile:
    """Give the one file of `repository` that is meant; without a word for it, the recommended or the only one."""
    found = repository.find(said) if said else _obvious(repository, recommended)
    if len(found) == 1 and found[0].is_whole:
        return found[0]
    if found and not any(each.is_whole for each in found):
        raise NotDownloadedError(
            "{name} is not complete on the hub: parts of it are missing.",
            next_step="Its publisher may still be uploading it. Choose another file.",
            name=found[0].name,
        )
    if not repository.models:
        raise NotDownloadedError(
            "{repository} holds no GGUF model.",
            next_step="Look for a repository whose name ends in GGUF.",
            repository=repository.id,
        )
    words = ", ".join(dict.fromkeys(file.quantization or file.name for file in found or repository.models))
    raise NotDownloadedError(
        "It is not clear which file of {repository} is meant.",
        next_step="Name one behind a colon: {repository}:NAME. There are: {names}.",
        repository=repository.id,
        names=words,
    )


def _obvious(repository: Repository, recommended: RepositoryFile | None) -> tuple[RepositoryFile, ...]:
    """What is meant where nobody said it: the recommended file, or the only one."""
    if recommended is not None:
        return (recommended,)
    return repository.models if len(repository.models) == 1 else ()


def agree_to_terms(parts: ModelParts, terms: Terms, consent: Consent) -> None:
    """Say what the licence is, and have it accepted where it has to be; `NotDownloadedError` if it is not."""
    for licence in terms.licences.licences:
        print_notice(_licence_words(licence))
    if not terms.licences.agree:
        words = tr("The hub, the model's page and its file do not state one licence: all that they state are shown.")
        print_notice(words)
    if not terms.needs_acceptance or terms.accepted(parts.online.acceptances):
        return
    for licence in terms.licences.licences:
        for point in licence.points if licence.needs_acceptance else ():
            print_notice(f"{tr(point.heading)}: {tr(point.sentence)}")
    repository = f"{parts.online.hub_address()}/{terms.model}"
    page = repository if terms.text_from else terms.licence.page or repository
    place = tr("{file} at {page}", file=terms.text_from, page=page) if terms.text_from else page
    print_notice(tr("Its full text: {place}", place=place))
    if not consent.can_ask or not consent.agree(tr("Do you accept this licence?"), terms.text):
        raise NotDownloadedError(
            "The licence of {model} has to be accepted before the download.",
            next_step="Read it at {page}; --yes accepts it.",
            model=terms.model,
            page=page,
        )
    terms.accept(parts.online.acceptances, datetime.now(UTC))


def _licence_words(licence: Licence) -> str:
    """Say what a licence is called, and how it stands; of one that nobody has stated there is only the sentence."""
    summary = tr(licence.summary)
    if licence.standing is Standing.NONE:
        return summary
    if licence.open_source is None:
        return f"{licence.name}. {summary}"
    standing = tr("open source") if licence.open_source else tr("not open source")
    return f"{licence.name} ({licence.spdx or licence.id}; {standing}). {summary}"


def read_repository(parts: ModelParts, reference: RepositoryReference) -> Repository:
    """Ask the hub what is there; what it said before serves while it cannot be asked, and that is said."""
    known = parts.online.hub.repository(reference)
    if known.trouble is not None:
        print_error(known.trouble)
    return known.value


def download(parts: ModelParts, offer: Offer, consent: Consent) -> InstalledModel:
    """Bring `offer` here, and into the library. Raises what kept a file of it from coming.

    Ctrl-C leaves what came, and the same command goes on with it.
    """
    terms = _terms(parts, offer)
    agree_to_terms(parts, terms, consent)
    following = _Following()
    downloads = parts.online.downloads
    downloads.recognise()
    parts.online.listen(following.events.put)  # only now: how downloads of earlier runs ended is no news
    ordered = order(offer, terms.licence, parts.models, parts.online.catalogue, downloads)
    with first_interrupt(lambda: following.events.put(None)):
        following.follow(ordered, downloads)
    model = take_in(parts.models, downloads, model_key(ordered[0].wanted)) or here_already(offer, parts.models)
    if model is None:
        raise NotDownloadedError("The model was removed while it was downloaded.", next_step="Begin it again.")
    return model


def _terms(parts: ModelParts, offer: Offer) -> Terms:
    """A text that cannot be fetched does not hold up what can be said without it: its page is named instead."""
    try:
        return read_terms(offer, parts.online.licences, parts.online.hub.text)
    except NetworkError as error:
        print_error(error)
        return read_terms(offer, parts.online.licences)


@dataclass(slots=True)
class _Following:
    """Watches downloads until all are here or one cannot go on."""

    events: queue.SimpleQueue[DownloadEvent | None] = field(default_factory=queue.SimpleQueue["DownloadEvent | None"])
    finished: set[str] = field(default_factory=set[str])
    _shown_at: float = 0.0

    def follow(self, ordered: Sequence[Download], downloads: DownloadQueue) -> None:
        ids = [each.id for each in ordered]
        self.finished.update(each.id for each in ordered if each.state is DownloadState.FINISHED)
        while len(self.finished) < len(ids):
            event = self.events.get()
            if event is None:
                self._interrupted(ids, downloads)
            elif isinstance(event, DownloadRemoved) and event.id in ids:
                raise NotDownloadedError("The download was cancelled elsewhere.", next_step="Begin it again.")
            elif isinstance(event, DownloadChanged) and event.download.id in ids:
                self._changed(event.download, downloads, ids)
        self._clear()

    def _changed(self, download: Download, downloads: DownloadQueue, ids: list[str]) -> None:
        if download.state is DownloadState.FINISHED:
            self.finished.add(download.id)
        elif download.state in _RESTING:
            self._clear()
            for each in ids:
                if each not in self.finished and each != download.id:
                    downloads.pause(each)
            raise download.trouble or NotDownloadedError("The download was paused elsewhere.", next_step="Resume it.")
        self._show([each for each in downloads.downloads if each.id in ids])

    def _interrupted(self, ids: list[str], downloads: DownloadQueue) -> None:
        self._clear()
        for each in ids:
            if each not in self.finished:
                downloads.pause(each)
        print_notice(tr("Stopped. What came is kept: the same command goes on with it."))
        raise KeyboardInterrupt

    def _show(self, downloads: list[Download]) -> None:
        """Write how far it is over the line before; a pipe or a file gets nothing of it."""
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._shown_at < _SHOW_EVERY_S:
            return
        self._shown_at = now
        received, size = sum(each.received_bytes for each in downloads), sum(each.size_bytes for each in downloads)
        speed = sum(each.bytes_per_s for each in downloads)
        words = [tr("{done} of {all}", done=readable_size(received), all=readable_size(size))]
        if speed:
            words += [tr("{size}/s", size=readable_size(round(speed))), remaining((size - received) / speed)]
        words += [each.notice for each in downloads if each.notice][:1]
        line = one_line(", ".join(words))
        sys.stderr.write(f"\r{line[:_WIDTH]:<{_WIDTH}}")
        sys.stderr.flush()

    def _clear(self) -> None:
        if self._shown_at:
            sys.stderr.write(f"\r{'':<{_WIDTH}}\r")


def remaining(seconds: float) -> str:
    """Say how long the rest takes, no more exactly than anybody knows."""
    if seconds < _MINUTE_S:
        return tr("{seconds} s left", seconds=max(1, round(seconds)))
    return tr("{minutes} min left", minutes=round(seconds / _MINUTE_S))
