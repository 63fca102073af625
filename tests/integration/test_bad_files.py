"""Bad files do not hurt: each gives one sentence that names the cause, and Paddock works on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.bad_files import BAD_FILES

PROJECT = Path(__file__).resolve().parents[2]
IN_TIME_S = 20
NOBODY = 65534

AS_NOBODY = """
import os, sys
from app import application
from app.models import library
from app.storage import conversations
from app.engine import child_process
from app.cli import commands
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sys.exit(application.run(sys.argv[1:]))
"""


def ask(path: Path) -> subprocess.CompletedProcess[str]:
    """Ask with the model at `path`."""
    command = [sys.executable, str(PROJECT / "main.py"), "ask", "Hello", "--json", "--model", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=IN_TIME_S, check=False)


@pytest.mark.parametrize("kind", BAD_FILES)
def test_ask_names_the_cause(kind: str, tmp_path: Path) -> None:
    """One sentence on standard error, nothing on standard output, exit status 1."""
    make, words = BAD_FILES[kind]
    ended = ask(make(tmp_path / "model.gguf"))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert words in ended.stderr
    assert "model.gguf" in ended.stderr


def test_a_file_that_may_not_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    """Root reads everything, so somebody else asks."""
    home, locked = tmp_path / "home", tmp_path / "locked.gguf"
    home.mkdir()
    locked.write_bytes(b"GGUF")
    locked.chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest-of-" in str(folder):
            folder.chmod(0o755)
    import os

    os.chown(home, NOBODY, NOBODY)
    command = [sys.executable, "-c", AS_NOBODY, "--home", str(home / "paddock"), "ask", "Hello", "--model", str(locked)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=IN_TIME_S, check=False, cwd=PROJECT)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "locked.gguf" in ended.stderr
    assert "may not" in ended.stderr or "permission" in ended.stderr
