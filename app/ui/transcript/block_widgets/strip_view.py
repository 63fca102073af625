"""What all strips of the column have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.ui.transcript.strips import Strip
from app.ui.transcript.surroundings import Surroundings

S = TypeVar("S", bound=Strip)


class StripView(QWidget, Generic[S]):
    """One strip as a widget. It is used again for other strips of its kind, and knows no place but its own."""

    overhang: ClassVar[int] = 0
    """How far it stands out of the column at both sides."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self.surroundings = surroundings

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
