"""One connection of a download: asks for parts, and writes what comes to its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from app.errors import PaddockError
from app.models.download.answers import Asked, ContentChangedError, Head, Meaning, examine
from app.models.download.clock import Clock
from app.models.download.errors import LinkRefusedError, TryAgainError, WrongAnswerError
from app.models.download.job import Job
from app.models.download.patience import Patience
from app.models.download.pieces import Claim
from app.network.errors import NetworkError

if TYPE_CHECKING:
    import httpx2

STALL_S: Final = 60.0
"""So long hardly anything comes before the connection is given up."""
_LEAST_BYTES: Final = 64 * 1024
_LARGEST_STEP_BYTES: Final = 1024 * 1024
_SMALLEST_STEP_BYTES: Final = 1024
_STEPS: Final = 32768
"""Each connection holds less than this share of a file in memory: what a kill makes it fetch twice."""


class RangeIgnoredError(Exception):
    """The server gives the file only whole, and some of it is here already."""


class BrokenOffError(Exception):
    """A file that comes only whole did not come whole."""

    def __init__(self, error: PaddockError) -> None:
        super().__init__(str(error))
        self.error = error


class Connection:
    """Fetches what nobody else fetches, until nothing is left or `job.stop` is set. Runs within `Network.doing`."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._patience = Patience(job.means.clock, job.tell)
        self._may_go_on: Callable[[], bool] = lambda: True
        self._step_bytes = min(_LARGEST_STEP_BYTES, max(_SMALLEST_STEP_BYTES, job.pieces.size_bytes // _STEPS))

    def run(self, may_go_on: Callable[[], bool]) -> None:
        """Go on as long as `may_go_on` and something is left. Raises what another try would not help against."""
        job = self._job
        self._may_go_on = may_go_on
        while may_go_on() and (claim := job.pieces.claim_all() if job.is_whole else job.pieces.claim()):
            seen = job.pieces.received
            try:
                self._fetch_rest(claim, self._came)
                if job.is_whole:
                    _check_whole(claim)
                    return
            except (NetworkError, TryAgainError, LinkRefusedError) as error:
                job.stop.check()  # it may be we who ended the connection
                if job.is_whole and claim.at:
                    raise BrokenOffError(error) from error
                self._recover(error, has_progressed=job.pieces.received - seen >= _LEAST_BYTES)
            finally:
                job.pieces.give_back(claim)

    def fetch(self, claim: Claim, came: Callable[[Claim, int], None], write: Callable[[bytes, int], None]) -> None:
        """Fetch all of `claim` again, whatever happens on the way, and hand it to `write` with its place."""
        while claim.at < claim.end:
            seen = claim.at
            try:
                self._fetch_rest(claim, came, write)
            except (NetworkError, TryAgainError, LinkRefusedError) as error:
                self._job.stop.check()
                self._recover(error, has_progressed=claim.at - seen >= _LEAST_BYTES)

    def _came(self, claim: Claim, size_bytes: int) -> None:
        self._job.notes.have(claim.at, claim.at + size_bytes)
        self._job.pieces.came(claim, size_bytes)

    def _recover(self, error: PaddockError, *, has_progressed: bool) -> None:
        job = self._job
        stale = job.source.file
        self._patience.wait_or_raise(error, has_progressed=has_progressed, stopped=job.stop.event)
        job.stop.check()
        if isinstance(error, LinkRefusedError):
            patience = Patience(job.means.clock, job.tell)
            if not patience.insist(lambda: job.source.renew(stale), job.stop.event):
                raise ContentChangedError

    def _fetch_rest(
        self,
        claim: Claim,
        came: Callable[[Claim, int], None],
        write: Callable[[bytes, int], None] | None = None,
    ) -> None:
        """Send one request for what is left of `claim`, and take its answer."""
        import httpx2  # noqa: PLC0415 - the window is there before anything is sent

        job = self._job
        file = job.source.file
        headers = {**job.means.headers(), "Accept-Encoding": "identity", **self._range_headers(claim)}
        timeout = httpx2.Timeout(job.means.silence_s)
        with job.client.stream("GET", file.url, headers=headers, timeout=timeout) as answer, job.stop.watching(answer):
            head = Head(answer.url.host, answer.status_code, answer.headers)
            asked = Asked(claim.at, claim.end, file.size_bytes, job.notes.known.server_etag)
            meaning = examine(head, asked, job.means.clock.date())
            job.learn_etag(head.etag)
            self._take(meaning, claim)
            keeper = _Keeper(claim, self._step_bytes, came, write or job.part.write)
            keeper.take_all(answer, job, head.host, self._may_go_on)

    def _range_headers(self, claim: Claim) -> dict[str, str]:
        if self._job.is_whole:
            return {}
        etag = self._job.notes.known.server_etag
        condition = {"If-Range": etag} if etag and not etag.startswith("W/") else {}
        return {"Range": f"bytes={claim.at}-{claim.end - 1}", **condition}

    def _take(self, meaning: Meaning, claim: Claim) -> None:
        """Go on with the parts that come; take a file that comes whole as it is if nothing of it is here yet."""
        job = self._job
        if meaning is Meaning.PART:
            job.gives_parts.set()
        elif not job.is_whole:
            if job.gives_parts.is_set() or job.pieces.received or claim.at:
                raise RangeIgnoredError
            job.is_whole = True
            claim.end = job.pieces.claim_all().end


def _check_whole(claim: Claim) -> None:
    if claim.at < claim.end:
        raise BrokenOffError(
            WrongAnswerError(
                "The connection ended before all of the file had come.", next_step="Resume the download later."
            )
        )


class _Keeper:
    """Writes what comes, a step at a time."""

    def __init__(
        self,
        claim: Claim,
        step_bytes: int,
        came: Callable[[Claim, int], None],
        write: Callable[[bytes, int], None],
    ) -> None:
        self._claim = claim
        self._step_bytes = step_bytes
        self._came = came
        self._write = write
        self._held: list[bytes] = []
        self._held_bytes = 0

    def take_all(self, answer: httpx2.Response, job: Job, host: str, may_go_on: Callable[[], bool]) -> None:
        """Take the body of `answer` as long as `may_go_on`; what came stays, however it ends."""
        flow = _Flow(job.means.clock, host)
        began = self._claim.at
        try:
            for content in answer.iter_raw():
                self._take(content, host)
                waited_s = job.means.limit.take(len(content), job.stop.event)
                flow.came(len(content), waited_s)
                job.stop.check()
                if not may_go_on():
                    return
        finally:
            self._flush()
        if self._claim.at == began:
            raise _too_little(host)

    def _take(self, content: bytes, host: str) -> None:
        if self._claim.at + self._held_bytes + len(content) > self._claim.end:
            raise WrongAnswerError(
                "{host} sent more of the file than was asked for.",
                next_step="Try again later. Something between this laptop and the server may have changed the answer.",
                host=host,
            )
        self._held.append(content)
        self._held_bytes += len(content)
        if self._held_bytes >= self._step_bytes:
            self._flush()

    def _flush(self) -> None:
        if self._held_bytes:
            content = b"".join(self._held)
            self._held.clear()
            self._held_bytes = 0
            self._write(content, self._claim.at)
            self._came(self._claim, len(content))


class _Flow:
    """Notices a server that sends so little that it would never end."""

    def __init__(self, clock: Clock, host: str) -> None:
        self._clock = clock
        self._host = host
        self._since = clock.now()
        self._bytes = 0

    def came(self, size_bytes: int, waited_s: float) -> None:
        """Count; what we waited by our own limit is not the server's time."""
        self._bytes += size_bytes
        self._since += waited_s
        if self._bytes >= _LEAST_BYTES:
            self._since, self._bytes = self._clock.now(), 0
        elif self._clock.now() - self._since > STALL_S:
            raise _too_little(self._host)


def _too_little(host: str) -> TryAgainError:
    return TryAgainError(
        "{host} sends nothing, or hardly anything.",
        next_step="What has come is kept. Resume the download later.",
        host=host,
    )
