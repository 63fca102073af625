"""Running other programs: their output goes to a log, their failure becomes a sentence."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

TAIL_LINES = 40
STRAY_VARIABLES = ("MAKEFLAGS", "PIP_PREFIX", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
NETWORK_WORDS = ("Temporary failure in name resolution", "NewConnectionError", "Connection refused", "ConnectTimeout")
HASH_WORDS = ("DO NOT MATCH THE HASHES",)
DISK_WORDS = ("No space left on device",)


class SetupError(Exception):
    """A sentence for the person who typed `make`: what is missing, and what to type next."""


def say(text: str) -> None:
    """Tell how far the set-up is."""
    print(text, flush=True)


def clean_environment(**extra: str) -> dict[str, str]:
    """Our own environment without what would lead pip, cmake or ninja astray."""
    kept = {name: value for name, value in os.environ.items() if name not in STRAY_VARIABLES}
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"} | extra


def run(
    command: Sequence[str],
    log: Path,
    *,
    failure: str,
    environment: dict[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> None:
    """Run `command` to its end; whatever ends us ends it and all that it started.

    Raises SetupError, whose sentence begins with `failure`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output, _start(command, environment or clean_environment()) as process:
        try:
            for line in process.stdout or ():
                output.write(line)
                if on_line is not None:
                    on_line(line)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    if process.returncode != 0:
        raise SetupError(f"{failure} {explain(_last_lines(log))} What was printed is in {log}.")


def explain(output: Iterable[str]) -> str:
    """The likely reason of a failure, in plain words, from what a program printed last."""
    lines = list(output)
    text = "\n".join(lines)
    if any(word in text for word in HASH_WORDS):
        return "A downloaded file is not the one that the lock file names; nothing of it was installed."
    if any(word in text for word in DISK_WORDS):
        return "The disk is full."
    if any(word in text for word in NETWORK_WORDS):
        return "The network could not be reached. Check the connection and run make again."
    telling = [line.strip() for line in lines if "error" in line.lower()]
    return f"It said: {telling[-1].rstrip('.')}." if telling else "It did not say why."


def _start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        list(command),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # so that one signal reaches pip, cmake, ninja and the compilers
    )


def _last_lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
