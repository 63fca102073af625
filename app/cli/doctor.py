"""`doctor`: what this machine is, and whether Paddock is well."""

from __future__ import annotations

import argparse
import dataclasses
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Final, cast

from app.cli.printing import Json, one_line, print_json, print_line, readable_size
from app.engine.events import LoadedModel, ModelLoaded
from app.engine.requests import LoadRequest
from app.engine.worker import EngineFailed, Job, LoadCancelled, WorkerEvent
from app.errors import PaddockError
from app.hardware import disk_free, memory, processor
from app.models.library import STARTER_ID
from app.parts import ModelParts
from app.paths import Paths
from app.settings.values import LoadSettings
from app.storage.conversations import ConversationStore
from app.translation import tr

_PROBE: Final = LoadSettings(context=256)


def doctor(parts: ModelParts, arguments: argparse.Namespace) -> int:
    """Look, print, and give 0; what is wrong is part of what is printed."""
    report: dict[str, Json] = {
        "hardware": _hardware(parts.paths.data),
        "engine": _engine(parts),
        "sandbox": {"network": False, "files": False, "method": "none"},
        "folders": {
            "data": str(parts.paths.data),
            "config": str(parts.paths.config),
            "logs": str(parts.paths.logs),
        },
        "database": {"integrity": _integrity(parts.paths)},
        # Nothing in this version can open a connection; the gate comes with what needs one.
        "network": {"policy": "offline", "ledger": []},
    }
    if arguments.json:
        print_json(report)
    else:
        _print(report)
    return 0


def _integrity(paths: Paths) -> str:
    """Say "ok", or what keeps the conversations from being read: doctor is for when something does."""
    try:
        with closing(ConversationStore.open(paths)) as store:
            return store.integrity()
    except PaddockError as error:
        return str(error)


def _hardware(data: Path) -> Json:
    about = processor()
    available = memory()
    return {
        "processor": about.name,
        "physical_cores": about.physical_cores,
        "logical_cores": about.logical_cores,
        "features": list(about.features),
        "memory_total_bytes": available.total_bytes,
        "memory_available_bytes": available.available_bytes,
        "disk_free_bytes": disk_free(data),
    }


def _engine(parts: ModelParts) -> Json:
    """Start a real engine with the smallest model there is, and say what it says."""
    try:
        request = LoadRequest(parts.models.find(STARTER_ID).present_path(), _PROBE)
        loaded = _load(parts, request)
    except PaddockError as error:
        return {"works": False, "trouble": str(error), "details": error.details}
    about = dataclasses.asdict(loaded)
    return {"works": True, **{key: cast("Json", about[key]) for key in ("engine_build", "device", "threads")}}


def _load(parts: ModelParts, request: LoadRequest) -> LoadedModel:
    events: SimpleQueue[WorkerEvent] = SimpleQueue()
    parts.engine.start()
    parts.engine.submit(Job(request, events.put))
    while True:
        match events.get():
            case ModelLoaded(model=model):
                return model
            case EngineFailed(error=error):
                raise error
            case LoadCancelled():
                raise KeyboardInterrupt
            case _:
                continue


def _print(report: dict[str, Json]) -> None:
    for name, about in report.items():
        print_line(name.capitalize())
        for key, value in cast("dict[str, Json]", about).items():
            shown = readable_size(value) if key.endswith("_bytes") and isinstance(value, int) else _in_words(value)
            print_line(f"  {key.removesuffix('_bytes').replace('_', ' ')}: {one_line(shown)}")


def _in_words(value: Json) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value) or tr("none")
    return str(value)
