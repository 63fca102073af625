"""The base of every error that a user is shown."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Who can do something about an error; decides its icon and tone, never its wording."""

    USER = "user"
    """What was asked for cannot be done as asked."""
    FILE = "file"
    """A file is damaged, missing, or not what it claims to be."""
    MACHINE = "machine"
    """Memory, disk, permissions: the laptop says no."""
    PADDOCK = "paddock"
    """A mistake of ours, or of a library we ship."""


class PaddockError(Exception):
    """An error in plain words: what happened, whose fault it is, and what to do next.

    `message` and `next_step` are English templates (`"{name} is empty."`) that serve as the ids of their translations;
    `values` fill them. `details` is for a "Details" button: log lines, exit codes; nobody needs them to understand.
    Anything that is not a `PaddockError` is a bug, and is logged with its traceback.
    """

    fault = Fault.PADDOCK
    flag = ""
    """What a command has to be told to take the next step, where the window has a button for it."""

    def __init__(self, message: str, *, next_step: str = "", details: str = "", **values: object) -> None:
        """Keep the template apart from its values, so that it can be translated where it is shown."""
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.details = details
        self.values = values

    def __str__(self) -> str:
        """The sentence and the next step, in English."""
        parts = (self.message, self.next_step)
        return " ".join(part.format(**self.values) for part in parts if part)
