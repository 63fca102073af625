"""Which proxy a request takes: the one that is set, else what the environment or the system says."""

from __future__ import annotations

import urllib.request
from typing import Final
from urllib.parse import urlsplit

from app.network.errors import ProxyError
from app.settings.addresses import is_this_computer

_KNOWN: Final = ("http", "https")


def proxy_for(scheme: str, host: str, chosen: str | None) -> str | None:
    """Give the address of the proxy to `host`, or None for a straight way; `ProxyError` for a kind we cannot use.

    This computer is never reached through a proxy. `NO_PROXY` and the system's exceptions count where none is set.
    """
    if is_this_computer(host):
        return None
    address = chosen or _of_the_system(scheme, host)
    if address is None:
        return None
    whole = address if "://" in address else f"http://{address}"
    if _scheme(whole) not in _KNOWN:
        raise ProxyError(
            "The proxy of this system, {proxy}, is of a kind that Paddock cannot use.",
            next_step="Set the address of an HTTP proxy in the settings, under Network.",
            proxy=shown_proxy(whole),
        )
    return whole


def shown_proxy(address: str) -> str:
    """Give a proxy's host and port, without the password that its address may hold."""
    return address.rpartition("@")[2].rpartition("://")[2].rstrip("/")


def _of_the_system(scheme: str, host: str) -> str | None:
    if urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(scheme) or proxies.get("all")


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme.lower() if urlsplit(address).hostname and urlsplit(address).port else ""
    except ValueError:
        return ""
