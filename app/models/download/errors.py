"""What can go wrong with a download, in plain words. A part that came stays, but where it is said to be gone."""

from __future__ import annotations

import errno
from pathlib import Path

from app.errors import Fault, PaddockError
from app.models.download.sizes import shown_size


class DownloadError(PaddockError):
    """A download cannot go on."""

    fault = Fault.MACHINE


class NoRoomError(DownloadError):
    """The disk is full, or would be. What came is kept."""


class NotWritableError(DownloadError):
    """The operating system does not let us write there."""


class PartInTheWayError(DownloadError):
    """What lies where the file is to be written is no file of ours."""

    fault = Fault.FILE


class InUseError(DownloadError):
    """Another Paddock is at it."""

    fault = Fault.USER


class ServerError(DownloadError):
    """The server did not do as it should."""


class TryAgainError(ServerError):
    """The server has trouble now. `wait_s` is how long it wants to be left alone."""

    def __init__(self, message: str, *, next_step: str, host: str, status: int = 0, wait_s: float = 0.0) -> None:
        super().__init__(message, next_step=next_step, host=host, status=status)
        self.wait_s = wait_s


class LinkRefusedError(ServerError):
    """The server does not give the file under this address, or no longer."""


class WrongAnswerError(ServerError):
    """Something else came than was asked for."""


class WrongFileError(DownloadError):
    """All of it came, and it is not what the hub promised. What came is gone."""

    fault = Fault.FILE


class FileChangedError(DownloadError):
    """The file on the hub is another one than the one that was chosen."""

    fault = Fault.FILE


def no_room(name: str, missing_bytes: int, free_bytes: int, kept_free_bytes: int) -> NoRoomError:
    """The download of `name` would fill the disk, but for `kept_free_bytes` that it may not take."""
    return NoRoomError(
        "There is not enough room on the disk for {name}: {missing} are still to come, and {free} are free. "
        "{kept} stay free for everything else.",
        next_step="What has come is kept. Make room, then resume the download.",
        name=name,
        missing=shown_size(missing_bytes),
        free=shown_size(free_bytes),
        kept=shown_size(kept_free_bytes),
    )


def trouble_with(path: Path, error: OSError) -> DownloadError:
    """What the operating system said of `path`, in plain words."""
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return NoRoomError(
            "The disk is full: {name} cannot be written any further.",
            next_step="What has come is kept. Make room, then resume the download.",
            details=str(error),
            name=path.name,
        )
    if error.errno == errno.EFBIG:
        return NotWritableError(
            "The disk cannot hold a file as large as {name}.",
            next_step="Disks formatted as FAT32 end at 4 GB. Keep the models on another disk.",
            details=str(error),
            name=path.name,
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return NotWritableError(
            "{name} cannot be written: the system does not allow it.",
            next_step="Check that you may write to {folder}.",
            details=str(error),
            name=path.name,
            folder=path.parent,
        )
    return NotWritableError(
        "The disk would not take {name}.",
        next_step="Check the disk that holds {folder}, then resume the download.",
        details=str(error),
        name=path.name,
        folder=path.parent,
    )


def in_the_way(path: Path) -> PartInTheWayError:
    """A link, a folder or something else lies at `path`."""
    return PartInTheWayError(
        "{name} is in the way: it is a link or a folder, not a file that Paddock wrote.",
        next_step="Nothing was written. Look at {folder}, and take it away if you do not need it.",
        name=path.name,
        folder=path.parent,
    )
