"""Questions to the hub through our door: with the token for its host, by its own library, told in plain words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.models.hub_patience import insist, never, stopped_by
from app.models.hub_refusals import RefusedAnswerError, Subject, explained
from app.models.remote_file import ByteRange, RemotePath, is_part, read_part
from app.network.errors import UnreadableAnswerError
from app.network.network import Network
from app.network.purpose import Purpose

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub import HfApi, HfFileMetadata, ModelInfo

_NO_SUCH_RANGE: Final = 416
_FIRST_BYTE: Final = ByteRange(0, 1)


class HubConnection:
    """Connections to the hub at `endpoint()`. Any thread may ask; each errand stands in a block of `asking`."""

    def __init__(self, network: Network, token: Callable[[], str | None], endpoint: Callable[[], str]) -> None:
        self.token = token
        self.endpoint = endpoint
        self._network = network
        self._lock = threading.Lock()
        self._open_client: httpx2.Client | None = None

    @property
    def is_offline(self) -> bool:
        """Whether the user wants nothing to be asked."""
        return self._network.gate.is_offline

    @contextmanager
    def asking(self, purpose: Purpose, subject: Subject, is_stopped: Callable[[], bool] = never) -> Generator[None]:
        """Make what is asked within the block belong to `purpose`; raise `HubError` for what is refused.

        A hub that is busy is asked again a little later, unless `is_stopped` says that nobody wants to know any more.
        """
        from app.models.hub_library import speaking  # noqa: PLC0415 - only who asks the hub needs its library

        try:
            with self._network.doing(purpose), speaking(self._client()), stopped_by(is_stopped):
                yield
        except RefusedAnswerError as refused:
            raise explained(refused.answer, subject) from refused

    def close(self) -> None:
        """Close the connections; who asks again gets new ones."""
        with self._lock:
            client, self._open_client = self._open_client, None
        if client:
            client.close()

    def page(self, parameters: Mapping[str, Any]) -> tuple[bytes, str]:
        """Give the hub's list of models, as it came, and the address of the next page, "" for none.

        The library's own list follows a link wherever it leads, and sleeps for a minute when the hub has trouble.
        """
        address = f"{self.endpoint()}/api/models"
        answer = insist(lambda: self._client().get(address, params=parameters, headers=self._headers()))
        return answer.content, answer.links.get("next", {}).get("url", "")

    def about(self, repository: str, revision: str | None) -> ModelInfo:
        """Give what the hub knows of a repository, with the sizes and hashes of its files."""
        with _read_by_library(repository):
            library = self._library(self.token())
            return insist(lambda: library.model_info(repository, revision=revision, files_metadata=True))

    def metadata(self, file: RemotePath) -> HfFileMetadata:
        """Give what the hub says of a file without giving it."""
        from app.models.hub_library import load_library  # noqa: PLC0415 - as above

        with _read_by_library(file.path):
            return load_library().get_hf_file_metadata(
                self.url(file), token=self.token() or False, endpoint=self.endpoint()
            )

    def account(self, token: str) -> str:
        """Give the name of the account that `token` belongs to."""
        with _read_by_library("whoami"):
            return msgspec.convert(self._library(token).whoami(), _Account).name  # pyright: ignore[reportUnknownMemberType] - the library's dict

    def url(self, file: RemotePath) -> str:
        """Give the address under which the hub has a file."""
        from app.models.hub_library import load_library  # noqa: PLC0415 - as above

        address: str = load_library().hf_hub_url(
            file.repository, file.path, revision=file.commit, endpoint=self.endpoint()
        )
        return address

    def read(self, file: RemotePath, wanted: ByteRange) -> bytes:
        """Give a part of a file, less of it or nothing where the file ends before."""
        try:
            return insist(lambda: self._read_once(file, wanted))
        except RefusedAnswerError as refused:
            if refused.answer.status == _NO_SUCH_RANGE:
                return b""
            raise

    def _read_once(self, file: RemotePath, wanted: ByteRange) -> bytes:
        with self._client().stream("GET", self.url(file), headers={**self._headers(), **wanted.headers}) as answer:
            return read_part(answer, wanted)

    def gives_parts(self, file: RemotePath) -> bool:
        """Whether whoever delivers a file, which may be another host, gives parts of it."""
        headers = {**self._headers(), **_FIRST_BYTE.headers}
        with self._client().stream("GET", self.url(file), headers=headers) as answer:
            gives_them = is_part(answer, _FIRST_BYTE)
            if gives_them:
                answer.read()  # one byte: an answer that was read whole stands as complete in the ledger
            return gives_them

    def _client(self) -> httpx2.Client:
        from app.models.hub_library import refuse_bad_status  # noqa: PLC0415 - as above

        with self._lock:
            if self._open_client is None:
                self._open_client = self._network.client()
                self._open_client.event_hooks = {"response": [refuse_bad_status]}
            return self._open_client

    def _headers(self) -> dict[str, str]:
        token = self.token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _library(self, token: str | None) -> HfApi:
        from app.models.hub_library import load_library  # noqa: PLC0415 - as above

        interface: HfApi = load_library().HfApi(endpoint=self.endpoint(), token=token or False)
        return interface


class _Account(msgspec.Struct):
    """Whose token it is."""

    name: str


@contextmanager
def _read_by_library(what: str) -> Generator[None]:
    """The library takes what comes for what it ought to be: what it stumbles over is told."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise unreadable(what, error) from error


def unreadable(what: str, error: Exception | None = None) -> UnreadableAnswerError:
    """What came from the hub is no answer to the question."""
    return UnreadableAnswerError(
        "The hub's answer about {what} cannot be read.",
        next_step="Try again later. If a mirror is set under Network, it may not speak as the hub does.",
        details=f"{type(error).__name__}: {error}" if error else "",
        what=what,
    )
