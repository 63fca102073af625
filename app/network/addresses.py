"""Hosts as the gate, the ledger and the user see them, and which addresses are safe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from app.settings.addresses import check_hub_address

HUB: Final = "https://huggingface.co"
HUB_VARIABLE: Final = "HF_ENDPOINT"
_HUB_HOST: Final = "huggingface.co"
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


def hub_address(chosen: str, environment: Mapping[str, str] = os.environ) -> str:
    """Give the address of the hub, without a slash at its end: `HF_ENDPOINT`, else the setting, else the hub's own.

    Raises `SettingError` for an address that is not encrypted.
    """
    return check_hub_address(environment.get(HUB_VARIABLE, "")) or check_hub_address(chosen) or HUB


def shown_host(scheme: str, host: str, port: int | None) -> str:
    """Give `host`, with its port where that is not the usual one.

    International names stay as they are encoded: two that look alike can be told apart.
    """
    name = f"[{host}]" if ":" in host else host
    return name if port is None or port == _PORTS.get(scheme) else f"{name}:{port}"


def granted_host(host: str) -> str:
    """Give the host whose grant counts for `host`: the hub's own for those that deliver its files."""
    return _HUB_HOST if host == "hf.co" or host.endswith(".hf.co") or _is_delivery_host(host) else host


def _is_delivery_host(host: str) -> bool:
    label, _, rest = host.partition(".")
    return rest == _HUB_HOST and (label == "cdn-lfs" or label.startswith("cdn-lfs-"))
