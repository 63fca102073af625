"""A model as the stable surface prints it."""

from __future__ import annotations

from app.cli.printing import Json
from app.models.installed import InstalledModel


def model_json(model: InstalledModel) -> dict[str, Json]:
    """Give what `models list`, `add` and `show` print of a model."""
    return {
        "id": model.id,
        "name": model.name,
        "path": str(model.path),
        "size_bytes": model.size_bytes,
        "architecture": model.architecture,
        "quantization": model.quantization,
        "licence": model.all_licences,
        "source": model.source,
    }
