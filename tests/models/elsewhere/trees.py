"""Writes the folders of other applications as they look on each system: for tests only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from app.models.elsewhere.places import Places, System

WEIGHTS = b"GGUF\x03\0\0\0 hay"
EVERY_SYSTEM = tuple(System)


def places(home: Path, system: System = System.LINUX, **environment: str | Path) -> Places:
    """Give a home on some system; what belongs to the whole machine lies in `machine` beside it."""
    told = {name: str(value) for name, value in environment.items()}
    return Places(system, home, told, root=home.parent / "machine")


def write(path: Path, content: bytes | str = WEIGHTS) -> Path:
    """Write one file, and the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def link(path: Path, target: Path | str) -> Path:
    """Make `path` a link to `target`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def ollama_blob(models: Path, content: bytes = WEIGHTS) -> str:
    """Put a file where Ollama would, and give its sha256."""
    sha256 = hashlib.sha256(content).hexdigest()
    write(models / "blobs" / f"sha256-{sha256}", content)
    return sha256


def ollama_manifest(layers: Mapping[str, str]) -> str:
    """Give a manifest as Ollama writes it, with a digest for each kind of layer."""
    listed = [
        {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{sha256}", "size": 1}
        for kind, sha256 in layers.items()
    ]
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": f"sha256:{'0' * 64}"}
    return json.dumps({"schemaVersion": 2, "config": config, "layers": listed})


def ollama_model(models: Path, name: str = "llama3.2/3b", content: bytes = WEIGHTS) -> Path:
    """Write a model of Ollama's own library, and give its file."""
    sha256 = ollama_blob(models, content)
    manifest = ollama_manifest({"template": "1" * 64, "model": sha256, "license": "2" * 64})
    write(models / "manifests" / "registry.ollama.ai" / "library" / name, manifest)
    return models / "blobs" / f"sha256-{sha256}"


def cached_file(cache: Path, repository: str, name: str, content: bytes = WEIGHTS, commit: str = "c1") -> Path:
    """Put a file into a cache of Hugging Face as it is done today: a link to a file called by its sha256."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    blob = write(folder / "blobs" / hashlib.sha256(content).hexdigest(), content)
    write(folder / "refs" / "main", commit)
    path = folder / "snapshots" / commit / name
    up = "../" * (len(Path(name).parts) + 1)
    return link(path, f"{up}blobs/{blob.name}")
