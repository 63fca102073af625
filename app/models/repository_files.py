"""From the paths in a repository to the models in it: parts joined, projectors apart, the rest left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.gguf.parts import part_name
from app.models.repository import FilePart, RepositoryFile

_ENDING: Final = ".gguf"
_PROJECTOR: Final = re.compile(r"(?<![a-z0-9])mmproj(?![a-z0-9])", re.IGNORECASE | re.ASCII)
_NO_MODEL: Final = re.compile(r"(?<![a-z0-9])imatrix(?![a-z0-9])", re.IGNORECASE | re.ASCII)
_QUANTIZATION: Final = re.compile(
    r"(?<![A-Z0-9])"
    r"(?:UD-)?(?:I?Q\d(?:_(?:K_(?:XXL|XL|XS|S|M|L)|K|XXS|XS|NL|S|M|L|0|1)(?:_\d){0,3})?|TQ[12]_0|MXFP4(?:_MOE)?|NVFP4"
    r"|BF16|F16|F32|FP16|FP32)"
    r"(?![A-Z0-9])",
    re.IGNORECASE | re.ASCII,
)
_LICENCE: Final = re.compile(r"(?:LICEN[CS]E|NOTICE|COPYING|USE_POLICY|TERMS)[^/]{0,40}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class GroupedFiles:
    """The files of a repository that mean something here, the smallest first."""

    models: tuple[RepositoryFile, ...]
    projectors: tuple[RepositoryFile, ...]
    licences: tuple[FilePart, ...]


def group_files(files: Iterable[FilePart]) -> GroupedFiles:
    """Sort out what lies in a repository."""
    every = sorted(files, key=lambda part: part.path)
    weights = [part for part in every if part.path.lower().endswith(_ENDING) and not _NO_MODEL.search(part.path)]
    joined = _joined(weights)
    return GroupedFiles(
        _by_size(file for file in joined if not _is_projector(file)),
        _by_size(file for file in joined if _is_projector(file)),
        tuple(part for part in every if _LICENCE.fullmatch(part.path)),
    )


def quantization_in(path: str) -> str:
    """Give the quantization that a file's name tells, else that of its folder; "" if neither does."""
    for name in reversed(path.split("/")):
        if found := _QUANTIZATION.findall(name):
            return found[-1].upper().replace("FP16", "F16").replace("FP32", "F32")
    return ""


def without_quantization(name: str) -> str:
    """Give what a file's name tells but for its quantization; "" if that is all."""
    return _QUANTIZATION.sub("", name)


def _joined(parts: Iterable[FilePart]) -> list[RepositoryFile]:
    files: dict[tuple[str, int], list[FilePart]] = {}
    for part in parts:
        files.setdefault(_whole(part.path), []).append(part)
    return [_file(stem, count, tuple(each)) for (stem, count), each in files.items()]


def _whole(path: str) -> tuple[str, int]:
    """The path that all parts of a file have in common, and how many parts there are."""
    part = part_name(path)
    return (path[: -len(_ENDING)], 1) if part is None else (part.stem, part.count)


def _file(stem: str, count: int, parts: tuple[FilePart, ...]) -> RepositoryFile:
    return RepositoryFile(stem.rpartition("/")[2], parts, quantization_in(stem), count)


def _is_projector(file: RepositoryFile) -> bool:
    return bool(_PROJECTOR.search(file.name))


def _by_size(files: Iterable[RepositoryFile]) -> tuple[RepositoryFile, ...]:
    return tuple(sorted(files, key=lambda file: (file.size_bytes, file.name)))
