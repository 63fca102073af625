"""The HTTP client behind the gate."""

from __future__ import annotations

import logging
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx2
from typing_extensions import override

from app.network.addresses import shown_host
from app.network.failures import failure
from app.network.transport import CONNECT_S, SILENCE_S, GatedTransport

_USER_AGENT: Final = "Paddock"
_MOST_REDIRECTS: Final = 10

for _name in ("httpx2", "httpcore2"):  # they log whole addresses: words that were searched for, signed links
    logging.getLogger(_name).setLevel(logging.WARNING)


class GatedClient(httpx2.Client):
    """A client that keeps no cookies, follows redirects through the gate, and reads nothing from the environment."""

    def __init__(self, transport: GatedTransport) -> None:
        super().__init__(
            transport=transport,
            headers={"User-Agent": _USER_AGENT},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=httpx2.Timeout(SILENCE_S, connect=CONNECT_S),
            follow_redirects=True,
            max_redirects=_MOST_REDIRECTS,
            trust_env=False,
        )

    @override
    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        try:
            return super().send(request, **options)
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            host = shown_host(request.url.scheme, request.url.raw_host.decode("ascii"), request.url.port)
            raise failure(error, host) from error
