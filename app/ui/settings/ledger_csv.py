"""The ledger as a table for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from app.network.ledger import LedgerEntry

_COLUMNS: Final = ("time", "host", "purpose", "bytes received", "bytes sent", "result")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def ledger_csv(entries: Iterable[LedgerEntry]) -> str:
    """Give `entries` as comma-separated values with a line of names; times are RFC 3339 in UTC."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for entry in entries:
        row = (entry.at.isoformat(), entry.host, entry.purpose, entry.bytes, entry.sent, entry.result)
        table.writerow([_harmless(value) if isinstance(value, str) else value for value in row])
    return text.getvalue()


def _harmless(text: str) -> str:
    """A spreadsheet would calculate what begins like a formula, and the words of a search may."""
    return f"'{text}" if text.startswith(_FORMULA) else text
