"""Every key of the window in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.translation import tr


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One thing that a key does. `label` is a message id: translated where it is shown."""

    id: str
    keys: str
    label: str


SHORTCUTS: Final = (
    Shortcut("new_conversation", "Ctrl+N", "New conversation"),
    Shortcut("search", "Ctrl+K", "Search the conversations"),
    Shortcut("rename", "F2", "Rename the conversation"),
    Shortcut("stop", "Esc", "Stop the reply"),
    Shortcut("focus_composer", "Ctrl+L", "Write a message"),
    Shortcut("add_model", "Ctrl+O", "Add a model file"),
    Shortcut("choose_model", "Ctrl+M", "Choose a model"),
    Shortcut("models", "Ctrl+Shift+M", "Models"),
    Shortcut("my_models", "Ctrl+1", "My models"),
    Shortcut("discover", "Ctrl+2", "Discover models"),
    Shortcut("downloads", "Ctrl+3", "Downloads"),
    Shortcut("this_conversation", "Ctrl+I", "What holds for this conversation only"),
    Shortcut("toggle_sidebar", "Ctrl+B", "Show or hide the sidebar"),
    Shortcut("settings", "Ctrl+,", "Settings"),
    Shortcut("next_panel", "F6", "Next panel"),
    Shortcut("previous_panel", "Shift+F6", "Previous panel"),
    Shortcut("quit", "Ctrl+Q", "Quit"),
)


def make_shortcuts(window: QWidget, actions: Mapping[str, Callable[[], None]]) -> dict[str, QShortcut]:
    """Bind the shortcuts named in `actions`; what is not built has no key. An unknown name is a `KeyError`."""
    return {id_: _bind(window, find_shortcut(id_), action) for id_, action in actions.items()}


def find_shortcut(id_: str) -> Shortcut:
    """Give the line of the table; `KeyError` if there is none."""
    for shortcut in SHORTCUTS:
        if shortcut.id == id_:
            return shortcut
    raise KeyError(id_)


def shortcut_text(id_: str) -> str:
    """The key as it is shown in hints and tooltips, such as "Ctrl N"."""
    return show_keys(find_shortcut(id_).keys)


def show_keys(keys: str) -> str:
    """Give `keys` in the words of this system, parted by spaces."""
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return native if native.endswith("+") else native.replace("+", " ")


def shortcut_label(id_: str) -> str:
    """What the key does, in the user's language."""
    return tr(find_shortcut(id_).label)


def _bind(window: QWidget, shortcut: Shortcut, action: Callable[[], None]) -> QShortcut:
    bound = QShortcut(QKeySequence(shortcut.keys), window)
    bound.setContext(Qt.ShortcutContext.WindowShortcut)
    bound.activated.connect(action)
    return bound
