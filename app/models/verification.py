"""Whether the files of a model are what they should be: read whole, and compared by sha256."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
    what is expected was said by who published it, not seen here before. `changed_at`: when the file was written anew,
    which its time alone tells, since nothing is known to compare it with; `was_of` is the time that it had before.
    """

    ok: bool | None
    path: Path
    sha256: str
    expected: str | None
    is_publishers: bool = False
    changed_at: datetime | None = None
    was_of: datetime | None = None

    @property
    def sentence(self) -> str:
        """What the user reads of it."""
        name = shown_name(self.path)
        if self.changed_at is not None:
            return self._change(name, self.changed_at)
        if self.ok is None:
            return tr(
                "There is nothing to compare {name} with. Its checksum is remembered, so that later changes show.",
                name=name,
            )
        if self.ok:
            return (
                tr("{name} is what its publisher offers.", name=name)
                if self.is_publishers
                else tr("{name} is as it was when its checksum was first taken here.", name=name)
            )
        return (
            tr("{name} is not what its publisher offers: the checksum differs.", name=name)
            if self.is_publishers
            else tr(
                "{name} is not what it was when its checksum was first taken here: the checksum differs.", name=name
            )
        )

    def _change(self, name: str, changed_at: datetime) -> str:
        if self.was_of is None:
            return tr(
                "{name} has changed since it was added: it was written on {now}. No checksum of before is known, so "
                "nobody can say whether it is damaged.",
                name=name,
                now=_told(changed_at),
            )
        return tr(
            "{name} has changed: when it was added it was of {before}, now it is of {now}. No checksum of before is "
            "known, so nobody can say whether it is damaged.",
            name=name,
            before=_told(self.was_of),
            now=_told(changed_at),
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
    """What stays of one reading. A wrong file keeps what it should be; another one is the one to compare with now.

    One that has changed, nobody knows how, stays changed: only its user can take it for right.
    """
    if _is_unknown_change(file):
        return file
    if file.expected is not None and file.expected != digest:
        return replace(file, is_wrong=True)
    return replace(file.as_it_is(), seen_sha256=digest, is_wrong=False)


def _verdict(read: Sequence[tuple[ModelFile, str]]) -> Verification:
    wrong = next((each for each in read if each[0].expected not in (None, each[1])), None)
    changed = next((each for each in read if _is_unknown_change(each[0])), None)
    unknown = next((each for each in read if each[0].expected is None), None)
    file, digest = wrong or changed or unknown or read[0]
    ok = False if wrong or changed else None if unknown else True
    verification = Verification(ok, file.path, digest, file.expected, is_publishers=file.sha256 is not None)
    if file.expected is not None or ok is None:
        return verification
    return replace(verification, changed_at=_time(file.as_it_is()), was_of=_time(file))


def _is_unknown_change(file: ModelFile) -> bool:
    return file.expected is None and file.is_changed()


def _time(file: ModelFile) -> datetime | None:
    return None if file.modified_ns is None else datetime.fromtimestamp(file.modified_ns / 1e9, UTC)


def _told(time: datetime) -> str:
    return time.astimezone().strftime("%x %H:%M")


def _step(report: ReportFraction, begin: float, share: float) -> ReportFraction:
    """Make of one file's fraction that of all files."""
    return lambda fraction: report(min(1.0, begin + share * fraction))
