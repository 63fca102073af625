"""Downloads as values, for tests of what is shown of them."""

from __future__ import annotations

from app.errors import PaddockError
from app.models.download.download import Download, DownloadState
from app.models.download.model_download import ModelDownload, by_model
from app.models.download.wanted import WantedFile
from app.models.remote_file import RemotePath

MB = 10**6
GB = 10**9


def shown(  # noqa: PLR0913 - a test says what it wants to see
    name: str,
    state: DownloadState,
    received_bytes: int = 0,
    size_bytes: int = GB,
    *,
    bytes_per_s: float = 0.0,
    trouble: PaddockError | None = None,
    is_mending: bool = False,
    notice: str = "",
) -> ModelDownload:
    """A download of one file."""
    wanted = WantedFile(RemotePath("owner/repo", "c0ffee", name), f"{name}.gguf", name, size_bytes)
    download = Download(
        name,
        wanted,
        state,
        received_bytes,
        size_bytes,
        bytes_per_s,
        trouble=trouble,
        is_mending=is_mending,
        notice=notice,
    )
    return by_model([download])[0]
