"""A table that is still being written: each row is read once, when it is complete."""

from __future__ import annotations

from dataclasses import replace

from app.ui.transcript.blocks import Table
from app.ui.transcript.markdown import groups_of

_HEAD_LINES = 2


class GrowingTable:
    """The rows so far of the table that a text begins with."""

    def __init__(self, head: str) -> None:
        self._head = head
        self._lines_read = _HEAD_LINES
        self.table = _only_table(head)

    @staticmethod
    def begun(source: str) -> GrowingTable | None:
        """Give the table that `source` begins with, once the two lines of its head are complete."""
        *complete, _ = source.split("\n")
        if len(complete) < _HEAD_LINES:
            return None
        table = GrowingTable("\n".join(complete[:_HEAD_LINES]) + "\n")
        return table if table.grow(source) else None

    def grow(self, source: str) -> bool:
        """Read the rows that are complete now; False when a line is no row of this table."""
        *complete, _ = source.split("\n")
        rows: list[Table] = []
        for line in complete[self._lines_read :]:
            row = _only_table(f"{self._head}{line}\n")
            if row is None or len(row.rows) != 1:
                return False
            rows.append(row)
        self._lines_read = len(complete)
        if self.table is not None:
            self.table = replace(self.table, rows=(*self.table.rows, *(row.rows[0] for row in rows)))
        return self.table is not None


def _only_table(source: str) -> Table | None:
    groups = groups_of(source)
    block = groups[0].blocks[0] if len(groups) == 1 else None
    return block if isinstance(block, Table) else None
