"""A hub on this computer that speaks the protocol of the real one, over real sockets, with faults that can be chosen.

    with hub_server(starter_repository()) as hub:
        hub.faults.append(DropsEvery(3_000_000))

It is two servers: the hub itself, and the host that delivers its large files.
"""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, cast
from urllib.parse import parse_qs, quote, unquote, urlsplit

from typing_extensions import override

from tests.closed_network import reachable
from tests.hub_server.answers import details, search
from tests.hub_server.delivery import deliver
from tests.hub_server.exchange import Asked, DroppedError, Kind, Reply, ServedFile, json_reply, refusal
from tests.hub_server.faults import Fault
from tests.hub_server.repositories import HubAccount, HubFile, HubRepository
from tests.hub_server.request_log import LoggedRequest, RequestLog, note

_SEND_BUFFER_BYTES: Final = 128 * 1024
"""Small, so that what was sent is what came, or nearly."""
_FILE: Final = re.compile(
    r"(?:/api/resolve-cache/models)?/(?P<id>[^/]+/[^/]+)/(?:(?:resolve|raw)/)?(?P<revision>[^/]+)/(?P<path>.+)"
)
_DETAILS: Final = re.compile(r"/api/models/(?P<id>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?")
_DELIVERED: Final = re.compile(r"/delivered/(?P<sha256>[0-9a-f]{64})/(?P<path>.+)")
_NEWEST: Final = "main"
_OPEN: Final = frozenset({"README.md", "LICENSE"})


