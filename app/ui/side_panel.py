"""The left edge of the window: a sidebar, a rail, or nothing, as the window is wide."""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QEasingCurve, QEvent, QPoint, QRect, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app.ui.overlay import Overlay
from app.ui.rail import RAIL_WIDTH, Rail
from app.ui.shadow import BLUR, paint_card
from app.ui.sidebar import Sidebar
from app.ui.theme import SIDEBAR_MS, Theme

SIDEBAR_WIDTH: Final = 264
_NARROWEST: Final = 200
_WIDEST: Final = 360
_RAIL_BELOW: Final = 960
_NOTHING_BELOW: Final = 720
_HANDLE: Final = 5


class SidePanelMode(Enum):
    """What stands at the left edge."""

    SIDEBAR = "sidebar"
    RAIL = "rail"
    NOTHING = "nothing"
    """The top bar's menu button opens the sidebar."""


class SidePanel(QWidget):
    """Holds the sidebar in wide windows; in others opens it over the words, until Escape or a click beside it."""

    mode_changed = Signal(SidePanelMode)
    width_changed = Signal(int)
    """The user dragged the edge: the width to remember."""

    def __init__(self, sidebar: Sidebar, rail: Rail, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._rail = rail
        self._theme = theme
        self._wanted_width = SIDEBAR_WIDTH
        self._window_width = _RAIL_BELOW
        self._is_collapsed = False
        self._mode = SidePanelMode.SIDEBAR
        self._over: _SidebarOver | None = None
        self._motion = QVariantAnimation(self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.valueChanged.connect(self.setFixedWidth)
        self._handle = _Handle(theme)
        self._lay_out()
        self._handle.dragged.connect(self._drag_to)
        rail.sidebar_requested.connect(self.open_sidebar)
        sidebar.conversation_selected.connect(self.close_over)
        sidebar.hit_selected.connect(self.close_over)
        sidebar.new_requested.connect(self.close_over)

    @property
    def mode(self) -> SidePanelMode:
        """What stands at the left edge now."""
        return self._mode

    @property
    def is_over(self) -> bool:
        """Whether the sidebar lies over the words."""
        return self._over is not None

    @property
    def sidebar_width(self) -> int:
        """The width that the user gave the sidebar."""
        return self._wanted_width

    @property
    def is_collapsed(self) -> bool:
        """Whether the user folded the sidebar into the rail though there is room."""
        return self._is_collapsed

    def set_sidebar_width(self, width: int) -> None:
        """Give the sidebar a remembered width; it stays between 200 and 360."""
        self._wanted_width = max(_NARROWEST, min(_WIDEST, width))
        self._use(self._mode, animated=False)

    def set_collapsed(self, collapsed: bool) -> None:  # noqa: FBT001 - a setter with one value
        """Fold the sidebar into the rail, or unfold it; without motion, as when the window opens."""
        self._is_collapsed = collapsed
        self._use(self._fitting_mode(), animated=False)

    def set_window_width(self, width: int) -> None:
        """Choose what fits a window of `width`."""
        self._window_width = width
        mode = self._fitting_mode()
        if mode is not self._mode or not self.width():
            self.close_over()
            self._use(mode, animated=False)

    def toggle(self) -> None:
        """Fold or unfold the sidebar where there is room, else open or close it over the words."""
        if self._over is not None:
            self.close_over()
        elif self._window_width < _RAIL_BELOW:
            self.open_sidebar()
        else:
            self._is_collapsed = not self._is_collapsed
            self._use(self._fitting_mode(), animated=True)

    def open_sidebar(self) -> None:
        """Make the sidebar visible: in its place where there is room, else over the words."""
        if self._window_width >= _RAIL_BELOW:
            self._is_collapsed = False
            self._use(SidePanelMode.SIDEBAR, animated=True)
        elif self._over is None:
            self._over = _SidebarOver(self._sidebar, self._wanted_width, self._theme)
            self._over.dismissed.connect(self._take_back)
            self._over.open_over(self.window())

    def close_over(self) -> None:
        """Put the sidebar away if it lies over the words."""
        if self._over is not None:
            self._over.dismiss()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("sidebar"))
        painter.end()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._rail)
        layout.addWidget(self._sidebar)
        self._handle.setParent(self)
        self._use(SidePanelMode.SIDEBAR, animated=False)

    def _fitting_mode(self) -> SidePanelMode:
        if self._window_width < _NOTHING_BELOW:
            return SidePanelMode.NOTHING
        if self._window_width < _RAIL_BELOW or self._is_collapsed:
            return SidePanelMode.RAIL
        return SidePanelMode.SIDEBAR

    def _use(self, mode: SidePanelMode, *, animated: bool) -> None:
        changed = mode is not self._mode
        self._mode = mode
        if self._over is None:
            self._sidebar.setVisible(mode is SidePanelMode.SIDEBAR)
        self._rail.setVisible(mode is SidePanelMode.RAIL)
        self._handle.setVisible(mode is SidePanelMode.SIDEBAR)
        self.setVisible(mode is not SidePanelMode.NOTHING)
        target = {SidePanelMode.SIDEBAR: self._wanted_width, SidePanelMode.RAIL: RAIL_WIDTH}.get(mode, 0)
        self._widen_to(target, animated=animated)
        if changed:
            self.mode_changed.emit(mode)

    def _widen_to(self, width: int, *, animated: bool) -> None:
        self._motion.stop()
        duration = self._theme.duration(SIDEBAR_MS) if animated else 0
        if not duration:
            self.setFixedWidth(width)
            self._place_handle()
            return
        self._motion.setStartValue(self.width())
        self._motion.setEndValue(width)
        self._motion.setDuration(duration)
        self._motion.start()

    @override
    def resizeEvent(self, event: object) -> None:
        self._place_handle()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place_handle()

    def _place_handle(self) -> None:
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._handle.setGeometry(0 if right_to_left else self.width() - _HANDLE, 0, _HANDLE, self.height())
        self._handle.raise_()

    def _drag_to(self, x: int) -> None:
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        edge = self.mapFromGlobal(QPoint(x, 0)).x()
        self.set_sidebar_width(self.width() - edge if right_to_left else edge)
        self.width_changed.emit(self._wanted_width)

    def _take_back(self) -> None:
        over, self._over = self._over, None
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self._sidebar)
        self._sidebar.setVisible(self._mode is SidePanelMode.SIDEBAR)
        self._handle.raise_()
        if over is not None:
            over.deleteLater()


