"""Icons take their colour from the theme and their sharpness from the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.paths import resources
from app.ui.icons import Icons
from app.ui.theme import Theme

pytestmark = pytest.mark.ui

DRAWINGS = sorted((resources() / "icons" / "lucide").glob("*.svg"))


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_each_drawing_is_painted_in_the_colour_asked_for(qapp: QApplication, drawing: Path) -> None:
    """The darkest pixels of every icon are the colour of the theme, not the file's."""
    image = Icons(Theme("light")).pixmap(drawing.stem, QColor("#4553B5"), 32).toImage()
    inked = {
        image.pixelColor(x, y).name() for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255
    }
    assert "#4553b5" in inked


def test_a_dense_screen_gets_more_pixels_for_the_same_size(qapp: QApplication) -> None:
    """At twice the density the icon is as large as before, and sharper."""
    pixmap = Icons(Theme("light")).pixmap("search", QColor("black"), 16, 2.0)
    assert pixmap.width() == 32
    assert pixmap.deviceIndependentSize().width() == 16


def test_an_icon_is_rendered_once(qapp: QApplication) -> None:
    """Painting a list of a thousand rows does not read a thousand files."""
    icons = Icons(Theme("light"))
    first = icons.pixmap("search", QColor("black"), 16)
    assert icons.pixmap("search", QColor("black"), 16).cacheKey() == first.cacheKey()


def test_the_llama_has_a_face(qapp: QApplication) -> None:
    """The tile beside a reply is chicory with something light on it, and the window's icon has the large sizes."""
    icons = Icons(Theme("light"))
    tile = icons.avatar(22, 2.0).toImage()
    colors = {tile.pixelColor(x, y).name() for x in range(44) for y in range(44)}
    assert {"#4553b5", "#fbf8f1"} <= colors
    assert not icons.paddock().isNull()
