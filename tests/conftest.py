"""What every test stands on: no screen, no network, no data of the person who runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from tests.closed_network import refuse_connections

CAMPAIGN_VARIABLE = "PADDOCK_CAMPAIGN"

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything loads Qt

# A busy machine is no reason to fail; how long a test may take is pytest-timeout's business.
settings.register_profile("sample", deadline=None)
settings.register_profile("full", deadline=None, max_examples=2000)


@dataclass(frozen=True, slots=True)
class Campaign:
    """How far a long search goes: a sample in `make test`, all of it in `make campaign`."""

    is_full: bool

    def rounds(self, *, sample: int, full: int) -> int:
        """The number of rounds to run this time."""
        return full if self.is_full else sample


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full`."""
    parser.addoption("--full", action="store_true", help=f"run campaigns whole (also {CAMPAIGN_VARIABLE}=full)")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples hypothesis tries, close the network, and let Ctrl-C be heard."""
    # A shell that starts the tests in the background has it ignored; commands that a test starts inherit that too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile("full" if _is_full(config) else "sample")
    sys.addaudithook(refuse_connections)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A whole campaign takes as long as it takes."""
    if not _is_full(config):
        return
    for item in items:
        if item.get_closest_marker("campaign"):
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture
def campaign(pytestconfig: pytest.Config) -> Campaign:
    """Whether this is a sample or the whole campaign."""
    return Campaign(is_full=_is_full(pytestconfig))


@pytest.fixture(autouse=True)
def paddock_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own for each test; commands that a test starts inherit it."""
    home = tmp_path / "paddock-home"
    monkeypatch.setenv("PADDOCK_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def x_display() -> Iterator[str]:
    """The name of a screen that nobody sees (`:99`), for programs that a test starts on the real xcb platform."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with (
        os.fdopen(read_end, encoding="ascii") as told,
        subprocess.Popen(command, pass_fds=(write_end,), stderr=subprocess.DEVNULL) as server,
    ):
        os.close(write_end)  # so that a server that dies reads as an empty line
        number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
        server.terminate()


def _is_full(config: pytest.Config) -> bool:
    return bool(config.getoption("--full")) or os.environ.get(CAMPAIGN_VARIABLE) == "full"
