"""A hub in a process of its own, for benchmarks: `python -m tests.hub_server FILE... [--bytes-per-s N]`.

It prints its address and the repository's name, and ends with its input.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.hub_server.faults import SpeedCap
from tests.hub_server.repositories import HubFile, HubRepository
from tests.hub_server.server import hub_server

REPOSITORY = "bench/files"


def main() -> None:
    """Serve the files until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--bytes-per-s", type=float, default=0)
    arguments = parser.parse_args()
    files = tuple(HubFile(path.name, path) for path in arguments.files)
    with hub_server(HubRepository(REPOSITORY, files)) as hub:
        if arguments.bytes_per_s:
            hub.faults.append(SpeedCap(arguments.bytes_per_s))
        print(hub.address, REPOSITORY, flush=True)  # noqa: T201 - it is what whoever started it waits for
        sys.stdin.read()


if __name__ == "__main__":
    main()