class _Handle(QWidget):
    """The edge between sidebar and words: a hairline that can be dragged."""

    dragged = Signal(int)
    """Where the pointer is, in the screen's coordinates."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(None)
        self._theme = theme
        self.setCursor(Qt.CursorShape.SplitHCursor)
        theme.changed.connect(self.update)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.dragged.emit(round(event.globalPosition().x()))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.fillRect(
            QRect(0 if right_to_left else self.width() - 1, 0, 1, self.height()), self._theme.color("border")
        )
        painter.end()


class _SidebarOver(Overlay):
    """The sidebar over the words."""

    def __init__(self, sidebar: Sidebar, width: int, theme: Theme) -> None:
        super().__init__(sidebar, theme, SIDEBAR_MS)
        self._panel_width = width
        sidebar.setFocusProxy(sidebar.search_field)

    @override
    def content_geometry(self) -> QRect:
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return QRect(self.width() - self._panel_width if right_to_left else 0, 0, self._panel_width, self.height())

    @override
    def keeps_key(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape  # the sidebar's own hints, such as Ctrl N, go on to work

    @override
    def opening_shift(self) -> QPoint:
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return QPoint(self._panel_width if right_to_left else -self._panel_width, 0)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_card(painter, self._content.geometry().adjusted(0, -BLUR, 0, BLUR), self._theme)
        painter.end()
