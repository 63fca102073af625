"""The built parts of the application, as they are handed to the window and to the commands."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.worker import EngineWorker
from app.models.hashes import FileHashes
from app.models.library import ModelLibrary
from app.models.speeds import Speeds
from app.online_parts import OnlineParts
from app.paths import Paths
from app.settings.file import SettingsFile
from app.storage.conversations import ConversationStore
from app.workshop.machine_look import MachineLook


@dataclass(frozen=True, slots=True)
class ModelParts:
    """What exists once and knows of models, not of conversations: it works when the database cannot be opened.

    `engine` is the worker that owns the engine; it has not been started yet. `online` is what can reach the network.
    """

    paths: Paths
    settings: SettingsFile
    models: ModelLibrary
    hashes: FileHashes
    engine: EngineWorker
    online: OnlineParts
    speeds: Speeds
    machine: MachineLook


@dataclass(frozen=True, slots=True)
class Parts(ModelParts):
    """Everything that exists once."""

    store: ConversationStore
