"""Ollama's models: notes called as the model is, and files called as their sha256 is.

`<models>/manifests/<host>/<namespace>/<model>/<tag>` is a JSON manifest whose layers name files by digest; the file
of the digest `sha256:ab…` is `<models>/blobs/sha256-ab…`. Versions of 2026 have `manifests-v2` too, whose entries can
be links into `blobs`, and lists of manifests. The folder is `$OLLAMA_MODELS`, else `~/.ollama/models`; as a service
of Linux it is below `/usr/share/ollama`, or where the service's settings say, as a snap below `/var/snap`.
Source: `envconfig/config.go`, `manifest/` and `types/model/name.go` of ollama/ollama.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.gguf_files import found
from app.models.elsewhere.notes import objects, parse_object
from app.models.elsewhere.places import Places, System
from app.models.elsewhere.search import Search

_MANIFESTS: Final = ("manifests-v2", "manifests")
_MODEL: Final = "application/vnd.ollama.image.model"
_PROJECTOR: Final = "application/vnd.ollama.image.projector"
_DIGEST: Final = re.compile(r"sha256[:-](?P<sha256>[0-9a-fA-F]{64})")
_OWN_HOSTS: Final = {"registry.ollama.ai", "ollama.com"}
_OWN_NAMESPACE: Final = "library"
_SERVICE: Final = Path("etc/systemd/system")
_SERVICE_SETTING: Final = re.compile(r"OLLAMA_MODELS=([^\"'\n]+)")


def find(places: Places, search: Search) -> Iterator[FoundModel]:
    """Give Ollama's models."""
    for folder in folders(places, search):
        names: set[str] = set()
        for manifests in _MANIFESTS:
            for path in _manifests(search, folder / manifests):
                name = _name(path.relative_to(folder / manifests))
                model = None if name in names else _model(search, folder, path, name)
                if model is not None:
                    names.add(name)
                    yield model


def folders(places: Places, search: Search) -> list[Path]:
    """Give the folders that can hold its models."""
    chosen = [places.variable("OLLAMA_MODELS"), places.home / ".ollama" / "models"]
    home = places.variable("OLLAMA_HOME")
    chosen += [home / "models"] if home else []
    if places.system is System.LINUX:
        chosen += _folders_of_services(places, search)
    return [path for path in chosen if path is not None]


def _folders_of_services(places: Places, search: Search) -> list[Path | None]:
    """Where a service has them: what its settings say, and where it has them by itself."""
    units = places.root / _SERVICE
    settings = [units / "ollama.service"]
    settings += [Path(entry.path) for entry in search.listed(units / "ollama.service.d")]
    texts = [search.read_text(path, units) or "" for path in settings]
    said: list[Path | None] = [places.path(value) for text in texts for value in _SERVICE_SETTING.findall(text)]
    usual = ("usr/share/ollama/.ollama/models", "var/lib/ollama/.ollama/models", "var/snap/ollama/common/models")
    return [*said, *(places.root / path for path in usual)]


def _manifests(search: Search, folder: Path) -> Iterator[Path]:
    """Each manifest: it lies four folders deep, and nothing else does."""
    for host in search.folders_in(folder):
        for namespace in search.folders_in(host):
            for model in search.folders_in(namespace):
                yield from (Path(entry.path) for entry in search.listed(model) if not entry.name.startswith("."))


def _name(path: Path) -> str:
    """What Ollama shows for the manifest of this path: as short as it is still clear."""
    host, namespace, model, tag = path.parts
    if host.casefold() not in _OWN_HOSTS:
        return f"{host}/{namespace}/{model}:{tag}"
    return f"{model}:{tag}" if namespace == _OWN_NAMESPACE else f"{namespace}/{model}:{tag}"


def _model(search: Search, folder: Path, path: Path, name: str) -> FoundModel | None:
    """The model of a manifest; None if it has no file that can be read here, as those for other engines have none."""
    digests = _digests(search, folder, parse_object(search, path, folder))
    if _MODEL not in digests:
        return None
    file = _blob(folder, digests[_MODEL])
    if not search.is_noted_gguf(file, folder):
        return None
    projector = _blob(folder, digests[_PROJECTOR]) if _PROJECTOR in digests else None
    sees = projector is not None and search.is_noted_gguf(projector, folder)
    return found(
        [file], OtherApplication.OLLAMA, name=name, sha256=digests[_MODEL], projector=projector if sees else None
    )


def _digests(search: Search, folder: Path, manifest: Mapping[str, object]) -> dict[str, str]:
    """The sha256 of each kind of layer; the first of a kind. Of a list, the first manifest that has a model."""
    for reference in objects(manifest.get("manifests")):
        sha256 = _sha256(search, reference)
        digests = _layers(search, parse_object(search, _blob(folder, sha256), folder)) if sha256 else {}
        if _MODEL in digests:
            return digests
    return _layers(search, manifest)


def _layers(search: Search, manifest: Mapping[str, object]) -> dict[str, str]:
    digests: dict[str, str] = {}
    for layer in objects(manifest.get("layers")):
        kind = layer.get("mediaType")
        if isinstance(kind, str) and kind in {_MODEL, _PROJECTOR}:
            sha256 = _sha256(search, layer)
            if sha256:
                digests.setdefault(kind, sha256)
    return digests


def _sha256(search: Search, layer: Mapping[str, object]) -> str | None:
    """The digits of a layer's digest. Anything but digits could be a path out of the folder."""
    match = _DIGEST.fullmatch(str(layer.get("digest")))
    if match is None:
        search.damaged += 1
        return None
    return match["sha256"].lower()


def _blob(folder: Path, sha256: str) -> Path:
    return folder / "blobs" / f"sha256-{sha256}"
