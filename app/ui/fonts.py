"""Type: which font, size and weight each role of text has, and where the font files lie."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

_LOG = logging.getLogger(__name__)

WORDS_FAMILY: Final = "Inter"
CODE_FAMILY: Final = "JetBrains Mono"
_PACKAGES: Final = ("fontpkg_inter", "fontpkg_jetbrains_mono")
_WEIGHT: Final = QFont.Tag("wght")
_OPTICAL_SIZE: Final = QFont.Tag("opsz")
_TABULAR: Final = QFont.Tag("tnum")
_CONTEXTUAL: Final = QFont.Tag("calt")
_DISPLAY_CUT: Final = 32.0
"""At this optical size Inter is what its makers call Inter Display."""


class TextRole(Enum):
    """What a piece of text is for; its size, line height and weight follow."""

    PAGE_TITLE = "page title"
    DIALOG_TITLE = "dialog title"
    HEADING_1 = "heading 1"
    HEADING_2 = "heading 2"
    HEADING_3 = "heading 3"
    READING = "reading"
    WRITING = "writing"
    INTERFACE = "interface"
    INTERFACE_STRONG = "strong interface"
    ROW = "row"
    SMALL = "small"
    SMALL_NAME = "small name"
    BADGE = "badge"
    CODE = "code"
    INLINE_CODE = "inline code"


@dataclass(frozen=True, slots=True)
class TypeSize:
    """Size and line height in logical pixels at 100 % zoom, and the weight (400 is regular, 600 strong)."""

    size_px: float
    line_px: int
    weight: int = 400
    spacing_px: float = 0.0
    is_code: bool = False
    is_display: bool = False
    has_tabular_figures: bool = False


SIZES: Final = {
    TextRole.PAGE_TITLE: TypeSize(22, 28, 600, spacing_px=-0.2, is_display=True),
    TextRole.DIALOG_TITLE: TypeSize(20, 26, 600),
    TextRole.HEADING_1: TypeSize(20, 28, 600),
    TextRole.HEADING_2: TypeSize(17, 24, 600),
    TextRole.HEADING_3: TypeSize(15, 24, 600),
    TextRole.READING: TypeSize(15, 24),
    TextRole.WRITING: TypeSize(15, 23),
    TextRole.INTERFACE: TypeSize(13, 18),
    TextRole.INTERFACE_STRONG: TypeSize(13, 18, 600),
    TextRole.ROW: TypeSize(13, 18, 450),
    TextRole.SMALL: TypeSize(12, 16, has_tabular_figures=True),
    TextRole.SMALL_NAME: TypeSize(12, 16),
    TextRole.BADGE: TypeSize(11, 16, 500),
    TextRole.CODE: TypeSize(13, 20, is_code=True),
    TextRole.INLINE_CODE: TypeSize(13.2, 20, is_code=True),
}


def load_fonts() -> None:
    """Make the bundled fonts known to Qt; a missing package is logged, and the system's fonts serve instead."""
    for path in _font_files():
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            _LOG.error("The font file %s could not be loaded; the system's fonts are used.", path.name)


def make_font(role: TextRole, *, weight: int | None, zoom: float) -> QFont:
    """Give the font of `role`. Weights are set on the variable axis: fontconfig alone would smear the regular cut.

    A widget, a painter and a text format (by `QTextCharFormat.setFont`) all honour the axis.
    """
    size = SIZES[role]
    font = QFont(CODE_FAMILY if size.is_code else WORDS_FAMILY)
    font.setStyleHint(QFont.StyleHint.Monospace if size.is_code else QFont.StyleHint.SansSerif)
    font.setPixelSize(max(1, round(size.size_px * zoom)))
    font.setVariableAxis(_WEIGHT, float(weight or size.weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    _set_details(font, size, zoom)
    return font


def _set_details(font: QFont, size: TypeSize, zoom: float) -> None:
    if size.is_display:
        font.setVariableAxis(_OPTICAL_SIZE, _DISPLAY_CUT)
    if size.spacing_px:
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, size.spacing_px * zoom)
    if size.is_code:
        font.setFeature(_CONTEXTUAL, 0)
        font.setFixedPitch(True)
    if size.has_tabular_figures:
        font.setFeature(_TABULAR, 1)


def _font_files() -> Iterator[Path]:
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)  # found, not imported: only its data are wanted
        if spec is None or not spec.submodule_search_locations:
            _LOG.error("The font package %s is missing; the system's fonts are used.", package)
            continue
        yield from sorted(Path(spec.submodule_search_locations[0]).rglob("*.ttf"))
