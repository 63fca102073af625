"""The messages of the open conversation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QAccessibleInterface, QGuiApplication
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.conversation import Message, Role
from app.translation import tr
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.accessibility import offer_messages
from app.ui.transcript.column import Anchor
from app.ui.transcript.fenced_view import FencedView
from app.ui.transcript.reasoning import without_thoughts
from app.ui.transcript.shown_message import ShownMessage
from app.ui.transcript.strips import leading
from app.ui.transcript.surroundings import Requests, Surroundings
from app.ui.transcript.text_formats import TextFormats

_SHORTEST_WAIT_MS: Final = 33
_WAIT_FACTOR: Final = 5
"""A reply that is slow to draw is drawn less often, so that the window keeps most of the time for itself."""
_ROOM_ABOVE: Final = 24


class Transcript(FencedView):
    """Shows messages, and a reply while it is written. Links, buttons and failures are reported, never acted upon."""

    link_activated = Signal(str)
    continue_requested = Signal(str)
    retry_requested = Signal(str)
    copied = Signal()
    painted = Signal(str, int)
    """A message's id and how many characters of it are laid out, after the paint that shows them."""

    pin_requested = Signal(str, bool)
    """A message's id, and whether it should stay in the model's view."""

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` counts the seconds for which a model thinks."""
        self._clock = clock
        self._requests = Requests()
        quiet = TextFormats(theme, is_quiet=True)
        super().__init__(Surroundings(theme, icons, TextFormats(theme), quiet, self._requests), parent)
        self.setObjectName("transcript")
        self._indices: dict[str, int] = {}
        self._notes: dict[str, str] = {}
        self._pending: dict[str, list[str]] = {}
        self._pending_thoughts: dict[str, list[str]] = {}
        self._reported: dict[str, int] = {}
        self._being_painted: dict[str, int] = {}
        self._pointed_index = -1
        self._wait_ms = _SHORTEST_WAIT_MS
        self._flush_timer = QTimer(self, singleShot=True)
        self._flush_timer.timeout.connect(self.flush)
        self._report_timer = QTimer(self, singleShot=True, interval=0)
        self._report_timer.timeout.connect(self._report_painted)
        self.canvas.painted.connect(self._note_painting)
        self._interface: QAccessibleInterface | None = None
        offer_messages()
        self._connect_requests()
        self._name()

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Open a conversation: everything is replaced, and its end is in sight."""
        self._pending.clear()
        self._pending_thoughts.clear()
        self._reported.clear()
        self._being_painted.clear()
        self._pointed_index = -1
        self.leave_all()
        said = (message for message in messages if message.role is not Role.SYSTEM)
        shown = [self._shown(message, at) for at, message in enumerate(said)]
        indices = {message.message.id: at for at, message in enumerate(shown)}
        if self._indices.keys().isdisjoint(indices):
            self.forget_line()
        self._indices = indices
        if shown:
            shown[-1].is_newest = True
        self.column.replace(shown)
        self.place_line()
        self._name()
        self.scroll_to_end()

    def add_message(self, message: Message) -> None:
        """Append what the user sent, or a reply that begins. One's own words are always brought into sight."""
        if message.role is Role.SYSTEM:
            return
        if self.column.messages:
            self._set_newest(len(self.column.messages) - 1, is_newest=False)
        shown = self._shown(message, len(self.column.messages))
        shown.is_newest = True
        self._indices[message.id] = len(self.column.messages)
        self.column.append(shown)
        self.place_line()
        self._name()
        if message.role is Role.USER:
            self.scroll_to_end()
        else:
            self.arrange()

    def append_piece(self, message_id: str, text: str) -> None:
        """Take text of a reply as it is written; it is shown with the next of some thirty drawings a second.

        Like all that is said of messages here: one that is not shown is none of ours, as its reply may still be written
        while another conversation is read.
        """
        self._keep_for_later(self._pending, message_id, text)

    def append_reasoning(self, message_id: str, text: str) -> None:
        """Take what the model thinks before it answers, as it comes; it is shown as pieces are, folded away."""
        self._keep_for_later(self._pending_thoughts, message_id, text)

    def flush(self) -> None:
        """Show at once what was appended."""
        self._flush_timer.stop()
        start = time.perf_counter()
        thoughts, self._pending_thoughts = self._pending_thoughts, {}
        pieces, self._pending = self._pending, {}
        for message_id in {**thoughts, **pieces}:
            index = self._indices[message_id]
            if message_id in thoughts:
                self.column.messages[index].feed_thoughts("".join(thoughts[message_id]))
            if message_id in pieces:
                self.column.messages[index].feed("".join(pieces[message_id]))
            self.column.relay(index)
        self.arrange()
        self._wait_ms = max(_SHORTEST_WAIT_MS, round((time.perf_counter() - start) * 1000 * _WAIT_FACTOR))

    def update_message(self, message: Message) -> None:
        """Take the state of a message as it is now: its text, status, receipt, trouble."""
        index = self._indices.get(message.id)
        if index is None:
            return
        self.flush()
        is_pin_moved = message.pinned != self.column.messages[index].message.pinned
        self.column.messages[index].update(message)
        self.column.relay(index)
        if is_pin_moved:
            self.draw_line()
        else:
            self.arrange()

    def set_activity(self, message_id: str, words: str) -> None:
        """Say what is being done for a reply, in the quiet line under it."""
        index = self._indices.get(message_id)
        if index is not None and self.column.messages[index].activity != words:
            self.column.messages[index].activity = words
            self._recompose(index)

    def set_does_not_fit(self, message_id: str) -> None:
        """Offer no more to go on with a reply for which there is no room in the context window."""
        index = self._indices.get(message_id)
        if index is not None:
            self.column.messages[index].does_not_fit = True
            self._recompose(index)

    def set_model_note(self, name: str, note: str) -> None:
        """Put `note` beside a model's name, now and for replies to come."""
        self._notes[name] = note
        for index, shown in enumerate(self.column.messages):
            if shown.message.model_name == name and shown.note != note:
                shown.note = note
                self._recompose(index)

    def set_lead(self, widget: QWidget | None) -> None:
        """Show `widget`, owned from now on, above the conversation; in the middle while there is none."""
        if self.lead_widget is not None:
            self.lead_widget.deleteLater()
        self.lead_widget = widget
        if widget is not None:
            widget.setParent(self.canvas)
        self.arrange()

    def show_message(self, message_id: str) -> None:
        """Bring the beginning of a message to the top of the view; an unknown one changes nothing."""
        index = self._indices.get(message_id)
        if index is not None:
            first = leading(self.column.messages[index].opening)
            self.show_place(Anchor(index, first, _ROOM_ABOVE))

    def message_ids(self) -> list[str]:
        """The messages that are shown, from the first to the last."""
        return list(self._indices)

    def message_text(self, message_id: str) -> str:
        """The text of a message with all that was appended so far."""
        shown = self.column.messages[self._indices[message_id]]
        return shown.text + "".join(self._pending.get(message_id, ()))

    def message_count(self) -> int:
        """How many messages are shown."""
        return len(self.column.messages)

    def spoken_message(self, index: int) -> tuple[str, str]:
        """Who says a message and its text, for assistive technology."""
        message = self.column.messages[index].message
        speaker = tr("You") if message.role is Role.USER else message.model_name or tr("Model")
        return speaker, self.message_text(message.id)

    def message_state(self, index: int) -> str:
        """What is to be known of a message beside its words, for assistive technology."""
        shown = self.column.messages[index]
        if shown.is_left_out:
            return tr("The model no longer sees this message.")
        return tr("Pinned: it stays in view of the model.") if shown.message.pinned else ""

    def message_rect(self, index: int) -> QRect:
        """Where a message is on the screen, or would be."""
        top, height = self.column.extent(index)
        corner = self.canvas.mapToGlobal(QPoint((self.width() - self.column.width) // 2, top))
        return QRect(corner, QSize(self.column.width, height))

    def keep_interface(self, interface: QAccessibleInterface) -> None:
        """Hold on to what assistive technology reads this view by."""
        self._interface = interface

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)
        super().leaveEvent(event)

    def _keep_for_later(self, pending: dict[str, list[str]], message_id: str, text: str) -> None:
        if message_id not in self._indices:
            return
        pending.setdefault(message_id, []).append(text)
        if not self._flush_timer.isActive():
            self._flush_timer.start(self._wait_ms)

    def _shown(self, message: Message, index: int) -> ShownMessage:
        shown = ShownMessage(message, self._clock)
        shown.before = max(0, index - 1)
        shown.note = self._notes.get(message.model_name or "", "")
        return shown

    def _connect_requests(self) -> None:
        requests = self._requests
        requests.link_activated.connect(self.link_activated)
        requests.continue_requested.connect(self.continue_requested)
        requests.retry_requested.connect(self.retry_requested)
        requests.pin_requested.connect(self.pin_requested)
        requests.copy_requested.connect(self._copy)
        requests.message_copy_requested.connect(self._copy_message)
        requests.thoughts_toggled.connect(self._toggle_thoughts)
        requests.strip_pointed_at.connect(self._strip_pointed_at)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit()

    def _copy_message(self, message_id: str) -> None:
        """The answer as it was written; what was thought before it is not part of it."""
        self._copy(without_thoughts(self.message_text(message_id)))

    def _toggle_thoughts(self, message_id: str) -> None:
        index = self._indices[message_id]
        self.column.messages[index].is_unfolded = not self.column.messages[index].is_unfolded
        self._recompose(index)

    def _set_newest(self, index: int, *, is_newest: bool) -> None:
        self.column.messages[index].is_newest = is_newest
        self._recompose(index)

    def _recompose(self, index: int) -> None:
        self.column.messages[index].compose()
        self.column.relay(index)
        self.arrange()

    def _name(self) -> None:
        count = len(self.column.messages)
        self.setAccessibleName(tr("Conversation, {count} messages", count=count))

    def _strip_pointed_at(self, view: QObject) -> None:
        key = self.live.key_of(view)
        if key is not None:
            self._point_at(key[0])

    def _point_at(self, index: int) -> None:
        """Show the footer of the message under the pointer, and no other."""
        for at in {index, self._pointed_index} - {-1}:
            for view in self.live_of_message(at):
                view.set_pointed_at(is_pointed_at=at == index)
        self._pointed_index = index

    def _note_painting(self) -> None:
        """The ground is painted first and what stands on it in the same go; by the next turn all of it is there."""
        for index in {key[0] for key, view in self.live.items() if view.isVisible()}:
            shown = self.column.messages[index]
            last = self.column.place(index, shown.last_content)
            if self.column.key_of(last) in self.live:
                self._being_painted[shown.message.id] = len(shown.text)
        self._report_timer.start()

    def _report_painted(self) -> None:
        being_painted, self._being_painted = self._being_painted, {}
        for message_id, count in being_painted.items():
            if self._reported.get(message_id, 0) < count:
                self._reported[message_id] = count
                self.painted.emit(message_id, count)
