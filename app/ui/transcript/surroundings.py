"""What every strip of the transcript is given: how it looks, and where its requests go."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.text_formats import TextFormats


class Requests(QObject):
    """What a strip asks for; the transcript passes it on or does it."""

    link_activated = Signal(str)
    continue_requested = Signal(str)
    retry_requested = Signal(str)
    copy_requested = Signal(str)
    """Some text should go to the clipboard."""
    message_copy_requested = Signal(str)
    """The message with this id should go to the clipboard."""
    pin_requested = Signal(str, bool)
    """The message with this id should stay in the model's view, or no longer."""
    summary_edit_began = Signal()
    summary_draft_changed = Signal(str)
    """What is being written over the summary now."""
    summary_edit_ended = Signal()
    """The draft is given up."""
    summary_edited = Signal(str)
    """This should be the summary."""
    thoughts_toggled = Signal(str)
    """What was thought for the message with this id should be shown, or no longer."""
    strip_pointed_at = Signal(QObject)
    """The pointer came over a strip (which is given)."""
    strip_resized = Signal(QObject)
    """A strip (the sender is given) became higher or lower by itself, as when details are opened."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Handed to every strip at construction."""

    theme: Theme
    icons: Icons
    formats: TextFormats
    quiet_formats: TextFormats
    """For what the model no longer sees."""
    requests: Requests
