"""Addresses that can be set: of a hub and of a proxy."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from app.settings.registry import SettingError

_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>(?:[\w-]+\.)*[\w-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?(?P<path>/[^\s?#@]*)?",
    re.IGNORECASE | re.ASCII,
)
_LARGEST_PORT: Final = 65535


def check_hub_address(text: str) -> str:
    """Give the address of a hub without a slash at its end, or "" for none; `SettingError` if it is not encrypted."""
    found = _found(text)
    if not text.strip():
        return ""
    if found and (found["scheme"].lower() == "https" or is_this_computer(found["host"].strip("[]"))):
        return text.strip().rstrip("/")
    if found is None and text.strip().lower().startswith(("https://", "http://")):
        raise SettingError(  # a password that is in it is not repeated
            "This cannot be the address of a hub.",
            next_step="It looks like https://mirror.example or https://mirror.example:8443: with no name or password, "
            "with other letters than English ones written as xn--…, and with a port up to 65535.",
        )
    raise SettingError(
        "“{value}” cannot be the address of a hub.",
        next_step="It begins with https://. Only a hub on this computer may do with http://.",
        value=text.strip(),
    )


def check_proxy_address(text: str) -> str:
    """Give the address of a proxy, or "" for none; `SettingError` if it is none, or holds a password."""
    found = _found(text)
    if not text.strip() or (found and found["port"] and found["path"] in {None, "/"}):
        return text.strip()
    if "@" in text:
        raise SettingError(
            "A password is not kept in a settings file.",
            next_step="Leave the field empty, and set the environment variable HTTPS_PROXY before Paddock starts.",
        )
    raise SettingError(
        "“{value}” cannot be the address of a proxy.",
        next_step="It looks like http://proxy.example:3128.",
        value=text.strip(),
    )


def is_this_computer(host: str) -> bool:
    """Whether `host` is a loopback address: what is sent there leaves no computer."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _found(text: str) -> re.Match[str] | None:
    found = _ADDRESS.fullmatch(text.strip())
    return found if found and 0 < int(found["port"] or 1) <= _LARGEST_PORT else None
