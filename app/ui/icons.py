"""Icons: Lucide's drawings in the colours of the theme, rendered once for each colour, size and screen density."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QTransform
from PySide6.QtSvg import QSvgRenderer

from app.paths import resources
from app.ui.theme import Theme

_STROKE: Final = "1.75"
_STROKE_OF_SMALL_CHECK: Final = "2.2"
_DRAWN_STROKE: Final = 'stroke-width="2"'
_POINTING: Final = frozenset({"arrow-left", "chevron-right", "corner-down-right", "panel-left", "list-tree"})
"""These say a direction of reading, and are turned round where one reads from right to left."""


class Icons:
    """The icons of the application, by Lucide's names."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._folder = resources() / "icons"
        self._pixmaps: dict[tuple[str, int, int, float, bool], QPixmap] = {}

    def icon(self, name: str, color: str = "text_2", size: int = 16) -> QIcon:
        """Give an icon in the colour of the token `color`; take it anew when the theme has changed."""
        icon = QIcon()
        for density in sorted({1.0, 2.0, QGuiApplication.primaryScreen().devicePixelRatio()}):
            icon.addPixmap(self.pixmap(name, self._theme.color(color), size, density))
            faded = self.pixmap(name, self._theme.color("disabled"), size, density)
            icon.addPixmap(faded, QIcon.Mode.Disabled)
        return icon

    def pixmap(self, name: str, color: QColor, size: int, dpr: float = 1.0) -> QPixmap:
        """Give the drawing `name` at `size` logical pixels for a screen of density `dpr`."""
        mirrored = name in _POINTING and QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
        key = (name, color.rgba(), size, dpr, mirrored)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._lucide(name, color, size, dpr, mirrored=mirrored)
        return self._pixmaps[key]

    def avatar(self, size: int, dpr: float = 1.0) -> QPixmap:
        """Give the llama's head on its tile, as it stands beside replies."""
        return self._own("avatar", size, dpr)

    def paddock(self) -> QIcon:
        """Give the application's icon in the sizes that desktops ask for."""
        icon = QIcon()
        for size in (16, 24, 32, 48, 64, 128, 256):
            icon.addPixmap(self._own("paddock", size, 1.0))
        return icon

    def _lucide(self, name: str, color: QColor, size: int, dpr: float, *, mirrored: bool) -> QPixmap:
        stroke = _STROKE_OF_SMALL_CHECK if name == "check" and size <= 14 else _STROKE  # noqa: PLR2004 - STYLE 3
        drawing = (self._folder / "lucide" / f"{name}.svg").read_text(encoding="utf-8")
        drawing = drawing.replace("currentColor", color.name()).replace(_DRAWN_STROKE, f'stroke-width="{stroke}"')
        pixmap = _render(drawing.encode(), size, dpr)
        return pixmap.transformed(QTransform.fromScale(-1, 1)) if mirrored else pixmap

    def _own(self, name: str, size: int, dpr: float) -> QPixmap:
        key = (name, 0, size, dpr, False)
        if key not in self._pixmaps:
            self._pixmaps[key] = _render((self._folder / f"{name}.svg").read_bytes(), size, dpr)
        return self._pixmaps[key]


def _render(svg: bytes, size: int, dpr: float) -> QPixmap:
    pixmap = QPixmap(round(size * dpr), round(size * dpr))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(dpr)
    return pixmap
