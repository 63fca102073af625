"""GPT4All's models: plain files in its download folder; one that is being downloaded is called `incomplete-…`.

The folder is `modelPath` in `nomic.ai/GPT4All.ini` among the settings of Qt's programs (`.conf` in older versions on
Linux), else the data folder of `nomic.ai/GPT4All`; its Python package keeps its own in `~/.cache/gpt4all`.
Source: `gpt4all-chat/src/mysettings.cpp`, `main.cpp` and `modellist.cpp` of nomic-ai/gpt4all, and Qt's `QSettings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.gguf_files import models_of_a_folder
from app.models.elsewhere.notes import parse_lines
from app.models.elsewhere.places import Places, System
from app.models.elsewhere.search import Search

_OWN_FOLDER: Final = Path("nomic.ai") / "GPT4All"
_FLATPAK: Final = Path(".var/app/io.gpt4all.gpt4all")
_BEGUN: Final = "incomplete-"
_ESCAPED: Final = re.compile(r"\\x([0-9a-fA-F]{1,4})|\\(.)")


def find(places: Places, search: Search) -> Iterator[FoundModel]:
    """Give GPT4All's models."""
    for folder in folders(places, search):
        for _, files in search.folders_below(folder):
            whole = [path for path in files if not path.name.startswith(_BEGUN)]
            yield from models_of_a_folder(search, whole, OtherApplication.GPT4ALL)


def folders(places: Places, search: Search) -> list[Path]:
    """Give the folders that can hold its models."""
    homes = [(places.config_home, places.data_home)]
    if places.system is System.LINUX:
        homes.append((places.home / _FLATPAK / "config", places.home / _FLATPAK / "data"))
    chosen: list[Path | None] = []
    for config, data in homes:
        for ending in (".ini", ".conf"):
            text = search.read_text(config / _OWN_FOLDER.with_name(_OWN_FOLDER.name + ending), config)
            settings = parse_lines(text or "")
            chosen.append(places.path(_plain(settings.get("modelPath") or settings.get("modelPaths", ""))))
        chosen.append(data / _OWN_FOLDER)
    chosen.append(places.home / ".cache" / "gpt4all")
    return [path for path in chosen if path is not None]


def _plain(value: str) -> str:
    """A value as it was before Qt wrote it: in quotes where it has to be, and rare characters by their number."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[2], value.strip('"'))
