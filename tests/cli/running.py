"""Runs commands as another program does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def run(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in the test's own data folder. What it prints must be UTF-8."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "main.py"), *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
