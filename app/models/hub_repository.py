"""From what the hub says of a repository to what its page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import msgspec

from app.models.hub_search import licence_tag, texts
from app.models.repository import FilePart, Repository, StatedLicence
from app.models.repository_card import ModelCard, stated_licence
from app.models.repository_files import group_files

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo
    from huggingface_hub.hf_api import RepoSibling

CARD: Final = "README.md"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def has_card(info: ModelInfo) -> bool:
    """Whether there is a model card."""
    return any(sibling.rfilename == CARD for sibling in info.siblings or ())


def read_repository(info: ModelInfo, card: ModelCard, *, is_closed: bool) -> Repository:
    """Put together what the hub says and what the card does; `msgspec.ValidationError` for what cannot be."""
    files = group_files(map(_part, info.siblings or ()))
    return msgspec.convert(
        {
            "id": info.id,
            "commit": info.sha,
            "models": files.models,
            "projectors": files.projectors,
            "licence": _licence(info),
            "card_licence": card.licence,
            "licence_files": files.licences,
            "is_gated": bool(info.gated),
            "is_closed": is_closed,
            "description": card.description,
            "languages": texts(_data(info).get("language")) or card.languages,
            "tags": tuple(info.tags or ()),
            "downloads": info.downloads or 0,
            "likes": info.likes or 0,
            "updated_at": info.last_modified,
        },
        Repository,
        from_attributes=True,
    )


def sha256_in(etag: str) -> str:
    """Give the sha256 that the hub's name for a large file's content is; "" for another name."""
    return etag if _SHA256.fullmatch(etag) else ""


class _File(msgspec.Struct):
    """What the hub says of a file, as it has to be."""

    path: str
    size_bytes: Annotated[int, msgspec.Meta(ge=0)]
    sha256: str


def _part(sibling: RepoSibling) -> FilePart:
    size_bytes = (sibling.lfs.size if sibling.lfs else sibling.size) or 0
    sha256 = sha256_in(sibling.lfs.sha256) if sibling.lfs else ""
    told = msgspec.convert({"path": sibling.rfilename, "size_bytes": size_bytes, "sha256": sha256}, _File)
    return FilePart(told.path, told.size_bytes, told.sha256)


def _licence(info: ModelInfo) -> StatedLicence:
    """As the hub has it in its own list, with the name and the link that it took from the card."""
    stated = stated_licence(_data(info))
    tag = licence_tag(info.tags or [])
    return StatedLicence(tag, stated.name, stated.link) if tag else stated


def _data(info: ModelInfo) -> Mapping[str, Any]:
    data = info.card_data.to_dict() if info.card_data else {}
    return cast("Mapping[str, Any]", data)
