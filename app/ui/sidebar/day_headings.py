"""Under which heading a conversation stands: by the day it was last used."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QLocale

from app.translation import tr

_WEEK_DAYS: Final = 7


def day_heading(used_at: datetime, now: datetime) -> str:
    """Give the heading for `used_at` as seen from `now`, in the time zone of `now`. Both must know their zone."""
    used = used_at.astimezone(now.tzinfo)
    days = (now.date() - used.date()).days
    if days <= 0:
        return tr("Today")
    if days == 1:
        return tr("Yesterday")
    if days <= _WEEK_DAYS:
        return tr("Previous 7 days")
    month = QLocale().standaloneMonthName(used.month)
    return month if used.year == now.year else f"{month} {used.year}"
