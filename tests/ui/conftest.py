"""What tests of widgets stand on: one light theme in which nothing moves."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.ui.icons import Icons
from app.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light colours, without motion."""
    light = Theme("light")
    light.set_reduced_motion(True)
    return light


@pytest.fixture
def icons(theme: Theme) -> Icons:
    """The icons in its colours."""
    return Icons(theme)
