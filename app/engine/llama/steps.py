"""How a written token is read back, so that the next one can be chosen."""

from __future__ import annotations

from typing import Protocol

from app.engine.llama.kv_cache import KvCache


class Steps(Protocol):
    """Where the logits of the next token lie, and how to go on."""

    @property
    def row(self) -> int:
        """The row of the last evaluation that holds the next token's logits, as `llama_get_logits_ith` counts."""
        ...

    def read(self, token: int) -> None:
        """Make `token` part of what was read. Raises `EvaluationAbortedError` or `EngineError`."""
        ...


class PlainSteps:
    """One token, one evaluation."""

    row = -1

    def __init__(self, cache: KvCache) -> None:
        """Read into `cache`."""
        self._cache = cache

    def read(self, token: int) -> None:
        """See `Steps.read`."""
        self._cache.append((token,))
