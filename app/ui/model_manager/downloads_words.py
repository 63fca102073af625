"""How a download is put into words: what it is at, how far, how fast, and how long it still takes."""

from __future__ import annotations

from typing import Final

from app.errors import PaddockError
from app.models.download.download import DownloadState
from app.models.download.errors import NoRoomError
from app.models.download.model_download import ModelDownload
from app.models.download.sizes import shown_size
from app.translation import told, told_apart, tr

_STATES: Final = {
    DownloadState.WAITING: "Waiting for its turn",
    DownloadState.PAUSED: "Paused",
    DownloadState.INTERRUPTED: "Interrupted when Paddock was closed",
    DownloadState.FAILED: "Stopped",
    DownloadState.FINISHED: "Complete",
}
"""Message ids."""
_UNITS: Final = ((10**9, 2, "GB"), (10**6, 0, "MB"), (10**3, 0, "kB"))
_MINUTE: Final = 60
_HOUR: Final = 3600
_SOON_S: Final = 90
_LONGEST_S: Final = 100 * _HOUR


def status_words(model: ModelDownload) -> str:
    """Give one quiet line about it: `1.42 of 2.49 GB · 18.4 MB/s · 58 s left`."""
    if model.state is DownloadState.RUNNING:
        return running_words(model)
    state = tr(_STATES[model.state])
    if not model.size_bytes:
        return state
    is_begun = 0 < model.received_bytes < model.size_bytes
    figures = progress_words(model.received_bytes, model.size_bytes) if is_begun else shown_size(model.size_bytes)
    return f"{state} · {figures}"


def running_words(model: ModelDownload) -> str:
    """The same for one that runs."""
    if model.is_mending:
        compared = progress_words(model.received_bytes, model.size_bytes)
        return tr("Looking for the damage: {compared} compared", compared=compared)
    if model.is_being_checked:
        return tr("All of it is here · making sure that it is right")
    if not model.size_bytes:
        return tr("Asking where the file is")
    figures = [progress_words(model.received_bytes, model.size_bytes)]
    if model.bytes_per_s:
        figures.append(speed_words(model.bytes_per_s))
    if model.remaining_s is not None:
        figures.append(left_words(model.remaining_s))
    return " · ".join(figures)


def trouble_words(trouble: PaddockError) -> str:
    """Say why a download stands still, and what to do; where the window goes on by itself, that it does."""
    if isinstance(trouble, NoRoomError):
        next_step = tr("What has come is kept. It goes on by itself as soon as there is room.")
        return f"{told_apart(trouble)[0]} {next_step}"
    return told(trouble)


def progress_words(received_bytes: int, size_bytes: int) -> str:
    """`1.42 of 2.49 GB`: both in the unit of the whole."""
    for step, digits, unit in _UNITS:
        if size_bytes >= step:
            received, whole = f"{received_bytes / step:.{digits}f}", f"{size_bytes / step:.{digits}f}"
            return tr("{received} of {whole} {unit}", received=received, whole=whole, unit=unit)
    return tr("{received} of {whole} {unit}", received=received_bytes, whole=size_bytes, unit="B")


def speed_words(bytes_per_s: float) -> str:
    """`18.4 MB/s`."""
    return f"{bytes_per_s / 10**6:.1f} MB/s" if bytes_per_s >= 10**5 else f"{bytes_per_s / 1000:.0f} kB/s"


def left_words(seconds: float) -> str:
    """`58 s left`, `4 min left`, `2 h 10 min left`: as exact as somebody who waits wants it."""
    if seconds < _SOON_S:
        return tr("{seconds} s left", seconds=max(1, round(seconds)))
    if seconds < _HOUR:
        return tr("{minutes} min left", minutes=round(seconds / _MINUTE))
    if seconds > _LONGEST_S:
        return tr("days left")
    hours, minutes = divmod(round(seconds / _MINUTE), _MINUTE)
    return tr("{hours} h {minutes} min left", hours=hours, minutes=minutes)


def percent(fraction: float) -> str:
    """`57 %`; all of it only when it is."""
    return f"{int(fraction * 100)} %"
