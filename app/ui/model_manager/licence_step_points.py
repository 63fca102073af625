"""The middle of the licence step: answers below one another, and the whole text in its place."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.model_manager.licence_step_shown import LicenceShown, PointShown
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme

_ICON: Final = 18
_TEXT_LINES: Final = 6
_RADIUS: Final = 10


class Points(QWidget):
    """What one licence says, a row for each answer, parted by hairlines."""

    def __init__(self, licence: LicenceShown, theme: Theme, icons: Icons, *, has_name: bool) -> None:
        super().__init__()
        self._theme = theme
        self._rows = [_PointRow(point, theme, icons) for point in licence.points]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        if has_name:
            for words, role, color in (
                (licence.name, TextRole.HEADING_3, "text"),
                (licence.summary, TextRole.INTERFACE, "text_2"),
            ):
                label = PlainLabel(words, theme, role, color)
                label.setWordWrap(True)
                layout.addWidget(label)
            layout.addSpacing(8)
        for row in self._rows:
            layout.addWidget(row)
        if licence.page:
            layout.addWidget(_page_line(licence.page, theme))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for row in self._rows:
            painter.fillRect(0, row.y(), self.width(), 1, self._theme.color("border"))
        painter.end()


class FullText(QWidget):
    """The text as its maker wrote it: never read as markup, scrolling by itself, to be copied whole."""

    def __init__(self, text: str, note: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(tr("Full text"))
        copy = IconButton("copy", tr("Copy the full text"), theme, icons, size=28, icon_size=15)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(PlainLabel(tr("Full text"), theme, TextRole.INTERFACE_STRONG))
        said = PlainLabel(note, theme, TextRole.INTERFACE, "text_3")
        said.setWordWrap(True)
        head.addWidget(said, 1)
        head.addWidget(copy)
        self.words = QPlainTextEdit(text)
        self.words.setObjectName("licence_full_text")
        self.words.setReadOnly(True)
        self.words.setTabChangesFocus(True)
        self.words.setFrameShape(QFrame.Shape.NoFrame)
        self.words.setFont(theme.font(TextRole.INTERFACE))
        self.words.setAccessibleName(tr("Full text"))
        lines = self.words.fontMetrics().lineSpacing() * _TEXT_LINES
        self.words.setFixedHeight(lines + 2 * round(self.words.document().documentMargin()))
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._restyle()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 10, 12)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.words)
        theme.changed.connect(self._restyle)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("inset"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()

    def _restyle(self) -> None:
        palette = self.words.palette()
        palette.setColor(palette.ColorRole.Base, self._theme.color("inset"))
        palette.setColor(palette.ColorRole.Text, self._theme.color("text_2"))
        self.words.setPalette(palette)
        self.update()


class _PointRow(QWidget):
    def __init__(self, point: PointShown, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._point = point
        self.setAccessibleName(f"{point.heading}. {point.sentence}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_ICON + 11, 11, 0, 11)
        layout.setSpacing(1)
        for words, role, color in (
            (point.heading, TextRole.INTERFACE_STRONG, "text"),
            (point.sentence, TextRole.INTERFACE, "text_2"),
        ):
            label = PlainLabel(words, theme, role, color)
            label.setWordWrap(True)
            layout.addWidget(label)
        theme.changed.connect(self.update)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = self._theme.color(self._point.tone)
        is_turned = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left = self.width() - _ICON if is_turned else 0
        painter.drawPixmap(left, 12, self._icons.pixmap(self._point.icon, color, _ICON, self.devicePixelRatioF()))
        painter.end()


def _page_line(page: str, theme: Theme) -> PlainLabel:
    """An address to be read and copied: nothing opens by itself."""
    label = PlainLabel(tr("Published at {page}", page=page), theme, TextRole.SMALL, "text_3")
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setContentsMargins(_ICON + 11, 2, 0, 4)
    return label
