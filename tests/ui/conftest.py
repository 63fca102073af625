"""What tests of widgets stand on: one light theme in which nothing moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.ui.icons import Icons
from app.ui.theme import Theme
from tests.closed_network import denied


@pytest.fixture(scope="session", autouse=True)
def clipboard_is_emptied() -> Iterator[None]:
    """The offscreen clipboard frees its `QMimeData` after Python has ended; one made by Python ends it by a signal."""
    yield
    if QGuiApplication.instance() is not None:
        QGuiApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """The window connects to nothing, on this computer neither, but a hub that its test has opened."""
    with denied(request.node.nodeid):
        yield


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
