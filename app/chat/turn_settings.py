"""With what a reply is made, put together from the model, the settings, and what is set for the conversation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.chat.model_choice import identity_of
from app.chat.turn import TurnSettings
from app.conversation import ConversationOptions
from app.engine.requests import Adapter, LoadRequest
from app.models.hashes import FileHashes
from app.models.installed import InstalledModel
from app.settings.values import ReasoningSettings, Settings


def turn_settings(
    model: InstalledModel,
    hashes: FileHashes,
    settings: Settings,
    options: ConversationOptions,
    states: Path | None,
    draft: Path | None = None,
) -> TurnSettings:
    """Give with what the next reply is made.

    `states` is where conversations may be kept as they were read; `draft` is the file of a model that may guess ahead.

    Raises `ModelMissingError`, `DamagedModelError`.
    """
    path = model.loadable_path()
    identity = identity_of(model, hashes)
    load = LoadRequest(
        path,
        settings.load,
        adapters=tuple(Adapter(Path(used.path), used.scale) for used in options.adapters),
        template=model.template_source,
        draft=draft if settings.load.speculates else None,
        state_folder=states if settings.load.kept_disk_mib else None,
        model_sha256=identity.sha256,
    )
    return TurnSettings(
        identity,
        load,
        settings.sampling,
        settings.writing.system_prompt,
        reasoning=_reasoning(settings.reasoning, options),
        hash_file=None if identity.sha256 else lambda: hashes.hash_later(path),
    )


def _reasoning(usual: ReasoningSettings, options: ConversationOptions) -> ReasoningSettings:
    return usual if options.effort is None else replace(usual, effort=options.effort)
