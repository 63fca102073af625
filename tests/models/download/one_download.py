"""A process that downloads one file, to be killed: `-m tests.models.download.one_download URL FOLDER ...`."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from app.models.download.clock import Clock
from app.models.download.disk_room import DiskRoom
from app.models.download.fetch import FileFetch
from app.models.download.job import Means
from app.models.download.safe_name import local_name
from app.models.download.speed_limit import SpeedLimit
from app.models.download.wanted import WantedFile
from app.models.hashes import FileHashes
from app.models.remote_file import RemoteFile, RemotePath
from tests.network.conftest import Home


def main() -> None:
    """Fetch it, and say `done`, how many seconds it took, and how many MB of memory."""
    url, folder, sha256, size_bytes, connections = sys.argv[1:]
    path = RemotePath("owner/model", "main", "Model.gguf")
    home = Path(folder) / "home"
    home.mkdir(exist_ok=True)

    def locate(path: RemotePath, shown_as: str) -> RemoteFile:
        return RemoteFile(url, int(size_bytes), sha256, sha256, "c0ffee", accepts_ranges=True)

    means = Means(
        Home(home).network,
        locate,
        dict,
        FileHashes(home / "hashes.json"),
        SpeedLimit(float, Clock()),
        lambda: int(connections),
        DiskRoom(kept_free_bytes=0),
    )
    wanted = WantedFile(path, local_name(path.path, sha256), "Model", int(size_bytes), sha256)
    began = time.perf_counter()
    FileFetch(wanted, Path(folder) / "models", means, lambda _: None).run(threading.Event())
    seconds = time.perf_counter() - began
    print("done", round(seconds, 3), largest_memory_mb(), flush=True)  # noqa: T201 - whoever started it reads this


def largest_memory_mb() -> int:
    """How much memory this process took at its largest."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    main()
