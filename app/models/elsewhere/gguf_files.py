"""Which files in a folder are one model: its parts, and the projector that lets it see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.gguf.parts import part_name
from app.given_text import whole_characters
from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.search import Search

_PROJECTOR: Final = "mmproj"
_PRECISION: Final = re.compile(
    r"[-._](?:UD-)?(?:I?Q\d\w*|TQ\d\w*|MXFP\d\w*|NVFP\d\w*|B?F16|FP16|F32|FP32)$", re.IGNORECASE
)
_PROJECTOR_WORDS: Final = re.compile(r"[-._]*mmproj(?:[-._]model(?![a-z0-9]))?[-._]*")
_BEST_PROJECTORS: Final = (re.compile(r"(?<!b)f16", re.IGNORECASE), re.compile("bf16|f32", re.IGNORECASE))


def models_of_one_repository(search: Search, files: Sequence[Path], owner: OtherApplication) -> list[FoundModel]:
    """Give the models among `files`, which were published together: a projector among them is for each of them."""
    projectors = [path for path in files if is_projector(path)]
    projector = min(projectors, key=_preference) if projectors else None
    return [found(parts, owner, projector=projector) for parts in _whole_models(search, files)]


def models_of_a_folder(search: Search, files: Sequence[Path], owner: OtherApplication) -> list[FoundModel]:
    """Give the models among `files`, which lie together by chance: a projector is for the model it is named after.

    One that is named after none, such as `mmproj-F16.gguf`, is for the only model there, in whatever quantizations.
    """
    models = _whole_models(search, files)
    only = len({_plain_name(parts[0]) for parts in models}) == 1
    found_models: list[FoundModel] = []
    for parts in models:
        names = (_plain_name(parts[0]), "" if only else None)
        fitting = [path for path in files if is_projector(path) and _plain_name(path) in names]
        found_models.append(found(parts, owner, projector=min(fitting, key=_preference) if fitting else None))
    return found_models


def found(
    parts: Sequence[Path],
    owner: OtherApplication,
    *,
    name: str | None = None,
    sha256: str | None = None,
    projector: Path | None = None,
) -> FoundModel:
    """Give the model that `parts` are; without a name of its own, its file's is it."""
    part = part_name(parts[0].name)
    stem = part.stem if part else parts[0].stem
    size_bytes = sum(map(_size_bytes, parts))
    return FoundModel(parts[0], whole_characters(name or stem), owner, size_bytes, tuple(parts), sha256, projector)


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it went away while it was being found; whoever wants it will be told
        return 0


def is_projector(path: Path) -> bool:
    """Whether the file is called as projectors are."""
    return _PROJECTOR in path.name.casefold()


def _whole_models(search: Search, files: Sequence[Path]) -> list[tuple[Path, ...]]:
    """The files of each model; those of which a part is missing are only counted."""
    models: list[tuple[Path, ...]] = []
    split: dict[tuple[Path, str, int], dict[int, Path]] = {}
    for path in files:
        part = None if is_projector(path) else part_name(path.name)
        if part is not None:
            split.setdefault((path.parent, part.stem, part.count), {})[part.number] = path
        elif not is_projector(path):
            models.append((path,))
    for (_, _, count), parts in split.items():
        if sorted(parts) == list(range(1, count + 1)):
            models.append(tuple(parts[number] for number in sorted(parts)))
        else:
            search.incomplete += 1
    return sorted(models)


def _plain_name(path: Path) -> str:
    """What remains of a name without projector, part and precision: equal for files that belong together."""
    part = part_name(path.name)
    name = _PRECISION.sub("", part.stem if part else path.stem).casefold()
    if not is_projector(path):
        return name
    return _PROJECTOR_WORDS.sub("", name)


def _preference(path: Path) -> tuple[int, str]:
    """Sixteen bits serve every device, and more are never seen."""
    ranks = (rank for rank, pattern in enumerate(_BEST_PROJECTORS) if pattern.search(path.stem))
    return next(ranks, len(_BEST_PROJECTORS)), path.name
