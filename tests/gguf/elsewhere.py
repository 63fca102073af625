"""A file as a server gives it: range by range."""

from __future__ import annotations


class Elsewhere:
    """A file that lies elsewhere. Nothing is asked for twice, or from behind its end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.end = 0
        self.fetched_bytes = self.requests = 0

    def read(self, offset: int, count: int) -> bytes:
        """Give a range."""
        assert offset >= self.end
        assert offset + count <= len(self._content)
        self.end = offset + count
        self.fetched_bytes += count
        self.requests += 1
        return self._content[offset : offset + count]
