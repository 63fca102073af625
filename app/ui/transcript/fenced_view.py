"""The column with the line of forgetting in it: what the model no longer sees, and what stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.ui.transcript.column import Anchor
from app.ui.transcript.column_view import ColumnView
from app.ui.transcript.forgetting import LineOfForgetting
from app.ui.transcript.strips import leading
from app.ui.transcript.surroundings import Surroundings


class FencedView(ColumnView):
    """Draws the fence above the first message that the model still sees, and the summary of the others below it."""

    summary_edit_began = Signal()
    """Somebody begins to change the summary that is shown."""
    summary_edited = Signal(str)
    """What the summary of the messages above the fence should say from now on."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None) -> None:
        super().__init__(surroundings, parent)
        self._line = LineOfForgetting()
        requests = surroundings.requests
        requests.summary_edit_began.connect(self._begin_summary_edit)
        requests.summary_draft_changed.connect(self._keep_draft)
        requests.summary_edit_ended.connect(self._end_summary_edit)
        requests.summary_edited.connect(self._edit_summary)

    def set_left_out(self, message_ids: Sequence[str]) -> None:
        """Say which messages the model no longer sees; none: there is no line."""
        self._line.left_out = frozenset(message_ids)
        self.draw_line()

    def set_summary(self, text: str | None) -> None:
        """Show at the fence what stands for the messages above it; None: nothing does."""
        self._line.summary = text
        self.draw_line()

    def forget_line(self) -> None:
        """Another conversation is shown: until it is said, nothing is left out of it."""
        self._line.forget()

    def draw_line(self) -> None:
        """Put the line where it belongs now. What is read stays in its place, and nothing unseen is touched."""
        anchor = self._anchor_in_words()
        above = self._above(anchor)
        self.place_line()
        if anchor is not None:
            anchor = replace(anchor, strip=anchor.strip + self._above(anchor) - above)
        self.arrange(anchor)

    def place_line(self) -> None:
        """The same before what is in sight is laid out."""
        for index in self._line.draw(self.column.messages):
            self.column.messages[index].compose()
            self.column.relay(index)
        for key, view in self.live.items():
            view.set_left_out(is_left_out=self.column.messages[key[0]].is_left_out)

    def _anchor_in_words(self) -> Anchor | None:
        """What should stay in its place: words, as the fence itself may go away."""
        anchor = self._anchor()
        above = self._above(anchor)
        if anchor is None or anchor.strip >= above:
            return anchor
        first = self.column.place(anchor.message, above)
        return Anchor(anchor.message, above, first.y - self.verticalScrollBar().value())

    def _above(self, anchor: Anchor | None) -> int:
        return 0 if anchor is None else leading(self.column.messages[anchor.message].strips)

    def _begin_summary_edit(self) -> None:
        self._write_draft(self._line.summary)
        self.summary_edit_began.emit()

    def _keep_draft(self, text: str) -> None:
        self._write_draft(text)

    def _end_summary_edit(self) -> None:
        self._write_draft(None)

    def _edit_summary(self, text: str) -> None:
        is_other = text != self._line.summary
        self._line.summary = text
        self._write_draft(None)
        if is_other:
            self.summary_edited.emit(text)

    def _write_draft(self, draft: str | None) -> None:
        if not self.column.messages:
            return
        conversation_id = self.column.messages[0].message.conversation_id
        if draft is None:
            self._line.drafts.pop(conversation_id, None)
        else:
            self._line.drafts[conversation_id] = draft
        self.draw_line()
