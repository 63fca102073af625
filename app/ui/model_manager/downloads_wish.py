"""What somebody can want of a download."""

from __future__ import annotations

from enum import StrEnum


class Wish(StrEnum):
    """Said by a row of the list; whoever knows the downloads does it."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    USE = "use"
    REVEAL = "reveal"
    FORGET = "forget"
    """Take a finished one out of the list; its file stays."""
    MOVE_UP = "move up"
    MOVE_DOWN = "move down"
