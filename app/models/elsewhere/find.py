"""All models that other applications have on this laptop."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.models.elsewhere import gpt4all, hugging_face, jan, llama_cpp, lm_studio, named_folder, ollama
from app.models.elsewhere.found_model import FoundModel
from app.models.elsewhere.places import Places
from app.models.elsewhere.search import Search

_APPLICATIONS: Final = (ollama, lm_studio, jan, gpt4all, llama_cpp, hugging_face, named_folder)


def find_models(places: Places, search: Search) -> list[FoundModel]:
    """Give each model once, by the application that has it; two that share a file are one model of the first.

    Nothing is written, and of a model file only its first four bytes are read. It may take some seconds: not for the
    GUI thread. What was passed over, and whether everything was looked at, `search` knows afterwards.
    """
    models: dict[object, FoundModel] = {}
    for application in _APPLICATIONS:
        search.begin()
        for model in application.find(places, search):
            models.setdefault(_identity(model.path), model)
    return list(models.values())


def _identity(path: Path) -> object:
    """What is equal for two names of one file, whether one is a link to the other or both are names of their own."""
    try:
        status = path.stat()
    except OSError:  # it went away while it was being found
        return path
    return status.st_dev, status.st_ino
