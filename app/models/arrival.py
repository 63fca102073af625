"""What becomes of a model when the last of its files has come: it joins the library."""

from __future__ import annotations

from collections.abc import Sequence

from app.models.download.download import Download
from app.models.installed import InstalledModel
from app.models.library import ModelLibrary


def take_downloaded(library: ModelLibrary, finished: Sequence[Download]) -> InstalledModel:
    """Take into `library` what the `finished` downloads of one model brought, the projector among them.

    Raises what `ModelLibrary.add_downloaded` does.
    """
    paths = {each.wanted.name: each.path for each in finished if each.path is not None}
    model = next(each for each in finished if each.wanted.name == each.wanted.model)
    projector = next((path for name, path in paths.items() if _is_projector(name)), None)
    return library.add_downloaded(
        paths[model.wanted.name],
        repository=model.wanted.remote.repository,
        licence=model.wanted.licence or None,
        sha256=model.sha256 or None,
        commit=model.wanted.remote.commit,
        projector=projector,
    )


def _is_projector(name: str) -> bool:
    return "mmproj" in name.casefold()
