"""What each group of settings looks like: its icon and the sentence under its title."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from app.settings.registry import Group, Setting
from app.settings.values import SETTINGS

SHOWN: Final = tuple(Group)
"""Which groups the page shows, in their order."""
ICONS: Final[Mapping[Group, str]] = {
    Group.APPEARANCE: "sun-moon",
    Group.WRITING: "text-cursor-input",
    Group.SAMPLING: "sliders-horizontal",
    Group.ENGINE: "cpu",
    Group.HARDWARE: "laptop",
    Group.NETWORK: "fence",
}
SENTENCES: Final[Mapping[Group, str]] = {
    Group.APPEARANCE: "How the window looks.",
    Group.WRITING: "What every conversation begins with.",
    Group.SAMPLING: "How the next token is chosen. A change counts from the next reply on.",
    Group.ENGINE: "How a model is loaded. A change loads the model anew when you write the next message.",
    Group.HARDWARE: "What this laptop has for a model, and how fast models are on it.",
    Group.NETWORK: (
        "Paddock has no account and no telemetry. It connects only when you search for a model or download one."
    ),
}
"""Message ids: translated where they are shown."""


def settings_of(group: Group) -> Iterator[Setting]:
    """Give the settings of `group` in the order of the registry."""
    return (setting for setting in SETTINGS if setting.group is group)
