"""What the hub's interface for programs says of repositories, with the names it has for things."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from tests.hub_server.exchange import Asked, Reply, json_reply
from tests.hub_server.repositories import HubFile, HubRepository

_LARGEST_PAGE: Final = 1000
_SORTS: Final[Mapping[str, Callable[[HubRepository], Any]]] = {
    "downloads": lambda each: each.downloads,
    "likes": lambda each: each.likes,
    "lastModified": lambda each: each.modified,
    "createdAt": lambda each: each.modified,
}
_OF_LISTS: Final = ("likes", "downloads", "private", "tags", "pipeline_tag", "createdAt")
_OF_DETAILS: Final = (*_OF_LISTS, "author", "sha", "lastModified", "gated", "disabled", "cardData", "gguf", "siblings")


def search(asked: Asked, repositories: Sequence[HubRepository], address: str) -> Reply:
    """Give a page of what was searched for; the next one by a Link header, as GitHub does."""
    found = sorted((each for each in repositories if _is_meant(asked, each)), key=_sort(asked), reverse=True)
    begin = int(base64.b64decode(asked.first("cursor") or b"MA=="))
    end = begin + min(int(asked.first("limit") or _LARGEST_PAGE), _LARGEST_PAGE)
    properties = _properties(asked, _OF_LISTS)
    items = [_described(each, properties, has_sizes=False) for each in found[begin:end]]
    if end >= len(found):
        return json_reply(items)
    cursor = base64.b64encode(str(end).encode()).decode()
    query = urlencode({**asked.query, "cursor": cursor}, doseq=True)
    return json_reply(items, Link=f'<{address}/api/models?{query}>; rel="next"')


def details(asked: Asked, repository: HubRepository) -> Reply:
    """Give what the hub knows of `repository`."""
    has_sizes = asked.first("blobs").lower() in {"true", "1"}
    return json_reply(_described(repository, _properties(asked, _OF_DETAILS), has_sizes=has_sizes))


def _sort(asked: Asked) -> Callable[[HubRepository], Any]:
    return _SORTS.get(asked.first("sort"), _SORTS["downloads"])


def _is_meant(asked: Asked, repository: HubRepository) -> bool:
    tags = {*repository.tags, repository.pipeline_tag}
    wanted = {tag for each in asked.query.get("filter", ()) for tag in each.split(",")}
    words = asked.first("search").lower().split()
    task = asked.first("pipeline_tag")
    return (
        wanted <= tags
        and all(word in repository.id.lower() for word in words)
        and task in {"", repository.pipeline_tag}
        and not repository.is_private
    )


def _properties(asked: Asked, usual: Sequence[str]) -> Sequence[str]:
    return asked.query.get("expand") or usual


def _described(repository: HubRepository, properties: Sequence[str], *, has_sizes: bool) -> dict[str, Any]:
    moment = repository.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    known: dict[str, Any] = {
        "author": repository.id.partition("/")[0],
        "sha": repository.commit,
        "lastModified": moment,
        "createdAt": moment,
        "private": repository.is_private,
        "gated": repository.gated,
        "disabled": repository.is_disabled,
        "downloads": repository.downloads,
        "likes": repository.likes,
        "tags": list(repository.tags),
        "pipeline_tag": repository.pipeline_tag,
        "cardData": repository.card_data,
        "gguf": repository.gguf,
        "siblings": [_sibling(file, has_sizes=has_sizes) for file in repository.files],
    }
    told = {name: known[name] for name in properties if name in known and known[name] is not None}
    return {"_id": "64", "id": repository.id, "modelId": repository.id, **told}


def _sibling(file: HubFile, *, has_sizes: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"rfilename": file.path}
    if has_sizes:
        told |= {"size": file.size_bytes, "blobId": file.git_id}
    if has_sizes and file.is_large:
        told["lfs"] = {"sha256": file.sha256, "size": file.size_bytes, "pointerSize": 134}
    return told
