"""Room at the ends of a line for what is painted there, on the right sides in every direction of reading."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit


def keep_room(line: QLineEdit, *, start: int = 0, end: int = 0) -> None:
    """Keep `start` pixels free where one begins to read, `end` where one ends. Call again when that changes."""
    is_mirrored = line.layoutDirection() == Qt.LayoutDirection.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if is_mirrored else Qt.AlignmentFlag.AlignLeft
    line.setAlignment(side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
    if is_mirrored:
        line.setTextMargins(end, 0, start, 0)
    else:
        line.setTextMargins(start, 0, end, 0)
