"""What llama.cpp's source brings for tests: vocabularies (`ggml-vocab-*.gguf`) and chat templates (`templates/`)."""

from __future__ import annotations

import sys
from pathlib import Path


def llama_models_folder() -> Path:
    """The folder `models` of llama.cpp's source, to be read in place and never changed."""
    link = Path(sys.prefix) / "llama.cpp-models"
    assert link.is_dir(), f"{link} leads nowhere. Run `make test`, which sets up what the tests read."
    return link.resolve()
