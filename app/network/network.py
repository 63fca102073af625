"""The network as the rest of Paddock has it: a client that passes the gate, and purposes to use it for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from app.network.errand import errand
from app.network.gate import Gate
from app.network.ledger import Ledger
from app.network.purpose import Purpose

if TYPE_CHECKING:
    import httpx2


class Network:
    """The only door to the network. `proxy` gives the address that is set, or None to do as the system does."""

    def __init__(self, gate: Gate, ledger: Ledger, proxy: Callable[[], str | None]) -> None:
        self.gate = gate
        self.ledger = ledger
        self._proxy = proxy

    def doing(self, purpose: Purpose) -> AbstractContextManager[None]:
        """Make what this thread sends within the block belong to `purpose`. Other threads need a block of their own."""
        return errand(purpose)

    def client(self) -> httpx2.Client:
        """Give a new client with connections of its own, to be closed by whoever asked; any thread may use it.

        It sends only within `doing`. It raises `NetworkError` where its library would raise an error of its own, so a
        request that was refused is not tried again by anybody.
        """
        from app.network.client import GatedClient  # noqa: PLC0415 - the window is there before anything is sent
        from app.network.transport import GatedTransport  # noqa: PLC0415 - the same

        return GatedClient(GatedTransport(self.gate, self.ledger, self._proxy))
