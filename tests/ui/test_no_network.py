"""That the tests of the window would notice a connection."""

from __future__ import annotations

import socket

import pytest

from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import hub_server


def test_no_other_program_on_this_computer_can_be_reached() -> None:
    """Not even one that listens."""
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.getsockname())


def test_no_name_is_looked_up() -> None:
    """A question to the name server tells others what the user does."""
    with pytest.raises(ConnectionRefusedError):
        socket.getaddrinfo("huggingface.co", 443)


def test_a_hub_that_the_test_opened_can_be_reached() -> None:
    """As long as it runs."""
    with hub_server(starter_repository()) as hub:
        port = int(hub.address.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
