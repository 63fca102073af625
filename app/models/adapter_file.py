"""Whether a file is an adapter, as far as its header tells; which model it fits is seen when it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.gguf.header_error import ModelHeaderError
from app.gguf.reading import read_header
from app.given_text import shown_name

_KIND: Final = "adapter"


def check_adapter(path: Path) -> None:
    """Refuse what is no whole adapter with a `ModelHeaderError`."""
    if read_header(path).kind != _KIND:
        raise ModelHeaderError(
            "{name} is not an adapter.", next_step="Choose a LoRA adapter in GGUF format.", name=shown_name(path)
        )
