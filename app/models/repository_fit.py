"""Which files of a repository fit on this machine: one header is read from the hub, sizes tell of the other files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.gguf.reading import read_remote_header
from app.models.fit import Fit, Machine, judge
from app.models.geometry import Geometry, geometry_of_header
from app.models.header_facts import HeaderFacts, facts_of
from app.models.hub import Hub, never
from app.models.remote_file import RemotePath
from app.models.repository import Repository, RepositoryFile


@dataclass(frozen=True, slots=True)
class HeaderLook:
    """What the header of a file on the hub tells, in few words that can be kept. `geometry` is None if too little."""

    facts: HeaderFacts
    geometry: Geometry | None


def file_to_look_into(repository: Repository) -> RepositoryFile | None:
    """Give the file whose header is read for all of them, the smallest that is whole; None where none is."""
    return next((file for file in repository.models if file.is_whole), None)


def look_into(
    hub: Hub, repository: Repository, file: RepositoryFile, is_stopped: Callable[[], bool] = never
) -> HeaderLook:
    """Read the header of `file` from the hub, and no more of it than that; what was read before is not asked for again.

    Raises `ModelHeaderError`, `HubError`, `NetworkError`.
    """
    first = file.parts[0]
    remote = RemotePath(repository.id, repository.commit, first.path)

    def read() -> HeaderLook:
        read_range = partial(hub.read_range, remote, is_stopped=is_stopped)
        header = read_remote_header(read_range, first.size_bytes, file.name)
        return HeaderLook(facts_of(header), geometry_of_header(header, file.size_bytes))

    return hub.learnt(remote, HeaderLook, read)


def geometries_of(repository: Repository, look: HeaderLook) -> tuple[tuple[RepositoryFile, Geometry], ...]:
    """Give what every whole model of `repository` is like: they differ in how large their weights are.

    None of them where the header did not tell enough.
    """
    if look.geometry is None:
        return ()
    return tuple((file, look.geometry.of_size(file.size_bytes)) for file in repository.models if file.is_whole)


def fits_of(
    repository: Repository, look: HeaderLook, machine: Machine, n_ctx: int | None = None
) -> tuple[tuple[RepositoryFile, Fit], ...]:
    """Judge every whole model of `repository`."""
    return tuple((file, judge(geometry, machine, n_ctx)) for file, geometry in geometries_of(repository, look))