class HubServer:
    """The state of a running hub; a test changes it while it runs. `commits` are those that were there before, too.

    `named_as` is the address that its links give for it, as a mirror hands on the links of the real one.
    """

    def __init__(self, repositories: tuple[HubRepository, ...], accounts: Mapping[str, HubAccount]) -> None:
        self.repositories: dict[str, HubRepository] = {each.id: each for each in repositories}
        self.commits: dict[tuple[str, str], HubRepository] = {(each.id, each.commit): each for each in repositories}
        self.accounts = dict(accounts)
        self.faults: list[Fault] = []
        self.log = RequestLog()
        self.closing = threading.Event()
        self.address = ""
        self.delivery_address = ""
        self.named_as = ""
        self.always_open = _OPEN
        """The files of gated repositories that everybody may read."""

    def publish(self, repository: HubRepository) -> None:
        """Have a new commit of `repository`, or a first one."""
        self.repositories[repository.id] = repository
        self.commits[repository.id, repository.commit] = repository

    def reply(self, asked: Asked) -> Reply:
        """Answer as a sound hub would, but for what the faults change."""
        faults = tuple(fault for fault in self.faults if fault.concerns(asked))
        for fault in faults:
            asked = fault.hear(asked)
        reply = self._answer(asked, faults)
        for fault in faults:
            reply = fault.change(asked, reply)
        return reply

    def _answer(self, asked: Asked, faults: tuple[Fault, ...]) -> Reply:
        account = self.accounts.get(asked.token)
        if asked.kind is Kind.DELIVERY:
            return self._delivered(asked, faults)
        if asked.token and account is None:
            return refusal(401, "Invalid credentials in Authorization header")
        if asked.kind is Kind.SEARCH:
            return search(asked, tuple(self.repositories.values()), self.named_as or self.address)
        if asked.kind is Kind.ACCOUNT:
            return json_reply({"type": "user", "name": account.name}) if account else refusal(401, "Unauthorized")
        if asked.kind is Kind.DETAILS:
            return self._details(asked, account)
        return self._resolved(asked, account, faults) if asked.kind is Kind.RESOLVE else refusal(404, "Not found")

    def _details(self, asked: Asked, account: HubAccount | None) -> Reply:
        found = _DETAILS.fullmatch(asked.path)
        assert found
        repository = self._visible(found["id"], account, asked)
        if isinstance(repository, Reply):
            return repository
        chosen = self._at(repository, unquote(found["revision"] or _NEWEST))
        return details(asked, chosen) if chosen else _no_revision()

    def _visible(self, id_: str, account: HubAccount | None, asked: Asked) -> HubRepository | Reply:
        """The repository, or what the hub says where there is none that this account may know of."""
        repository = self.repositories.get(id_)
        is_hidden = repository is not None and repository.is_private and not _may_read(account, repository)
        if repository is None or is_hidden:
            return refusal(404 if account else 401, "Repository not found", "RepoNotFound")
        if repository.is_disabled:
            return refusal(403, "Access to this resource is disabled.")
        return repository

    def _at(self, repository: HubRepository, revision: str) -> HubRepository | None:
        return repository if revision == _NEWEST else self.commits.get((repository.id, revision))

    def _resolved(self, asked: Asked, account: HubAccount | None, faults: tuple[Fault, ...]) -> Reply:
        found = _FILE.fullmatch(asked.path)
        assert found
        repository = self._visible(found["id"], account, asked)
        if isinstance(repository, Reply):
            return repository
        chosen = self._at(repository, unquote(found["revision"]))
        if chosen is None:
            return _no_revision()
        file = chosen.file(asked.file)
        if chosen.gated and asked.file not in self.always_open and not _may_read(account, chosen):
            return _gated(chosen, account)
        if file is None:
            return refusal(404, "Entry not found", "EntryNotFound")
        return self._given(asked, chosen, file, faults)

    def _given(self, asked: Asked, repository: HubRepository, file: HubFile, faults: tuple[Fault, ...]) -> Reply:
        """A small file as it is, by way of a relative redirect; a large one by the host that delivers."""
        headers = {"X-Repo-Commit": repository.commit, "Content-Length": "0"}
        if file.is_large:
            return Reply(302, {**headers, **self._link(repository, file)})
        if asked.path.startswith("/api/resolve-cache/"):
            reply = deliver(asked, _seen(ServedFile(file.content, file.size_bytes, file.etag), faults))
            return Reply(reply.status, {**headers, **reply.headers}, reply.body, reply.first)
        cached = f"/api/resolve-cache/models/{repository.id}/{repository.commit}/{quote(file.path)}"
        return Reply(307, {**headers, "ETag": f'"{file.etag}"', "Location": cached})

    def _link(self, repository: HubRepository, file: HubFile) -> dict[str, str]:
        token_address = f"{self.address}/api/models/{repository.id}/xet-read-token/{repository.commit}"
        return {
            "Location": f"{self.delivery_address}/delivered/{file.sha256}/{quote(file.path)}?Signature=abc&Expires=9",
            "X-Linked-Size": str(file.size_bytes),
            "X-Linked-Etag": f'"{file.etag}"',
            "ETag": f'"{file.etag}"',
            "X-Xet-Hash": file.sha256[::-1],
            "Link": f'<{token_address}>; rel="xet-auth"',
        }

    def _delivered(self, asked: Asked, faults: tuple[Fault, ...]) -> Reply:
        found = _DELIVERED.fullmatch(asked.path)
        assert found
        if not asked.first("Signature"):
            return refusal(403, "Access denied")
        files = (file for each in self.commits.values() for file in each.files)
        file = next((file for file in files if file.sha256 == found["sha256"]), None)
        if file is None:
            return refusal(404, "No such key")
        own_etag = file.sha256[:32]  # the storage has a name of its own for the content, not the hub's
        return deliver(asked, _seen(ServedFile(file.content, file.size_bytes, own_etag), faults))


def _seen(file: ServedFile, faults: tuple[Fault, ...]) -> ServedFile:
    for fault in faults:
        file = fault.see(file)
    return file


def _may_read(account: HubAccount | None, repository: HubRepository) -> bool:
    return account is not None and repository.id in account.may_read


def _no_revision() -> Reply:
    return refusal(404, "Invalid rev id", "RevisionNotFound")


