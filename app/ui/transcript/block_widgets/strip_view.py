"""What all strips of the column have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.ui.transcript.strips import Strip
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.text_formats import TextFormats

S = TypeVar("S", bound=Strip)


class StripView(QWidget, Generic[S]):
    """One strip as a widget. It is used again for other strips of its kind, and knows no place but its own."""

    overhang: ClassVar[int] = 0
    """How far it stands out of the column at both sides."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self.surroundings = surroundings
        self.is_left_out = False

    @property
    def tone(self) -> str:
        """The colour of the words: those that the model no longer sees are quieter."""
        return "text_3" if self.is_left_out else "text"

    @property
    def formats(self) -> TextFormats:
        """The looks of the words, by what they are for."""
        return self.surroundings.quiet_formats if self.is_left_out else self.surroundings.formats

    def set_left_out(self, *, is_left_out: bool) -> None:
        """Show that the model sees this, or no longer."""
        if is_left_out != self.is_left_out:
            self.is_left_out = is_left_out
            self.restyle()

    def set_pointed_at(self, *, is_pointed_at: bool) -> None:
        """The pointer is over the message, or no longer."""

    def show_strip(self, strip: S) -> None:
        """Show another strip, or another state of the same one."""
        raise NotImplementedError

    def height_for(self, width: int) -> int:
        """How high the strip is in a column of `width`; lays it out for that width."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take colours and fonts anew."""
        self.update()

    def buttons(self) -> Sequence[QWidget]:
        """What the keyboard can reach in it, in reading order."""
        return ()

    def forget_selection(self) -> None:
        """The strip leaves the screen: nothing that was done to it stays for the next one."""

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self.surroundings.requests.strip_pointed_at.emit(self)
        super().enterEvent(event)
