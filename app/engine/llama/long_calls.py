"""The functions of llama.cpp that may take long and are no standstill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from app.engine.llama.binding import api

_LONG: Final = ("llama_decode", "llama_encode", "llama_synchronize")


def announce_long_calls(announced: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Have each of them called through what `announced` makes of it. Once in a process, before a model is loaded.

    They are replaced where the binding keeps them, so that no caller can forget it.
    """
    for name in _LONG:
        setattr(api, name, announced(getattr(api, name)))
