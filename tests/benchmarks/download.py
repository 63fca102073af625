"""How fast a gigabyte comes, in turns with curl: over a line of 125 MB/s, and as fast as this machine can.

A hub on the loopback, in a process of its own, gives a file. Capped, curl writes it to a file; uncapped, curl's output
goes into a file and through sha256sum, which is what a download here does too. The ratio is our speed over curl's.
Memory is what the downloading process takes at its largest, for the file and for one of a tenth of its size.

`python -m tests.benchmarks.download [rounds] [megabytes]`, on a quiet machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROUNDS: Final = 5
MEGABYTES: Final = 1000
CAP_BYTES_PER_S: Final = 125e6
CONNECTIONS: Final = (1, 4)
REQUIRED: Final = {"capped": 0.9, "uncapped": 0.6}
ROOT: Final = Path(__file__).resolve().parents[2]


def main(rounds: int, megabytes: int) -> None:
    """Measure both, and print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        file = make_file(Path(folder) / "bench.gguf", megabytes)
        small = make_file(Path(folder) / "small.gguf", max(1, megabytes // 10))
        for kind, cap in (("capped", CAP_BYTES_PER_S), ("uncapped", 0.0)):
            with serving(file, cap) as address:
                compare(kind, address, file, rounds)
        with serving(small, 0.0) as address:
            fetch(address, small, max(CONNECTIONS))


def compare(kind: str, address: str, file: Path, rounds: int) -> None:
    """Take turns, so that a noisy minute of the machine meets all alike."""
    speeds: dict[str, list[float]] = {name: [] for name in ("curl", *(f"ours, {each}" for each in CONNECTIONS))}
    size_mb = file.stat().st_size / 1e6
    for _ in range(rounds):
        speeds["curl"].append(size_mb / curl(address, file, is_hashed=kind == "uncapped"))
        for each in CONNECTIONS:
            speeds[f"ours, {each}"].append(size_mb / fetch(address, file, each))
    for each in CONNECTIONS:
        pairs = zip(speeds[f"ours, {each}"], speeds["curl"], strict=True)
        ratios = sorted(own / curls for own, curls in pairs)
        print(
            f"{kind}, {each} connections: {statistics.median(speeds[f'ours, {each}']):.0f} MB/s, "
            f"curl {statistics.median(speeds['curl']):.0f} MB/s, ratio {statistics.median(ratios):.2f} "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f}), required {REQUIRED[kind]}",
            flush=True,
        )


def curl(address: str, file: Path, *, is_hashed: bool) -> float:
    """Fetch by curl; gives the seconds."""
    target = file.with_suffix(".curl")
    command = f"curl -sfL '{address}' -o '{target}'"
    if is_hashed:
        command = f"set -o pipefail; curl -sfL '{address}' | tee '{target}' | sha256sum"
    shell = shutil.which("bash")
    assert shell, "bash runs curl"
    began = time.perf_counter()
    subprocess.run([shell, "-c", command], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    target.unlink()
    return seconds


def fetch(address: str, file: Path, connections: int) -> float:
    """Fetch by a process of Paddock's; gives the seconds, and prints what memory it took."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        arguments = [address, folder, sha256_of(file), str(file.stat().st_size), str(connections)]
        command = [sys.executable, "-m", "tests.models.download.one_download", *arguments]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    _, seconds, largest_mb = told
    size = file.stat().st_size / 1e6
    print(f"  {size:.0f} MB, {connections} connections: {float(seconds):.2f} s, {largest_mb} MB memory", flush=True)
    return float(seconds)


def make_file(path: Path, megabytes: int) -> Path:
    """Fill a file with what cannot be compressed."""
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1_000_000))
    return path


def sha256_of(file: Path, known: dict[Path, str] = {}) -> str:  # noqa: B006 - it is to be remembered
    """What it hashes to."""
    if file not in known:
        with file.open("rb") as opened:
            known[file] = hashlib.file_digest(opened, "sha256").hexdigest()
    return known[file]


@contextmanager
def serving(file: Path, bytes_per_s: float) -> Generator[str]:
    """Give the address of `file` on a hub of its own."""
    command = [sys.executable, "-m", "tests.hub_server", str(file), "--bytes-per-s", str(bytes_per_s)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        address, repository = server.stdout.readline().split()
        yield f"{address}/{repository}/resolve/main/{file.name}"
        server.stdin.close()


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(*(numbers + [ROUNDS, MEGABYTES][len(numbers) :]))
