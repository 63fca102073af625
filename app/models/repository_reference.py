"""What a person means who pastes an address of the hub, or writes `owner/repo`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

HUB_HOSTS: Final = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com"})
_LONGEST: Final = 2048
_NAME: Final = re.compile(r"\w(?:[\w.-]{0,94}\w)?", re.ASCII)
_NO_OWNERS: Final = frozenset({
    "api", "blog", "buckets", "chat", "collections", "datasets", "docs", "enterprise", "inference", "join", "kernels",
    "learn", "login", "models", "new", "notifications", "organizations", "papers", "posts", "pricing", "search",
    "settings", "spaces", "tasks",
})  # fmt: skip
"""First parts of the hub's paths that are no people: what follows them is no repository of models."""
_OF_FILES: Final = frozenset({"blob", "resolve", "raw", "blame"})
_OF_FOLDERS: Final = frozenset({"tree", "commits", "commit"})
_ABOUT_ALL: Final = frozenset({"discussions"})
_REFERENCE_KINDS: Final = frozenset({"pr", "heads", "convert"})
_LONG_REVISION: Final = 3
_SHOWN_FILE: Final = "show_file_info"
_SCHEMES: Final = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class RepositoryReference:
    """A repository on the hub, or something in it.

    `file` is a file's path in the repository or, as a person wrote it after a colon, whatever tells it from the
    others, such as `Q4_K_M`. `revision` is a branch, a tag or a commit; None is the newest of the main branch.
    """

    owner: str
    name: str
    file: str | None = None
    revision: str | None = None

    @property
    def id(self) -> str:
        """`owner/name`, as the hub knows it."""
        return f"{self.owner}/{self.name}"


def parse_reference(text: str, mirrors: Collection[str] = ()) -> RepositoryReference | None:
    """Give what `text` refers to; None if it is no reference to a repository of models.

    Understood are addresses of the hub, of its known mirror and of what `mirrors` name as `HF_ENDPOINT` does (pages,
    and files under `/blob/`, `/resolve/`, `/tree/`), `hf://owner/repo/file`, `owner/repo`, `owner/repo@revision` and
    `owner/repo:file`. Nothing of it is a path that leads out of the repository.
    """
    text = text.strip().strip("<>\"'`").strip()
    if not text or len(text) > _LONGEST or not _is_plain(text):
        return None
    endpoints = _endpoints(mirrors)
    scheme, separator, rest = text.partition("://")
    if not separator and text.partition("/")[0].casefold() in endpoints:  # copied without its beginning
        return _from_address(f"https://{text}", endpoints)
    if not separator:
        return _from_words(text)
    return _from_protocol(rest) if scheme.casefold() == "hf" else _from_address(text, endpoints)


def _endpoints(mirrors: Collection[str]) -> dict[str, list[str]]:
    """Each host that has repositories, and the parts of the path below which it has them."""
    endpoints: dict[str, list[str]] = {host: [] for host in HUB_HOSTS}
    for mirror in mirrors:
        try:
            address = urlsplit(mirror if "://" in mirror else f"https://{mirror}")
            host = address.hostname
        except ValueError:
            continue
        if host:
            endpoints[host] = _parts(address.path)
    return endpoints


def _from_address(text: str, endpoints: Mapping[str, list[str]]) -> RepositoryReference | None:
    try:
        address = urlsplit(text)
        host = address.hostname or ""
    except ValueError:  # brackets that do not match
        return None
    parts = _parts(address.path)
    prefix = endpoints.get(host, [])
    is_ours = address.scheme in _SCHEMES and host in endpoints and "@" not in address.netloc
    if not is_ours or parts[: len(prefix)] != prefix or len(parts) < len(prefix) + 2:
        return None
    owner, name, *rest = map(unquote, parts[len(prefix) :])
    if not rest:
        name, _, file = name.partition(":")
        return _reference(owner, name, file or _shown_file(address), None)
    return _from_view(owner, name, rest[0], rest[1:])


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _from_view(owner: str, name: str, view: str, rest: list[str]) -> RepositoryReference | None:
    """What a page below that of a repository shows."""
    if view in _ABOUT_ALL:
        return _reference(owner, name, None, None)
    if view not in _OF_FILES | _OF_FOLDERS or not rest:
        return None
    is_long = rest[0] == "refs" and rest[1:2] and rest[1] in _REFERENCE_KINDS  # refs/pr/1 is one revision
    length = _LONG_REVISION if is_long else 1
    revision, path = "/".join(rest[:length]), "/".join(rest[length:])
    if view in _OF_FOLDERS:
        return _reference(owner, name, None, revision)
    return _reference(owner, name, path, revision) if path else None


def _shown_file(address: SplitResult) -> str | None:
    """The file whose details the hub's page has open."""
    try:
        return next(iter(parse_qs(address.query, max_num_fields=50).get(_SHOWN_FILE, ())), None)
    except ValueError:
        return None


def _from_protocol(text: str) -> RepositoryReference | None:
    """`owner/repo[@revision][/file]`, as programs of the hub write it."""
    owner, _, rest = text.partition("/")
    name, _, file = rest.rstrip("/").partition("/")
    name, _, revision = name.partition("@")
    return _reference(owner, name, file or None, unquote(revision) or None)


def _from_words(text: str) -> RepositoryReference | None:
    """`owner/repo[@revision][:file]`. What ends like a model file is a path that somebody mistyped."""
    repository, colon, file = text.partition(":")
    repository, at, revision = repository.partition("@")
    owner, _, name = repository.rstrip("/").partition("/")
    if name.casefold().endswith(".gguf") or (colon and not file) or (at and not revision):
        return None
    return _reference(owner, name, file or None, revision or None)


def _reference(owner: str, name: str, file: str | None, revision: str | None) -> RepositoryReference | None:
    """The reference, if all of it can be."""
    is_sound = (
        owner.casefold() not in _NO_OWNERS
        and all(map(_can_be_name, (owner, name)))
        and all(part is None or _can_be_path(part) for part in (file, revision))
    )
    return RepositoryReference(owner, name, file, revision) if is_sound else None


def _can_be_name(name: str) -> bool:
    """Whether the hub would let somebody call an account or a repository so."""
    return bool(_NAME.fullmatch(name)) and "--" not in name and ".." not in name and not name.endswith(".git")


def _can_be_path(path: str) -> bool:
    """Whether it leads to something in the repository, and nowhere else."""
    parts = path.split("/")
    return _is_plain(path) and "\\" not in path and not any(part in {"", ".", ".."} for part in parts)


def _is_plain(text: str) -> bool:
    """Whether every character is one that can be seen."""
    return not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in text)
