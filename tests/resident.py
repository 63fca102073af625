"""What a process holds of the machine's memory, as Linux counts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Resident:
    """Bytes of a process that are in memory: its own (`RssAnon`), and what it has mapped of files (`RssFile`)."""

    own_bytes: int
    file_bytes: int

    @property
    def total_bytes(self) -> int:
        """Both."""
        return self.own_bytes + self.file_bytes


def resident(process_id: int) -> Resident:
    """Look what the process holds now."""
    lines = (line.split() for line in Path(f"/proc/{process_id}/status").read_text().splitlines())
    kib = {words[0]: int(words[1]) for words in lines if words[0] in {"RssAnon:", "RssFile:", "RssShmem:"}}
    return Resident(1024 * kib["RssAnon:"], 1024 * (kib["RssFile:"] + kib["RssShmem:"]))
