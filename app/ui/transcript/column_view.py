"""A scroll area over a column of strips, of which only those near the viewport exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractSlider, QFrame, QScrollArea, QWidget
from typing_extensions import override

from app.ui.transcript.canvas import Canvas
from app.ui.transcript.column import MARGIN, Anchor, Column, Place
from app.ui.transcript.jump_button import JumpButton
from app.ui.transcript.live_strips import AnyView, Key, LiveStrips
from app.ui.transcript.strips import indent_of, nesting_of, quote_bars
from app.ui.transcript.surroundings import Surroundings

READING_WIDTH: Final = 720
_SIDE_MARGIN: Final = 24
_NARROW: Final = 700
_NARROW_MARGIN: Final = 20
_NEAR_END: Final = 2
_ROUNDS: Final = 12
"""Measuring strips brings others into sight; more than a few rounds are never seen."""
_BAR_WIDTH: Final = 3
_STEP: Final = 48
_BELOW_JUMP: Final = 14
_ROOM_ABOVE: Final = 24


class ColumnView(QScrollArea):
    """Keeps what is read in its place while heights above it become known, and the end in sight for who reads there."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.surroundings = surroundings
        self.column = Column()
        self.canvas = Canvas(surroundings.theme)
        self.live = LiveStrips(surroundings, self.canvas)
        self.lead_widget: QWidget | None = None
        self._is_following = True
        self._is_arranging = False
        self._focus_order: list[Key] = []
        self._setup()
        self.jump_button = JumpButton(surroundings.theme, surroundings.icons, self)
        self.jump_button.clicked.connect(self.scroll_to_end)
        self._idle = QTimer(self, singleShot=True, interval=0)
        self._idle.timeout.connect(self._prefetch)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        surroundings.requests.strip_resized.connect(self._strip_resized)
        surroundings.theme.changed.connect(self._restyle)

    @property
    def is_following_end(self) -> bool:
        """Whether the reader is at the end, and stays there while a reply grows."""
        return self._is_following

    def scroll_to_end(self) -> None:
        """Go to the end and stay there."""
        self._is_following = True
        self.arrange()

    def show_place(self, place: Anchor) -> None:
        """Leave the end and go where `place` says."""
        self._is_following = False
        self.verticalScrollBar().setValue(self.column.top_for(place))  # so that what is there is measured
        self._is_following = False
        self.arrange(place)

    def arrange(self, anchor: Anchor | None = None) -> None:
        """Lay out what is in sight and put it in its place. Nothing else moves before the eyes."""
        if self._is_arranging:
            return
        self._measure_column()
        self._is_arranging = True
        try:
            self._apply(self._settle(anchor))
        finally:
            self._is_arranging = False
        self._idle.start()

    def leave_all(self) -> None:
        """Another conversation comes: no strip of this one is kept, and none is made again on the way."""
        self._is_arranging = True
        self.live.keep_only(set())
        self._is_arranging = False

    def live_of_message(self, index: int) -> list[AnyView]:
        """The widgets that show parts of one message."""
        return [view for key, view in self.live.items() if key[0] == index]

    @override
    def resizeEvent(self, arg__1: QResizeEvent) -> None:
        super().resizeEvent(arg__1)
        self.arrange(self._anchor())

    @override
    def keyPressEvent(self, arg__1: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if arg__1.key() == Qt.Key.Key_Home:
            bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
        elif arg__1.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        else:
            super().keyPressEvent(arg__1)

    @override
    def focusNextPrevChild(self, next: bool) -> bool:
        """A button that goes away while strips change gives the keyboard to the page: nothing scrolls for that."""
        if self._is_arranging:
            self.setFocus()
            return True
        return super().focusNextPrevChild(next)

    def _setup(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(_STEP)
        self.setWidget(self.canvas)

    def _measure_column(self) -> None:
        """The column is in the middle of the whole area, as the composer below is; the scroll bar does not move it."""
        margin = _SIDE_MARGIN if self.width() > _NARROW else _NARROW_MARGIN
        width = max(1, min(READING_WIDTH, self.width() - 2 * margin))
        if width != self.column.width:
            self.column.set_measure(width, self.surroundings.theme.zoom)

    def _left(self) -> int:
        return (self.width() - self.column.width) // 2

    def _anchor(self) -> Anchor | None:
        top = self.verticalScrollBar().value()
        return None if self._is_following else self.column.anchor_at(top, top + self.viewport().height())

    def _settle(self, anchor: Anchor | None) -> int:
        """Measure until everything in sight is exact; give where the viewport begins."""
        height = self.viewport().height()
        self.column.lead = self._lead_height(height)
        top = self.verticalScrollBar().value()
        for _ in range(_ROUNDS):
            if self._is_following:
                top = max(0, self.column.total - height)
            elif anchor is None:
                anchor = self.column.anchor_at(top, top + height)
            measured = top
            is_changed = self.column.open_between(top, top + height)
            for place in list(self.column.places(top, top + height)):
                is_changed |= self._realise(place)
            if anchor is not None and not self._is_following:
                top = self.column.top_for(anchor)
            top = max(0, min(top, self.column.total - height))
            if is_changed:
                anchor = None
            elif top == measured:
                break
        return top

    def _lead_height(self, height: int) -> int:
        """What stands above the conversation: in the middle when it is all there is."""
        widget = self.lead_widget
        if widget is None:
            return MARGIN
        needed = widget.heightForWidth(self.column.width) if widget.hasHeightForWidth() else widget.sizeHint().height()
        top = MARGIN if self.column.messages else max(MARGIN, (height - needed) // 2)
        widget.setGeometry(self._left(), top, self.column.width, needed)
        widget.show()
        return top + needed + MARGIN

    def _realise(self, place: Place) -> bool:
        """Make sure that a strip has its widget and its exact height; say whether that changed anything."""
        key = self.column.key_of(place)
        if place.is_exact and key in self.live:
            return False
        is_left_out = self.column.messages[place.message].is_left_out
        view = self.live.show(key, self.column.strip_at(place), is_left_out=is_left_out)
        height = view.height_for(self.column.width - self._indent(place))
        self.column.measure(place, height)
        return height != place.height or not place.is_exact

    def _indent(self, place: Place) -> int:
        return round(indent_of(nesting_of(self.column.strip_at(place))) * self.surroundings.theme.zoom)

    def _apply(self, top: int) -> None:
        height = self.viewport().height()
        step = self._scroll_step()
        total = -(-max(self.column.total, height) // step) * step if self.column.total > height else height
        if (self.viewport().width(), total) != (self.canvas.width(), self.canvas.height()):
            self.canvas.resize(self.viewport().width(), total)
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if self._is_following else top // step * step)
        self._place_strips(bar.value(), height)
        self._place_jump_button()

    def _scroll_step(self) -> int:
        """Scrolling in whole device pixels lets Qt move what is painted instead of painting it again."""
        ratio = self.devicePixelRatioF()
        return next((step for step in (1, 2, 4) if (ratio * step).is_integer()), 1)

    def _place_strips(self, top: int, height: int) -> None:
        kept: list[Key] = []
        bars: list[QRect] = []
        last_bars: tuple[int, ...] = ()
        for place in self.column.places(top - height, top + 2 * height):
            key = self.column.key_of(place)
            if key not in self.live or not place.is_exact:
                continue
            kept.append(key)
            self._place(self.live[key], place)
            now = quote_bars(nesting_of(self.column.strip_at(place)))
            bars.extend(self._bars(place, now, last_bars))
            last_bars = now
        self.live.keep_only(set(kept))
        self._order_focus(kept)
        self.canvas.set_bars(bars)

    def _order_focus(self, keys: list[Key]) -> None:
        """Tab walks down the page, whatever order the widgets were made in."""
        if keys == self._focus_order:
            return
        self._focus_order = keys
        before: QWidget = self
        for key in keys:
            for button in self.live[key].buttons():
                QWidget.setTabOrder(before, button)
                before = button

    def _place(self, view: AnyView, place: Place) -> None:
        indent = self._indent(place)
        left = self._left() + (0 if self.isRightToLeft() else indent) - view.overhang
        width = self.column.width - indent + 2 * view.overhang
        view.setGeometry(left, place.y, width, place.height)
        if view.isHidden():
            view.show()

    def _bars(self, place: Place, bars: tuple[int, ...], above: tuple[int, ...]) -> Iterator[QRect]:
        """A quote that goes on from the strip above has one bar with it."""
        zoom = self.surroundings.theme.zoom
        for at, indent in enumerate(bars):
            gap = place.gap if at < len(above) and above[at] == indent else 0
            inwards = round(indent * zoom)
            left = self.column.width - inwards - _BAR_WIDTH if self.isRightToLeft() else inwards
            yield QRect(self._left() + left, place.y - gap, _BAR_WIDTH, place.height + gap)

    def _place_jump_button(self) -> None:
        bar = self.verticalScrollBar()
        self.jump_button.setVisible(not self._is_following and bar.maximum() - bar.value() > _STEP)
        left = (self.width() - self.jump_button.width()) // 2
        self.jump_button.move(left, self.viewport().height() - self.jump_button.height() - _BELOW_JUMP)

    def _scrolled(self, value: int) -> None:
        if self._is_arranging:
            return
        self._is_following = value >= self.verticalScrollBar().maximum() - _NEAR_END
        self.arrange()

    def _prefetch(self) -> None:
        """While nothing happens, get one strip ready that scrolling would bring into sight next."""
        height = self.viewport().height()
        top = self.verticalScrollBar().value()
        anchor = self._anchor()
        near = (top - height // 2, top + height + height // 2)
        if self.column.open_between(*near):
            self.arrange(anchor)
            return
        for place in self.column.places(*near):
            if self.column.key_of(place) not in self.live or not place.is_exact:
                self._realise(place)
                self.arrange(anchor)
                return

    def _strip_resized(self, view: QObject) -> None:
        key = self.live.key_of(view)
        if key is None:
            return
        place = self.column.place_of(key)
        height = self.live[key].height_for(self.column.width - self._indent(place))
        self.column.measure(place, height)
        self._is_following = False
        self.arrange(Anchor(place.message, place.strip, self._offset_of(place, height)))
        bar = self.verticalScrollBar()
        self._is_following = bar.value() >= bar.maximum() - _NEAR_END
        self._place_jump_button()

    def _offset_of(self, place: Place, height: int) -> int:
        """Where a strip that changed its height by itself begins: where it was, or as much higher as shows all of it.

        Its beginning stays in sight whatever its height: there is what was clicked on.
        """
        now = place.y - self.verticalScrollBar().value()
        return min(now, max(min(now, _ROOM_ABOVE), self.viewport().height() - height - MARGIN))

    def _restyle(self) -> None:
        anchor = self._anchor()
        self.surroundings.formats.forget()
        self.surroundings.quiet_formats.forget()
        self.column.set_measure(self.column.width, self.surroundings.theme.zoom)
        self.live.restyle()
        for key, view in self.live.items():
            place = self.column.place_of(key)
            self.column.measure(place, view.height_for(self.column.width - self._indent(place)))
        self.canvas.update()
        self.arrange(anchor)
