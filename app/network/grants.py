"""What the user has allowed for good: which host, for which kind of purpose."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import cast

from app.network.purpose import PurposeKind
from app.private_file import DamagedFileError, locked, read_or_set_aside, write_object

_log = logging.getLogger(__name__)


class Grants:
    """The grants in the file `path`; read anew each time, because a command may run beside the window."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hosts(self, kind: PurposeKind) -> tuple[str, ...]:
        """Give the hosts that are allowed for `kind`, the oldest grant first."""
        return self._read(is_locked=False).get(kind, ())

    def is_granted(self, kind: PurposeKind, host: str) -> bool:
        """Whether the user allowed `host` for `kind`."""
        return host in self.hosts(kind)

    def grant(self, kind: PurposeKind, host: str) -> None:
        """Allow `host` for `kind` from now on; `PrivateFileError` if that could not be saved."""
        with locked(self._path):
            grants = self._read(is_locked=True)
            hosts = grants.get(kind, ())
            if host not in hosts:
                write_object(self._path, {**grants, kind: (*hosts, host)})

    def revoke(self, kind: PurposeKind, host: str) -> None:
        """Ask again before the next connection; raises as `grant`."""
        with locked(self._path):
            grants = self._read(is_locked=True)
            write_object(self._path, {**grants, kind: [known for known in grants.get(kind, ()) if known != host]})

    def _read(self, *, is_locked: bool) -> dict[str, tuple[str, ...]]:
        grants, aside = read_or_set_aside(self._path, _parse, is_locked=is_locked)
        if aside is not None:
            _log.warning("The grants were damaged, so each host is asked about again. Kept as %s", aside.name)
        return grants


def _parse(content: dict[str, object]) -> dict[str, tuple[str, ...]]:
    """Take all kinds of purposes, those that only a later Paddock knows too."""
    return {kind: _hosts(hosts) for kind, hosts in content.items()}


def _hosts(hosts: object) -> tuple[str, ...]:
    listed = cast("list[object]", hosts) if isinstance(hosts, list) else [None]
    names = tuple(host for host in listed if isinstance(host, str))
    if len(names) != len(listed):
        raise DamagedFileError("The grants are damaged.")
    return names
