"""What the header of a file on the hub tells: fetched once for what it weighs, kept, and good for its neighbours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.gguf.reading import read_header
from app.models.geometry import geometry_of_header
from app.models.header_facts import facts_of
from app.models.hub import Hub
from app.models.repository import FilePart, Repository, RepositoryFile
from app.models.repository_fit import HeaderLook, file_to_look_into, geometries_of, look_into
from app.models.starter import FILE_NAME, find_starter
from app.network.gate import NetworkPolicy
from tests.models.hub_home import HubHome

COMMITS = ("c" * 40, "d" * 40)


def quantizations(hub_home: HubHome, commit: str = COMMITS[0]) -> Repository:
    """A repository whose smallest file is the starter's; the others are only sizes."""
    (published,) = hub_home.server.repositories.values()
    hub_home.server.publish(replace(published, commit=commit))
    sizes = {FILE_NAME: published.files[-1].size_bytes, "Q5.gguf": 112_000_000, "F16.gguf": 270_000_000}
    parts = [FilePart(path, size_bytes) for path, size_bytes in sizes.items()]
    unfinished = RepositoryFile("large", (FilePart("large-00001-of-00002.gguf", 10**9),), part_count=2)
    models = tuple(RepositoryFile(part.path, (part,)) for part in parts)
    return Repository(published.id, commit, models=(*models, unfinished))


def look(hub: Hub, repository: Repository) -> HeaderLook:
    """Look into the file that stands for all."""
    file = file_to_look_into(repository)
    assert file is not None
    return look_into(hub, repository, file)


def sent_bytes(hub_home: HubHome) -> int:
    """How much of the file was sent."""
    hub_home.server.log.wait_until_quiet()
    return hub_home.server.log.sent_bytes(FILE_NAME)


def test_a_look_costs_hardly_more_than_the_header(hub_home: HubHome) -> None:
    """And tells what the file itself does."""
    starter = find_starter()
    assert starter is not None
    header = read_header(starter.path)
    repository = quantizations(hub_home)
    found = look(hub_home.hub, repository)
    assert found == HeaderLook(facts_of(header), geometry_of_header(header, repository.models[0].size_bytes))
    assert sent_bytes(hub_home) <= 1.1 * header.data_offset


def test_what_was_looked_at_is_not_asked_for_again(hub_home: HubHome) -> None:
    """Not by another run of the program either, and not offline: the commit pins what is in a file."""
    repository = quantizations(hub_home)
    found = look(hub_home.hub, repository)
    requests = len(hub_home.server.log.requests)
    hub_home.network.policy = NetworkPolicy.OFFLINE
    another_run = Hub(hub_home.network.network, lambda: None, lambda: hub_home.endpoint, hub_home.cache)
    assert look(another_run, repository) == found
    assert len(hub_home.server.log.requests) == requests


def test_another_commit_is_looked_at_anew(hub_home: HubHome) -> None:
    """Its file may have the same name and be another one."""
    for number, commit in enumerate(COMMITS, start=1):
        repository = quantizations(hub_home, commit)
        hub_home.server.log.clear()
        assert look(hub_home.hub, repository).facts.architecture == "llama"
        assert sent_bytes(hub_home) > 0
        assert len(list(hub_home.cache.folder.glob("*.json"))) == number


@pytest.mark.parametrize("damage", [b"", b"{", b'{"format": 1, "question": "", "at": 0, "answer": {}}'])
def test_a_damaged_cache_costs_one_more_look(hub_home: HubHome, damage: bytes) -> None:
    """What stands there is not believed."""
    repository = quantizations(hub_home)
    found = look(hub_home.hub, repository)
    (kept,) = hub_home.cache.folder.glob("*.json")
    kept.write_bytes(damage)
    assert look(hub_home.hub, repository) == found
    assert kept.read_bytes() != damage


def test_one_look_tells_of_all_files_that_are_whole(hub_home: HubHome) -> None:
    """As if each had been read with the same header, but for the last bit."""
    starter = find_starter()
    assert starter is not None
    header = read_header(starter.path)
    repository = quantizations(hub_home)
    found = geometries_of(repository, look(hub_home.hub, repository))
    assert [file.name for file, _ in found] == [FILE_NAME, "Q5.gguf", "F16.gguf"]
    for file, geometry in found:
        assert geometry == geometry_of_header(header, file.size_bytes)
    assert geometries_of(repository, HeaderLook(facts_of(header), None)) == ()
