"""Keeps the keyboard near the control that had it, when that one goes."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

_TAB: Final = Qt.FocusPolicy.TabFocus


class FocusKeeper(QObject):
    """Watches one window: a neighbour gets the focus of a control that hides, or is disabled.

    Qt gives it to the next one of the whole window, where the key that is pressed next does something else.
    """

    def __init__(self, window: QWidget, app: QApplication) -> None:
        super().__init__(window)
        self._window = window
        self._app = app
        app.focusChanged.connect(self._follow)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is None or new is None or not isValid(old) or (old.isVisible() and old.isEnabled()):
            return
        rooms = [room for room in _rooms(old, self._window) if not room.isAncestorOf(new)]
        if rooms and new.window() is self._window:
            place = old.mapTo(rooms[-1], old.rect().center())
            QTimer.singleShot(0, self, partial(self._mend, rooms, place, new))

    def _mend(self, rooms: list[QWidget], place: QPoint, taken: QWidget) -> None:
        """By now whoever hid the control has shown what stands in its place, and set the focus if it wanted to."""
        if not (isValid(taken) and isValid(rooms[-1])) or self._app.focusWidget() is not taken:
            return
        for room in rooms:
            if isValid(room) and room.isVisible():
                near = _nearest(room, rooms[-1], place)
                if near is not None:
                    near.setFocus(Qt.FocusReason.TabFocusReason)
                    return


def _rooms(widget: QWidget, window: QWidget) -> list[QWidget]:
    """What `widget` stands in, from the inside out, without the window."""
    rooms: list[QWidget] = []
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        rooms.append(parent)
        parent = parent.parentWidget()
    return rooms


def _nearest(room: QWidget, outermost: QWidget, place: QPoint) -> QWidget | None:
    def distance(widget: QWidget) -> int:
        return (widget.mapTo(outermost, widget.rect().center()) - place).manhattanLength()

    able = [each for each in room.findChildren(QWidget) if each.isVisible() and each.isEnabled() and _takes_tab(each)]
    return min(able, key=distance, default=None)


def _takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & _TAB)