def _gated(repository: HubRepository, account: HubAccount | None) -> Reply:
    restricted = f"Access to model {repository.id} is restricted"
    if account is None:
        return refusal(
            401, f"{restricted}. You must have access to it and be authenticated. Please log in.", "GatedRepo"
        )
    return refusal(403, f"{restricted} and you are not in the authorized list.", "GatedRepo")


class _Handler(BaseHTTPRequestHandler):
    """Reads requests for `hub` and writes its replies."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: HubServer

    def do_GET(self) -> None:
        """Answer, and write down what was asked and what was sent."""
        asked = self._asked()
        logged = self.hub.log.begin(self._address(), asked)
        try:
            self._send(asked, self.hub.reply(asked), logged)
        except (ConnectionError, DroppedError):
            self.close_connection = True
        finally:
            self.hub.log.end(logged)

    do_HEAD = do_GET  # noqa: N815 - the name that the standard library calls

    def _send(self, asked: Asked, reply: Reply, logged: LoggedRequest) -> None:
        note(logged, reply)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if asked.method == "HEAD":
            return
        for block in reply.body:
            if self._is_alone():
                raise DroppedError
            self.wfile.write(block)
            logged.sent_bytes += len(block)

    def _is_alone(self) -> bool:
        """Whether the client has left: the system would take one more block for it, which nobody fetched."""
        return bool(select.select([self.connection], [], [], 0)[0]) and not self.connection.recv(1, socket.MSG_PEEK)

    def _asked(self) -> Asked:
        address = urlsplit(self.path)
        kind, file = _meant(address.path, is_delivery=self._address() == self.hub.delivery_address)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(kind, self.command, address.path, parse_qs(address.query), headers, self._pause, file)

    def _address(self) -> str:
        host, port = cast("tuple[str, int]", self.server.server_address)
        return f"http://{host}:{port}"

    def _pause(self, seconds: float) -> None:
        if self.hub.closing.wait(seconds):
            raise DroppedError

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


def _meant(path: str, *, is_delivery: bool) -> tuple[Kind, str]:
    if is_delivery:
        found = _DELIVERED.fullmatch(path)
        return (Kind.DELIVERY, unquote(found["path"])) if found else (Kind.OTHER, "")
    if path == "/api/models":
        return Kind.SEARCH, ""
    if path == "/api/whoami-v2":
        return Kind.ACCOUNT, ""
    if _DETAILS.fullmatch(path):
        return Kind.DETAILS, ""
    found = _FILE.fullmatch(path)
    is_file = found and ("/resolve/" in path or "/raw/" in path or path.startswith("/api/resolve-cache/"))
    return (Kind.RESOLVE, unquote(found["path"])) if found and is_file else (Kind.OTHER, "")


class _QuietServer(ThreadingHTTPServer):
    """A client that leaves in the middle is what many tests are about."""

    daemon_threads = True

    @override
    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        return connection, address

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing on the terminal."""


@contextmanager
def hub_server(
    *repositories: HubRepository, accounts: Mapping[str, HubAccount] | None = None, delivery_host: str = "127.0.0.1"
) -> Generator[HubServer]:
    """Run a hub while the block lasts. `delivery_host` is another loopback address, or the same with another port."""
    hub = HubServer(repositories, accounts or {})
    kind = type("Bound", (_Handler,), {"hub": hub})
    with _QuietServer(("127.0.0.1", 0), kind) as own, _QuietServer((delivery_host, 0), kind) as delivery:
        hub.address = f"http://127.0.0.1:{own.server_address[1]}"
        hub.delivery_address = f"http://{delivery_host}:{delivery.server_address[1]}"
        threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in (own, delivery)]
        for thread in threads:
            thread.start()
        try:
            with reachable(own.server_address[1], delivery.server_address[1]):
                yield hub
        finally:
            hub.closing.set()
            for server in (own, delivery):
                with suppress(OSError):
                    server.shutdown()
            for thread in threads:
                thread.join()
