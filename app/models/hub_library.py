"""The hub's own library, made to speak through our door only, and only while one of our calls lasts."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import ModuleType
from typing import Any, Final

import httpx2
from typing_extensions import override

from app.models.hub_refusals import RefusedAnswer, RefusedAnswerError
from app.network.addresses import shown_host

_SETTINGS: Final[Mapping[str, str]] = {
    "HF_HUB_DISABLE_XET": "1",  # a native client that passes no door of ours
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",  # it would take the token of other programs from their file
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_VERBOSITY": "error",  # it writes to standard error by itself
}
"""Read by the library when it is imported, and never again."""
_client: Final[ContextVar[httpx2.Client]] = ContextVar("hub_client")


@cache
def load_library() -> ModuleType:
    """Import the library with our settings, and give it our client. It sends nothing outside of `speaking`."""
    os.environ.update(_SETTINGS)
    import huggingface_hub  # noqa: PLC0415 - 250 ms, and nobody needs it before asking the hub

    huggingface_hub.set_client_factory(_Relay)
    return huggingface_hub


@contextmanager
def speaking(client: httpx2.Client) -> Generator[None]:
    """Have what the library sends on this thread go through `client` while the block lasts."""
    library = load_library()
    if not isinstance(library.get_session(), _Relay):  # another one was given since: it passes no door of ours
        library.set_client_factory(_Relay)
    mark = _client.set(client)
    try:
        yield
    finally:
        _client.reset(mark)


def refuse_bad_status(response: httpx2.Response) -> None:
    """Raise `RefusedAnswerError` for a status that says no, before the library waits a minute and tries again."""
    if response.status_code < httpx2.codes.BAD_REQUEST:
        return
    url, headers = response.request.url, response.headers
    raise RefusedAnswerError(
        RefusedAnswer(
            response.status_code,
            shown_host(url.scheme, url.raw_host.decode("ascii"), url.port),
            headers.get("X-Error-Code", ""),
            headers.get("X-Error-Message", "").strip(),
            headers.get("Retry-After", "").strip(),
            had_token="Authorization" in response.request.headers,
        )
    )


class _Relay(httpx2.Client):
    """The one client that the library has in this process: it hands each request to the client of the present call."""

    def __init__(self) -> None:
        super().__init__(trust_env=False, transport=_NoTransport())

    @override
    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        client = _client.get()  # outside of our calls a mistake in the program, so it is no error for users
        request.headers["User-Agent"] = client.headers["User-Agent"]  # the library tells Python's version in its own
        return client.send(request, **options)


class _NoTransport(httpx2.BaseTransport):
    """The relay's own way out: there is none."""

    @override
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        raise RuntimeError("The hub's library wanted to send something by itself.")
