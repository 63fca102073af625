"""What a test may connect to: no other machine; a test of the window nothing but a hub that it opened itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, cast

_opened: Final[list[int]] = []
"""The ports of servers that a test runs for whatever it tests."""
_windows: Final[list[str]] = []
"""The tests of the window that are running: one, or none."""


@contextmanager
def reachable(*ports: int) -> Generator[None]:
    """Let everybody connect to a server of the test's own."""
    _opened.extend(ports)
    try:
        yield
    finally:
        for port in ports:
            _opened.remove(port)


@contextmanager
def denied(test: str) -> Generator[None]:
    """Let nobody connect to anything else, not even on this computer."""
    _windows.append(test)
    try:
        yield
    finally:
        _windows.remove(test)


def refuse_connections(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse what may not be, before anything is sent: an audit hook."""
    if event == "socket.getaddrinfo" and _windows:
        _check(str(arguments[0]), cast("int", arguments[1] or 0))
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host, port, *_ = cast("tuple[object, ...]", arguments[1])
        _check(str(host), cast("int", port))


def _check(host: str, port: int) -> None:
    if not _is_loopback(host) or (_windows and port not in _opened):
        raise ConnectionRefusedError(f"A test tried to reach {host}, port {port}.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
