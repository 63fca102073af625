"""Servers on this computer for the tests: what each answers is handed in, what each was asked is kept."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for 127.0.0.1, localhost and hub.test that vouches for itself."""

    file: Path
    key: Path


@dataclass(slots=True)
class Server:
    """A running server: its port, and the requests that came, each with its headers."""

    port: int
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list[tuple[str, str, dict[str, str]]])

    @property
    def http(self) -> str:
        """Its address without encryption."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def https(self) -> str:
        """Its address with encryption."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """Its host as the ledger names it."""
        return f"127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    """Gives what `respond` makes of a request."""

    protocol_version = "HTTP/1.1"
    respond: Callable[[Handler], None]
    asked: list[tuple[str, str, dict[str, str]]]

    def do_GET(self) -> None:
        """Keep the request, and answer it."""
        self.asked.append((self.command, self.path, dict(self.headers)))
        with suppress(ConnectionError, ssl.SSLError):  # the client may leave in the middle
            type(self).respond(self)

    do_HEAD = do_POST = do_CONNECT = do_GET  # noqa: N815 - the names that the standard library calls

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer with `body`."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing on the terminal."""


class QuietServer(ThreadingHTTPServer):
    """A handshake that fails is the client's business, and what a test may be about."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing on the terminal."""


@contextmanager
def serving(respond: Callable[[Handler], None], certificate: Certificate | None = None) -> Generator[Server]:
    """Run a server that answers by `respond` while the block lasts."""
    asked: list[tuple[str, str, dict[str, str]]] = []
    kind = type("Bound", (Handler,), {"respond": staticmethod(respond), "asked": asked})
    with QuietServer(("127.0.0.1", 0), kind) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.file, certificate.key)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Server(server.server_address[1], asked)
        finally:
            server.shutdown()
            thread.join()


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate in `folder`."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:hub.test"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Paddock test"]
    files = ["-addext", names, "-keyout", str(made.key), "-out", str(made.file)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return made


def closed_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def tunnel_to(port: int) -> Callable[[Handler], None]:
    """Answer CONNECT as a proxy does, whatever the host, by joining the client to `port`."""

    def respond(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with socket.create_connection(("127.0.0.1", port)) as target:
            back = threading.Thread(target=_pour, args=(target, handler.connection))
            back.start()
            _pour(handler.connection, target)
            back.join()
        handler.close_connection = True

    return respond


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
