"""Whether the files of a model are what they should be: read whole, and compared by sha256."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.given_text import shown_name
from app.models.hashes import FileHashes, ReportFraction
from app.models.model_files import ModelFile
from app.private_file import PrivateFileError
from app.translation import tr


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. `ok` is None where there was nothing to compare with.

    `sha256` and `expected` are those of `path`: the file that is wrong, else the one to load. `is_publishers`:
    what is expected was said by who published it, not seen here before.
    """

    ok: bool | None
    path: Path
    sha256: str
    expected: str | None
    is_publishers: bool = False

    @property
    def sentence(self) -> str:
        """What the user reads of it."""
        name = shown_name(self.path)
        if self.ok is None:
            return tr(
                "There is nothing to compare {name} with. Its checksum is remembered, so that later changes show.",
                name=name,
            )
        if self.ok:
            return (
                tr("{name} is what its publisher offers.", name=name)
                if self.is_publishers
                else tr("{name} is as it was when it was first verified here.", name=name)
            )
        return (
            tr("{name} is not what its publisher offers: the checksum differs.", name=name)
            if self.is_publishers
            else tr("{name} is not what it was when it was first verified here: the checksum differs.", name=name)
        )


def verify_files(
    files: Sequence[ModelFile],
    hashes: FileHashes,
    report: ReportFraction | None,
    forgotten: Callable[[PrivateFileError], None],
) -> tuple[Verification, tuple[ModelFile, ...]]:
    """Read `files` whole; give what came of it, and what is to be noted of them now.

    `report` hears fractions from 0 to 1; whatever it raises ends the reading. `forgotten` hears why a hash could not be
    remembered. Raises `HashError`.
    """
    total = max(1, sum(file.size_bytes for file in files))
    done, read = 0, list[tuple[ModelFile, str]]()
    for file in files:
        step = None if report is None else _step(report, done / total, file.size_bytes / total)
        read.append((file, hashes.read_again(file.path, step, forgotten)))
        done += file.size_bytes
    return _verdict(read), tuple(_noted(file, digest) for file, digest in read)


def accepted(file: ModelFile) -> ModelFile:
    """Take the file as it is now for what it should be. Raises `OSError`."""
    return replace(file.as_it_is(), seen_sha256=None, is_wrong=False)


def _noted(file: ModelFile, digest: str) -> ModelFile:
    """What stays of one reading. A wrong file keeps what it should be; another one is the one to compare with now."""
    if file.expected is not None and file.expected != digest:
        return replace(file, is_wrong=True)
    return replace(file.as_it_is(), seen_sha256=digest, is_wrong=False)


def _verdict(read: Sequence[tuple[ModelFile, str]]) -> Verification:
    wrong = next((each for each in read if each[0].expected not in (None, each[1])), None)
    unknown = next((each for each in read if each[0].expected is None), None)
    file, digest = wrong or unknown or read[0]
    ok = False if wrong else None if unknown else True
    return Verification(ok, file.path, digest, file.expected, is_publishers=file.sha256 is not None)


def _step(report: ReportFraction, begin: float, share: float) -> ReportFraction:
    """Make of one file's fraction that of all files."""
    return lambda fraction: report(min(1.0, begin + share * fraction))
