"""`doctor`: what this machine is, and whether Paddock is well."""

from __future__ import annotations

import argparse
import dataclasses
from contextlib import closing
from pathlib import Path
from typing import Final, cast

from app.cli.doctor_network import network_report, print_network
from app.cli.printing import Json, one_line, print_json, print_line, readable_size
from app.engine.builds import EngineBuild, list_builds
from app.engine.engine import EngineError
from app.engine.events import ModelLoaded
from app.engine.requests import LoadRequest
from app.errors import PaddockError
from app.hardware import Device, battery, disk_free, memory, processor
from app.models.library import STARTER_ID
from app.parts import ModelParts
from app.paths import Paths
from app.settings.values import LoadSettings
from app.storage.conversations import ConversationStore
from app.translation import tr
from app.workshop.engine_jobs import EngineJobs
from app.workshop.graphics import Found, GraphicsLook, GraphicsUse, graphics_words, look_at_machine

_SMALL_CONTEXT: Final = 256


def doctor(parts: ModelParts, arguments: argparse.Namespace) -> int:
    """Look, print, and give 0; what is wrong is part of what is printed."""
    found = look_at_machine(parts.machine)
    builds = list_builds(parts.paths.engines)
    report: dict[str, Json] = {
        "hardware": {**_hardware(parts.paths.data, found), "graphics": _graphics(parts, found, builds)},
        "engine": {**_engine(parts), "builds": [build.name for build in builds]},
        "sandbox": _sandbox(found),
        "folders": {
            "data": str(parts.paths.data),
            "config": str(parts.paths.config),
            "logs": str(parts.paths.logs),
        },
        "database": {"integrity": _integrity(parts.paths)},
        "network": network_report(parts),
    }
    if arguments.json:
        print_json(report)
    else:
        _print({name: about for name, about in report.items() if name != "network"})
        print_network(parts)
    return 0


def _integrity(paths: Paths) -> str:
    """Say "ok", or what keeps the conversations from being read: doctor is for when something does."""
    try:
        with closing(ConversationStore.open(paths)) as store:
            return store.integrity()
    except PaddockError as error:
        return str(error)


def _hardware(data: Path, found: Found) -> dict[str, Json]:
    about = processor()
    available = memory()
    power = battery()
    return {
        "processor": about.name,
        "physical_cores": about.physical_cores,
        "logical_cores": about.logical_cores,
        "features": list(about.features),
        "memory_total_bytes": available.total_bytes,
        "memory_available_bytes": available.available_bytes,
        "disk_free_bytes": disk_free(data),
        "battery": None if power is None else {"percent": power.percent, "is_discharging": power.is_discharging},
        "devices": [] if isinstance(found, EngineError) else [_describe(device) for device in found.devices],
        "devices_trouble": str(found) if isinstance(found, EngineError) else None,
    }


def _graphics(parts: ModelParts, found: Found, builds: tuple[EngineBuild, ...]) -> str:
    """Say why no graphics processor is used, or which is, as the page of the hardware does in the window."""
    load = parts.settings.settings.load
    return graphics_words(GraphicsLook(found, load.engine_build, builds), GraphicsUse(load.gpu_layers), readable_size)


def _describe(device: Device) -> Json:
    return {
        "name": device.name,
        "engine_name": device.engine_name,
        "kind": device.kind.value,
        "total_bytes": device.total_bytes,
        "free_bytes": device.free_bytes,
    }


def _sandbox(found: Found) -> Json:
    """Say what an engine process has given up; one that does not come up has given up nothing that is known."""
    if isinstance(found, EngineError):
        return {"network": False, "files": False, "method": "unknown", "missing": str(found)}
    report = found.sandbox
    return {
        "network": report.network,
        "files": report.files,
        "method": report.method,
        "missing": report.missing,
    }


def _engine(parts: ModelParts) -> dict[str, Json]:
    """Start a real engine with the smallest model there is, and say what it says."""
    try:
        settings = LoadSettings(context=_SMALL_CONTEXT, engine_build=parts.settings.settings.load.engine_build)
        request = LoadRequest(parts.models.find(STARTER_ID).present_path(), settings)
        parts.engine.start()
        loaded = EngineJobs(parts.engine, request).last_event(None, ModelLoaded).model
    except PaddockError as error:
        return {"works": False, "trouble": str(error), "details": error.details}
    about = dataclasses.asdict(loaded)
    return {"works": True, **{key: cast("Json", about[key]) for key in ("engine_build", "device", "threads")}}


def _print(report: dict[str, Json]) -> None:
    for name, about in report.items():
        print_line(name.capitalize())
        for key, value in cast("dict[str, Json]", about).items():
            words = _given_up(value) if name == "sandbox" and isinstance(value, bool) else _in_words(key, value)
            print_line(f"  {_label(key)}: {one_line(words)}")


def _given_up(value: bool) -> str:  # noqa: FBT001 - it is the value that is shown
    return tr("given up") if value else tr("open")


def _label(key: str) -> str:
    return key.removesuffix("_bytes").replace("_", " ")


def _in_words(key: str, value: Json) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, int) and key.endswith("_bytes"):
        return readable_size(value)
    if isinstance(value, list):
        between = "; " if any(isinstance(entry, dict) for entry in value) else ", "
        return between.join(_in_words("", entry) for entry in value) or tr("none")
    if isinstance(value, dict):
        return ", ".join(f"{_label(name)} {_in_words(name, entry)}" for name, entry in value.items())
    return tr("none") if value is None or value == "" else str(value)
