"""All messages for assistive technology, by index, whether they are on the screen or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from typing_extensions import override


@runtime_checkable
class ReadableMessages(Protocol):
    """What a view says of its messages."""

    def message_count(self) -> int:
        """How many messages there are."""
        ...

    def spoken_message(self, index: int) -> tuple[str, str]:
        """Who says a message, and its text."""
        ...

    def message_state(self, index: int) -> str:
        """What is to be known of a message beside its words, if anything."""
        ...

    def message_rect(self, index: int) -> QRect:
        """Where a message is on the screen, or would be."""
        ...

    def keep_interface(self, interface: QAccessibleInterface) -> None:
        """Hold on to an interface: Qt does not hold the Python side of it."""
        ...


@cache
def offer_messages() -> None:
    """Let every view with readable messages be read, once for the process."""
    QAccessible.installFactory(_make)


def _make(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    if not isinstance(thing, QWidget) or not isinstance(thing, ReadableMessages):
        return None
    interface = MessageList(thing, thing)
    thing.keep_interface(interface)
    return interface


class MessageList(QAccessibleWidget):
    """A list: first the messages in their order, then the widgets that are on the screen."""

    def __init__(self, widget: QWidget, messages: ReadableMessages) -> None:
        super().__init__(widget, QAccessible.Role.List)
        self._messages = messages
        self._items: dict[int, MessageItem] = {}

    @override
    def childCount(self) -> int:
        return self._messages.message_count() + super().childCount()

    @override
    def child(self, index: int) -> QAccessibleInterface:
        count = self._messages.message_count()
        if index >= count:
            return super().child(index - count)
        if index not in self._items:
            self._items[index] = MessageItem(self, self._messages, index)
            QAccessible.registerAccessibleInterface(self._items[index])
        return self._items[index]

    @override
    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if isinstance(child, MessageItem):
            return child.index
        inside = super().indexOfChild(child)
        return inside + self._messages.message_count() if inside >= 0 else inside


class MessageItem(QAccessibleInterface):
    """One message: its name is who speaks, its value what is said."""

    def __init__(self, parent: MessageList, messages: ReadableMessages, index: int) -> None:
        super().__init__()
        self._parent = parent
        self._messages = messages
        self.index = index

    @override
    def isValid(self) -> bool:
        return self._parent.isValid() and self.index < self._messages.message_count()

    @override
    def object(self) -> QObject:
        return None  # pyright: ignore[reportReturnType] - there need not be a widget, and Qt allows that

    @override
    def parent(self) -> QAccessibleInterface:
        return self._parent

    @override
    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    @override
    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.readOnly = True
        return state

    @override
    def text(self, t: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        speaker, words = self._messages.spoken_message(self.index)
        said: dict[QAccessible.Text, Callable[[], str]] = {
            QAccessible.Text.Name: lambda: f"{speaker}: {words}",
            QAccessible.Text.Value: lambda: words,
            QAccessible.Text.Description: lambda: self._messages.message_state(self.index),
        }
        return said.get(t, str)()

    @override
    def rect(self) -> QRect:
        return self._messages.message_rect(self.index) if self.isValid() else QRect()

    @override
    def childCount(self) -> int:
        return 0

    @override
    def child(self, index: int) -> QAccessibleInterface:
        return None  # pyright: ignore[reportReturnType] - a message has no children, and Qt allows that

    @override
    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        return None  # pyright: ignore[reportReturnType] - as above

    @override
    def indexOfChild(self, arg__1: QAccessibleInterface) -> int:
        return -1

    @override
    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Nothing here can be written."""
