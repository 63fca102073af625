"""Where each file lives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP_NAME = "Paddock"
HOME_VARIABLE = "PADDOCK_HOME"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one user's data. With `PADDOCK_HOME` or `--home` all of them lie under one folder."""

    data: Path
    config: Path
    logs: Path

    @property
    def database(self) -> Path:
        """Conversations."""
        return self.data / "conversations.db"

    @property
    def backups(self) -> Path:
        """Copies of the database made before each migration."""
        return self.data / "backups"

    @property
    def writers(self) -> Path:
        """One lock file for each running process that writes replies."""
        return self.data / "writers"

    @property
    def models(self) -> Path:
        """Model files that Paddock downloaded itself."""
        return self.data / "models"

    @property
    def model_list(self) -> Path:
        """Which model files the user added, and where they lie."""
        return self.data / "models.json"

    @property
    def model_templates(self) -> Path:
        """The chat templates that the user chose in place of the model files' own."""
        return self.data / "model-templates.json"

    @property
    def model_hashes(self) -> Path:
        """The sha256 of model files that have been read."""
        return self.data / "model-hashes.json"

    @property
    def benchmarks(self) -> Path:
        """How fast models read and wrote when that was measured."""
        return self.data / "benchmarks.json"

    @property
    def speeds(self) -> Path:
        """How fast memory is here, and how fast each model wrote."""
        return self.data / "speeds.json"

    @property
    def header_cache(self) -> Path:
        """What the headers of model files say. Can be deleted at any time."""
        return self.data / "model-headers.json"

    @property
    def workshop_offers(self) -> Path:
        """Which conversions were offered, and what became of them."""
        return self.data / "workshop-offers.json"

    @property
    def licence_acceptances(self) -> Path:
        """Which licences the user accepted, for which model, and when."""
        return self.data / "licence-acceptances.json"

    @property
    def engines(self) -> Path:
        """Builds of llama.cpp beside the one that came with Paddock, a folder each."""
        return self.data / "engines"

    @property
    def states(self) -> Path:
        """Conversations as the engine read them, so that they need not be read again. Can be deleted at any time."""
        return self.data / "states"

    @property
    def hub_cache(self) -> Path:
        """What the hub said, to be shown again while offline. Can be deleted at any time."""
        return self.data / "hub"

    @property
    def downloads(self) -> Path:
        """Which downloads were begun and have not ended, in their order."""
        return self.data / "downloads.json"

    @property
    def network_ledger(self) -> Path:
        """Every connection that Paddock made or refused to make."""
        return self.data / "network-ledger.jsonl"

    @property
    def network_grants(self) -> Path:
        """Which hosts the user allowed for good, and for what."""
        return self.config / "network-grants.json"

    @property
    def settings(self) -> Path:
        """What the user has set."""
        return self.config / "settings.json"

    @property
    def presets(self) -> Path:
        """The user's own sets of sampling settings."""
        return self.config / "presets.json"

    @property
    def window_state(self) -> Path:
        """Where the window was, and which conversation was open."""
        return self.config / "window.json"

    @property
    def engine_log(self) -> Path:
        """What llama.cpp printed."""
        return self.logs / "engine.log"

    @property
    def application_log(self) -> Path:
        """What Paddock itself has to say; never the words of a conversation."""
        return self.logs / "paddock.log"

    def create(self) -> None:
        """Make the folders that are missing, readable by their owner only."""
        for folder in (self.data, self.config, self.logs, self.writers, self.states):
            create_private_folder(folder)


def find_paths(home: Path | None = None) -> Paths:
    """Take `home`, else `PADDOCK_HOME`, else the places the operating system means for this."""
    chosen = home or _home_from_environment()
    if chosen is not None:
        root = chosen.expanduser().absolute()
        return Paths(data=root / "data", config=root / "config", logs=root / "logs")
    folders = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    return Paths(data=folders.user_data_path, config=folders.user_config_path, logs=folders.user_log_path)


def create_private_folder(folder: Path) -> None:
    """Make `folder` and its parents; the folder itself is closed to other users of the computer."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        folder.chmod(PRIVATE_FOLDER)


def resources() -> Path:
    """Icons, fonts, translations, the model catalogue: data that ships with the application."""
    return Path(__file__).resolve().parent.parent / "resources"


def _home_from_environment() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(value) if value else None
