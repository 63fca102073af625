"""Which licences the user accepted, for which model, and when."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from app.errors import Fault, PaddockError
from app.private_file import DamagedFileError, locked, read_or_set_aside, write_object

_VERSION: Final = 1


class DamagedAcceptancesError(PaddockError):
    """The file of accepted licences held something else; it was set aside."""

    fault = Fault.FILE


class Acceptance(msgspec.Struct, frozen=True):
    """A licence that was accepted: the text is known by its fingerprint, the moment in UTC."""

    licence: str
    model: str
    text_sha256: str
    at: datetime


def fingerprint(text: str) -> str:
    """Give the sha256 of a text as it was shown, whatever its lines end with."""
    return hashlib.sha256("\n".join(text.splitlines()).encode("utf-8", errors="replace")).hexdigest()


class Acceptances:
    """What was accepted, in a file that several processes may share: read anew each time.

    `notice` hears of a damaged file, which was set aside: to be said, not to stop for; the user is asked again.
    """

    def __init__(self, path: Path, notice: Callable[[PaddockError], None]) -> None:
        self._path = path
        self._notice = notice

    def all(self) -> tuple[Acceptance, ...]:
        """Give all of them, the oldest first. Raises `PrivateFileError`."""
        return self._read(is_locked=False)

    def accepted(self, licence: str, model: str, text_sha256: str) -> Acceptance | None:
        """Give when this very text was accepted for this model; another text must be accepted anew."""
        wanted = (licence, model, text_sha256)
        return next((each for each in reversed(self.all()) if _what(each) == wanted), None)

    def accept(self, licence: str, model: str, text_sha256: str, at: datetime) -> Acceptance:
        """Keep that the user accepted a text, in place of an earlier time. Raises `PrivateFileError`."""
        acceptance = Acceptance(licence, model, text_sha256, at.astimezone(UTC))
        with locked(self._path):
            others = [each for each in self._read(is_locked=True) if _what(each) != _what(acceptance)]
            content = [msgspec.to_builtins(each) for each in (*others, acceptance)]
            write_object(self._path, {"version": _VERSION, "acceptances": content})
        return acceptance

    def _read(self, *, is_locked: bool) -> tuple[Acceptance, ...]:
        acceptances, aside = read_or_set_aside(self._path, _acceptances, is_locked=is_locked)
        if aside is not None:
            self._notice(
                DamagedAcceptancesError(
                    "The file of the licences that you accepted was damaged; Paddock asks for them again.",
                    next_step="The damaged file is kept as {name}.",
                    name=aside.name,
                )
            )
        return acceptances


def _what(acceptance: Acceptance) -> tuple[str, str, str]:
    return acceptance.licence, acceptance.model, acceptance.text_sha256


def _acceptances(content: Mapping[str, object]) -> tuple[Acceptance, ...]:
    try:
        return msgspec.convert(content.get("acceptances", []), tuple[Acceptance, ...])
    except msgspec.ValidationError as error:
        raise DamagedFileError("The list of accepted licences is damaged.", details=str(error)) from error
