"""A Python environment, filled from lock files and from nothing else."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from paddock_setup.commands import SetupError, run


def create(venv: Path, log: Path) -> None:
    """Make an empty environment at `venv`; what was there is deleted."""
    shutil.rmtree(venv, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(venv)], log, failure=f"The Python environment {venv} could not be made.")


def install(venv: Path, lock: Path, log: Path) -> None:
    """Install exactly what `lock` names; each file must have a hash that is in it."""
    _pip_install(venv, log, "--require-hashes", "--requirement", str(lock))


def install_wheel(venv: Path, wheel: Path, log: Path) -> None:
    """Install a wheel that was compiled here, in place of the one before it."""
    _pip_install(venv, log, "--force-reinstall", "--no-index", str(wheel))


def check_files(venv: Path, checksums: Path) -> None:
    """Compare installed files with their SHA-256; `checksums` is in the format of `sha256sum`."""
    for line in checksums.read_text(encoding="utf-8").splitlines():
        expected, name = line.split(maxsplit=1)
        if sha256(site_packages(venv) / name) != expected:
            raise SetupError(f"{name} is not the file it should be; it was not used. Run make again to fetch it anew.")


def files_are_there(venv: Path, checksums: Path) -> bool:
    """Whether each listed file exists: the quick look of every later run."""
    names = (line.split(maxsplit=1)[1] for line in checksums.read_text(encoding="utf-8").splitlines())
    return all((site_packages(venv) / name).is_file() for name in names)


def site_packages(venv: Path) -> Path:
    """Where the environment's libraries lie."""
    found = sorted(venv.glob("lib/python*/site-packages"))
    return found[0] if found else venv / "lib"


def sha256(path: Path) -> str:
    """The file's SHA-256; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _pip_install(venv: Path, log: Path, *words: str) -> None:
    command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--no-deps", *words]
    run(command, log, failure="Python libraries could not be installed.")
