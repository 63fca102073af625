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
        inner, *outer = [*_rooms(old, self._window), self._window]
        rooms = [room for room in outer if not room.isAncestorOf(new)]
        if inner is not self._window and inner.isVisible():
            rooms.insert(0, inner)
        if rooms and new.window() is self._window:
            place = old.mapTo(self._window, old.rect().center())
            QTimer.singleShot(0, self, partial(self._mend, rooms, place, new))

    def _mend(self, rooms: list[QWidget], place: QPoint, taken: QWidget) -> None:
        """By now whoever hid the control has shown what stands in its place, and set the focus if it wanted to."""
        if isValid(taken) and self._app.focusWidget() is taken:
            near = _neighbour(rooms, self._window, place)
            if near is not None:
                near.setFocus(Qt.FocusReason.TabFocusReason)


def neighbour_of(gone: QWidget, window: QWidget) -> QWidget | None:
    """Give what is nearest to a control that cannot have the focus any more, in the least that it stands in."""
    return _neighbour(_rooms(gone, window), window, gone.mapTo(window, gone.rect().center()))


def _neighbour(rooms: list[QWidget], window: QWidget, place: QPoint) -> QWidget | None:
    visible = (room for room in rooms if isValid(room) and room.isVisible())
    return next((near for room in visible if (near := _nearest(room, window, place)) is not None), None)


def _rooms(widget: QWidget, window: QWidget) -> list[QWidget]:
    """What `widget` stands in, from the inside out, without the window."""
    rooms: list[QWidget] = []
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        rooms.append(parent)
        parent = parent.parentWidget()
    return rooms


def _nearest(room: QWidget, window: QWidget, place: QPoint) -> QWidget | None:
    def distance(widget: QWidget) -> int:
        return (widget.mapTo(window, widget.rect().center()) - place).manhattanLength()

    if takes_tab(room):
        return room
    return min(filter(takes_tab, room.findChildren(QWidget)), key=distance, default=None)


def takes_tab(widget: QWidget) -> bool:
    """Whether the Tab key can lead to `widget` now."""
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & _TAB)
