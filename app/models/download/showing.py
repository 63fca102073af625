"""What is shown of a download while it runs: how far it is, how fast, how long the rest takes, what there is to say."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.models.download.download import Download
from app.models.download.fetch import Notice, Progress
from app.models.download.speedometer import Speedometer

_SHOW_EVERY_S: Final = 0.25


class Showing:
    """Follows one run of a download."""

    def __init__(self) -> None:
        self._meter = Speedometer()
        self._shown_at = float("-inf")
        self._lasting_notice = ""

    def after(self, download: Download, said: Progress | Notice, now: float) -> Download:
        """Give `download` as it is after what was `said`; as it was, while it is too soon to show more."""
        if isinstance(said, Notice):
            self._lasting_notice = self._lasting_notice if said.is_passing else said.text
            return replace(download, notice=said.text)
        speed = self._meter.see(now, said.received_bytes)
        is_first_of_all = said.received_bytes == said.size_bytes and download.received_bytes != said.size_bytes
        if now - self._shown_at < _SHOW_EVERY_S and not is_first_of_all:
            return download
        self._shown_at = now
        has_more = said.received_bytes > download.received_bytes
        return replace(
            download,
            received_bytes=said.received_bytes,
            size_bytes=said.size_bytes,
            bytes_per_s=speed,
            remaining_s=(said.size_bytes - said.received_bytes) / speed if speed else None,
            is_mending=said.is_mending,
            notice=self._lasting_notice if has_more else download.notice,
        )
