"""What each state of a download looks like, and what can be done with it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.models.download.download import DownloadState


@dataclass(frozen=True, slots=True)
class DownloadLook:
    """The drawing at the beginning of a row and its colour, that of its line, and the word on its button.

    `action` is a message id; "" where the row has an icon for it, or nothing is to be done.
    """

    icon: str
    tone: str
    line_tone: str = ""
    action: str = ""
    is_working: bool = False


LOOKS: Final[Mapping[DownloadState, DownloadLook]] = {
    DownloadState.RUNNING: DownloadLook("download", "accent", "accent", is_working=True),
    DownloadState.WAITING: DownloadLook("download", "text_3", "border_control", is_working=True),
    DownloadState.PAUSED: DownloadLook("pause", "text_2", "border_control", "Resume"),
    DownloadState.INTERRUPTED: DownloadLook("unplug", "hay", "hay_line", "Resume"),
    DownloadState.FAILED: DownloadLook("triangle-alert", "error", "error", "Try again"),
    DownloadState.FINISHED: DownloadLook("check", "ok", action="Use it"),
}
