"""What the kernel saw of a start, a chat and a close: nothing that leads to another machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import PROJECT

_FAMILY = re.compile(r"^\d+\s+(?P<call>connect|bind|sendto|sendmsg|sendmmsg)\(.*?sa_family=(?P<family>AF_\w+)")
_LOCAL = frozenset({"AF_UNIX", "AF_LOCAL", "AF_NETLINK"})
"""To programs on this computer, and to its kernel."""


@pytest.mark.model
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not here")
def test_a_start_a_chat_and_a_close_connect_to_no_other_machine(
    tmp_path: Path, paddock_home: Path, x_display: str
) -> None:
    """Every process of the program is watched, the engine's too."""
    trace = tmp_path / "trace"
    environment = {**os.environ, "DISPLAY": x_display, "QT_QPA_PLATFORM": "xcb"}
    watched = ["strace", "-f", "-qq", "-o", str(trace), "-e", "trace=network"]
    ended = subprocess.run(
        [*watched, sys.executable, "-m", "tests.integration.one_chat"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    reached = [match["family"] for line in trace.read_text().splitlines() if (match := _FAMILY.match(line))]
    assert "AF_UNIX" in reached, "not even the screen was seen: nothing was watched"
    assert set(reached) <= _LOCAL
    assert not (paddock_home / "data" / "network-ledger.jsonl").exists()
