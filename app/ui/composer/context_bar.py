"""The bar of the context window: its parts side by side, in the order in which the model reads them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from app.ui.composer.context_use import ContextUse
from app.ui.theme import Theme

SYSTEM: Final = "gauge_1"
SUMMARY: Final = "hay_line"
CONVERSATION: Final = "gauge_2"
DRAFT: Final = "text_3"
REPLY: Final = "gauge_4"
_GAP: Final = 1.0
_THINNEST: Final = 1.5
"""What is there can be seen, however little it is."""


def paint_use(painter: QPainter, bar: QRectF, use: ContextUse, theme: Theme, *, is_mirrored: bool) -> None:
    """Paint the parts into `bar`, from its end on where the window reads from right to left."""
    painter.save()
    if is_mirrored:
        painter.translate(bar.left() + bar.right(), 0)
        painter.scale(-1, 1)
    outline = QPainterPath()
    outline.addRoundedRect(bar, bar.height() / 2, bar.height() / 2)
    painter.setClipPath(outline)
    painter.fillRect(bar, theme.color("border"))
    painter.setPen(Qt.PenStyle.NoPen)
    left = bar.left()
    for token, tokens in _parts(use):
        if tokens:
            width = max(_THINNEST, bar.width() * tokens / use.n_ctx - _GAP)
            painter.fillRect(QRectF(left, bar.top(), width, bar.height()), theme.color(token))
            left += width + _GAP
    painter.restore()


def _parts(use: ContextUse) -> tuple[tuple[str, int], ...]:
    return (
        (SYSTEM, use.system),
        (SUMMARY, use.summary),
        (CONVERSATION, use.conversation),
        (DRAFT, use.draft),
        (REPLY, use.reply),
    )
