"""The functions of llama.cpp that may take long and are no standstill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.engine.llama.binding import api
from app.engine.wire import Doing

_LONG: Final[Mapping[str, Doing]] = {
    "llama_decode": "decode",
    "llama_encode": "decode",
    "llama_synchronize": "decode",
    "llama_tokenize": "prompt",
}


def announce_long_calls(announced: Callable[[Callable[..., Any], Doing], Callable[..., Any]]) -> None:
    """Have each of them called through what `announced` makes of it. Once in a process, before a model is loaded.

    They are replaced where the binding keeps them, so that no caller can forget it.
    """
    for name, doing in _LONG.items():
        setattr(api, name, announced(getattr(api, name), doing))
