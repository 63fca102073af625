"""A model of a repository as it is offered: its files, the terms it comes under, and what becomes of them here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.models.acceptances import Acceptance, Acceptances, fingerprint
from app.models.download.safe_name import local_name
from app.models.download.wanted import WantedFile
from app.models.hub_errors import HubError
from app.models.licence import Licence, LicenceBook, StatedLicence, shown_words, stated_name
from app.models.remote_file import RemotePath
from app.models.repository import FilePart, Repository, RepositoryFile

ReadText = Callable[[RemotePath], str]


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a model comes. `licences` are what its places state; `text` is the whole text where one is known.

    `text_from` names the repository's own file that `text` was read from, "" where Paddock keeps the text itself.
    """

    model: str
    licences: StatedLicence
    text: str = ""
    text_from: str = ""

    @property
    def licence(self) -> Licence:
        """The one that counts, of several that disagree."""
        return self.licences.strictest

    @property
    def needs_acceptance(self) -> bool:
        """Whether its user must have read it before the download."""
        return any(licence.needs_acceptance for licence in self.licences.licences)

    @property
    def shown_sha256(self) -> str:
        """What an acceptance is remembered by: the text, or our own words on it where there is none."""
        return fingerprint(self.text or "\n\n".join(map(shown_words, self.licences.licences)))

    def accepted(self, acceptances: Acceptances) -> Acceptance | None:
        """Give when this very text was accepted for this model; None if it has not been."""
        return acceptances.accepted(self.licence.id, self.model, self.shown_sha256)

    def accept(self, acceptances: Acceptances, at: datetime) -> None:
        """Keep that they were accepted as they were shown. Raises `PrivateFileError`."""
        for licence in self.licences.licences:
            acceptances.accept(licence.id, self.model, self.shown_sha256, at)


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of `repository`, and the projector to go with it, if it is wanted.

    `header_licence` is what the files themselves state, where a header of them was read before; else None.
    """

    repository: Repository
    file: RepositoryFile
    projector: RepositoryFile | None = None
    header_licence: str | None = None

    @property
    def shown_as(self) -> str:
        """What people read in the ledger and beside the bar."""
        return self.file.name

    @property
    def size_bytes(self) -> int:
        """Of all that has to come."""
        return self.file.size_bytes + (self.projector.size_bytes if self.projector else 0)

    def wanted(self, licence: Licence) -> tuple[WantedFile, ...]:
        """Give what has to be downloaded, in the order in which it is best begun. Raises `UnsafeNameError`."""
        return tuple(self._wanted(part, file, licence) for file in self._files for part in file.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """What its files are called here, the one to load first. Raises `UnsafeNameError`."""
        return tuple(_name(part, file) for file in self._files for part in file.parts)

    @property
    def _files(self) -> tuple[RepositoryFile, ...]:
        return (self.file, self.projector) if self.projector else (self.file,)

    def _wanted(self, part: FilePart, file: RepositoryFile, licence: Licence) -> WantedFile:
        remote = RemotePath(self.repository.id, self.repository.commit, part.path)
        name, model = _name(part, file), _name(self.file.parts[0], self.file)
        return WantedFile(remote, name, file.name, part.size_bytes, part.sha256, licence.id, model)


def read_terms(offer: Offer, book: LicenceBook, read_text: ReadText | None = None) -> Terms:
    """Find out under what `offer` comes. `read_text` reads the repository's own licence where we keep no text of it.

    Raises `NetworkError`; a text that the hub does not give is left out.
    """
    repository = offer.repository
    names = (stated_name(stated.id, stated.name) for stated in (repository.licence, repository.card_licence))
    licences = book.compare(*names, offer.header_licence)
    known = "\n\n".join(text for licence in licences.licences if (text := book.full_text(licence)))
    if known or read_text is None:
        return Terms(repository.id, licences, known)
    for part in repository.licence_files:
        try:
            text = read_text(RemotePath(repository.id, repository.commit, part.path))
        except HubError:  # the page of the licence is shown in its place
            continue
        if text.strip():
            return Terms(repository.id, licences, text, part.path)
    return Terms(repository.id, licences)


def _name(part: FilePart, file: RepositoryFile) -> str:
    """What a file is called here; the parts of a model keep one name."""
    first = file.parts[0]
    return local_name(part.path, first.sha256 or fingerprint(first.path))
