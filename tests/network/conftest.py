"""A network with a policy that a test can change, and a certificate that it can trust."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from app.network.gate import Answer, Gate, NetworkPolicy
from app.network.grants import Grants
from app.network.ledger import Ledger, LedgerEntry
from app.network.network import Network
from app.network.purpose import Purpose
from tests.network.loopback import Certificate, make_certificate


class Home:
    """A network of its own for a test: the policy, the user's answer and the proxy can be changed while it runs."""

    def __init__(self, folder: Path) -> None:
        self.policy = NetworkPolicy.ALLOW
        self.answer = Answer.ONCE
        self.proxy: str | None = None
        self.asked: list[tuple[Purpose, str]] = []
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.grants = Grants(folder / "grants.json")
        self.gate = Gate(lambda: self.policy, self.grants, self.ask)
        self.network = Network(self.gate, self.ledger, lambda: self.proxy)

    def ask(self, purpose: Purpose, host: str) -> Answer:
        """Answer as the test wants it."""
        self.asked.append((purpose, host))
        return self.answer

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """What the ledger says."""
        return self.ledger.read().entries

    @property
    def results(self) -> list[str]:
        """How the requests in the ledger ended."""
        return [entry.result for entry in self.entries]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A network on which no proxy of the machine has a say."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return Home(tmp_path)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate that nobody trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not here")
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate that this system trusts, as a company's own is made to be."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate
