"""An answer as it comes: counted, stopped when the user goes offline, and written to the ledger at its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import httpx2
from typing_extensions import override

from app.network.errors import NetworkError, UnreadableAnswerError, WentOfflineError
from app.network.failures import failure
from app.network.gate import Gate
from app.network.ledger import CANCELLED, COMPLETE, Ledger
from app.network.purpose import Purpose, PurposeKind

_LARGEST_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""Of everything but downloads, whose size their reader knows."""


class AnswerBody(httpx2.SyncByteStream):
    """The body of the answer to `request`. Its entry in the ledger begins with it and ends when it is closed."""

    def __init__(self, gate: Gate, ledger: Ledger, purpose: Purpose, host: str, request: httpx2.Request) -> None:
        self.host = host
        self._gate = gate
        self._ledger = ledger
        self._largest = None if purpose.kind is PurposeKind.DOWNLOAD else _LARGEST_ANSWER_BYTES
        self._has_body = request.method != "HEAD"
        self._request = request
        self._sent = 0
        self._received = 0
        self._status = 0
        self._expected: int | None = None
        self._stream: httpx2.SyncByteStream | None = None
        self._result: str | None = None
        self._is_finished = False
        self._entry = ledger.begin(purpose, host)

    def heed(self, step: str, _about: object) -> None:
        """Hear of a step of the HTTP library: from the first word on, the request counts as sent."""
        if step.endswith("send_request_headers.started"):
            self._sent = _size(self._request)

    def take(self, answer: httpx2.Response) -> None:
        """Go on with the headers of the answer, and the body behind them."""
        length = answer.headers.get("Content-Length", "") if self._has_body else "0"
        self._stream = answer.stream if isinstance(answer.stream, httpx2.SyncByteStream) else None
        self._status = answer.status_code
        self._expected = int(length) if length.isdecimal() else None

    @override
    def __iter__(self) -> Iterator[bytes]:
        try:
            for part in self._stream or ():
                self._received += len(part)
                self._check()
                yield part
        except NetworkError as error:
            self._result = error.result
            raise
        except httpx2.TransportError as error:
            told = failure(error, self.host)
            self._result = told.result
            raise told from error
        self._expected = self._received

    @override
    def close(self) -> None:
        try:
            if self._stream:
                self._stream.close()
        finally:
            self.finish(self._result or self._end())

    def finish(self, result: str) -> None:
        """Write the end to the ledger, once."""
        if not self._is_finished:
            self._is_finished = True
            self._ledger.finish(self._entry, received=self._received, sent=self._sent, result=result)

    def _check(self) -> None:
        if self._gate.is_offline:
            raise WentOfflineError(
                "Paddock went offline, as you have set it, in the middle of an answer from {host}.",
                next_step="Let it connect in the settings, under Network.",
                host=self.host,
            )
        if self._largest is not None and self._received > self._largest:
            raise UnreadableAnswerError(
                "{host} sent far more than was asked for.", next_step="Try again later.", host=self.host
            )

    def _end(self) -> str:
        if self._status >= httpx2.codes.BAD_REQUEST:
            return f"failed: {self._status}"
        return COMPLETE if self._received == self._expected else CANCELLED


def _size(request: httpx2.Request) -> int:
    """The bytes of a request: its line, its headers, its body."""
    length = request.headers.get("Content-Length", "0")
    line = len(request.method) + len(request.url.raw_path) + len("  HTTP/1.1\r\n")
    headers = sum(len(name) + len(value) + len(": \r\n") for name, value in request.headers.raw)
    return line + headers + len("\r\n") + (int(length) if length.isdecimal() else 0)
