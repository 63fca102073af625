"""The pages of the model manager."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Tab(StrEnum):
    """One page of the model manager."""

    MY_MODELS = "my_models"
    DISCOVER = "discover"
    DOWNLOADS = "downloads"


TAB_NAMES: Final[Mapping[Tab, str]] = {
    Tab.MY_MODELS: "My models",
    Tab.DISCOVER: "Discover",
    Tab.DOWNLOADS: "Downloads",
}
"""Message ids: translated where they are shown."""
