"""Which files of a repository fit on this machine: one header is read from the hub, sizes tell of the other files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.gguf.model_header import ModelHeader
from app.gguf.reading import read_remote_header
from app.models.fit import Fit, Machine, judge
from app.models.geometry import Geometry, geometry_of_header
from app.models.remote_file import RemotePath
from app.models.repository import Repository, RepositoryFile

ReadRange = Callable[[RemotePath, int, int], bytes]


def header_of(repository: Repository, file: RepositoryFile, read_range: ReadRange) -> ModelHeader:
    """Read the header of `file` from the hub, and no more of it than that.

    Raises `ModelHeaderError`, `HubError`, `NetworkError`.
    """
    first = file.parts[0]
    remote = RemotePath(repository.id, repository.commit, first.path)
    return read_remote_header(partial(read_range, remote), first.size_bytes, file.name)


def fits_of(
    repository: Repository, header: ModelHeader, machine: Machine, n_ctx: int | None = None
) -> tuple[tuple[RepositoryFile, Fit], ...]:
    """Judge every whole model of `repository`: they have one geometry, and differ in how large their weights are."""
    judged = ((file, _geometry(header, file)) for file in repository.models if file.is_whole)
    return tuple((file, judge(geometry, machine, n_ctx)) for file, geometry in judged if geometry is not None)


def _geometry(header: ModelHeader, file: RepositoryFile) -> Geometry | None:
    return geometry_of_header(header, file.size_bytes)
