"""The button that keeps a message in the model's view, and the mark of one that is kept."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.transcript.surroundings import Surroundings

_SIZE: Final = 28


class PinButton(IconButton):
    """Checked while the message is pinned. A click only asks for it: the message says what became of that."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        name = tr("Keep in view of the model")
        super().__init__("pin", name, surroundings.theme, surroundings.icons, size=_SIZE, icon_size=16, parent=parent)
        self._requests = surroundings.requests
        self._message_id = ""
        self.setCheckable(True)
        self.clicked.connect(self._ask)

    def show_state(self, message_id: str, *, is_pinned: bool) -> None:
        """Say of which message, and whether it is pinned now."""
        self._message_id = message_id
        self.setChecked(is_pinned)
        self.setToolTip(tr("Unpin: no longer keep in view of the model") if is_pinned else self.accessibleName())

    @override
    def nextCheckState(self) -> None:
        """The message decides."""

    @override
    def _ground(self) -> str:
        """A mark stands on no ground of its own."""
        if self.isDown():
            return "pressed"
        return "hover" if self.underMouse() else ""

    def _ask(self) -> None:
        self._requests.pin_requested.emit(self._message_id, not self.isChecked())
