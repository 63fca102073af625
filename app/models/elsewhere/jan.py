"""Jan's models: `<data folder>/llamacpp/models/<model's id>/model.yml`, which says where the files are.

The data folder is what `settings.json` in Jan's own folder says, else `data` beside it; `$JAN_DATA_FOLDER` moves it
for Jan's command. `model_path` and `mmproj_path` in `model.yml` are seen from the data folder; a file that the user
imported is named by its whole path. Source: `src-tauri/src/core/app/commands.rs` and
`extensions/llamacpp-extension` of janhq/jan.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.gguf_files import found
from app.models.elsewhere.notes import parse_lines, parse_object
from app.models.elsewhere.places import Places, System
from app.models.elsewhere.search import Search

_SETTINGS: Final = "settings.json"
_ABOUT: Final = "model.yml"
_MODELS: Final = Path("llamacpp") / "models"
_FLATPAK: Final = Path(".var/app/ai.jan.Jan/data/Jan")


def find(places: Places, search: Search) -> Iterator[FoundModel]:
    """Give Jan's models."""
    for data in data_folders(places, search):
        for folder, _ in search.folders_below(data / _MODELS):
            text = search.read_text(folder / _ABOUT, data)
            if text is not None:
                yield from _models(places, search, data, folder, parse_lines(text))


def data_folders(places: Places, search: Search) -> list[Path]:
    """Give the folders that can be Jan's data folder."""
    base = places.roaming if places.system is System.WINDOWS else places.data_home
    homes = [base / "Jan", base / "jan.ai.app"]
    if places.system is System.LINUX:
        homes += [places.config_home / "Jan", places.home / _FLATPAK]
    chosen = [places.variable("JAN_DATA_FOLDER")]
    for home in homes:
        folder = parse_object(search, home / _SETTINGS, home).get("data_folder")
        chosen += [places.path(folder, home) if isinstance(folder, str) else None, home / "data"]
    return [path for path in chosen if path is not None]


def _models(places: Places, search: Search, data: Path, folder: Path, about: dict[str, str]) -> Iterator[FoundModel]:
    """The model that one `model.yml` tells of, if it is there."""
    path = places.path(about.get("model_path", ""), data)
    if path is None:
        search.damaged += 1
        return
    if not search.is_noted_gguf(path, _root(path, data)):
        return
    projector = places.path(about.get("mmproj_path", ""), data)
    sees = projector is not None and search.is_noted_gguf(projector, _root(projector, data))
    name = about.get("name", "").strip("\"'") or folder.relative_to(data / _MODELS).as_posix()
    yield found([path], OtherApplication.JAN, name=name, projector=projector if sees else None)


def _root(path: Path, data: Path) -> Path:
    """Where a file must lie: in Jan's folder, or, as an imported one, where it is said to be and not behind a link."""
    return data if path.is_relative_to(data) else path.parent
