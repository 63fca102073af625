"""Opens the folder of states for a model that is being loaded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.engine.events import LoadedModel
from app.engine.llama.memory.state_files import StateFolder
from app.engine.llama.memory.state_key import StateKey, hashed_adapter, unhashed_model
from app.engine.requests import LoadRequest

_MIB: Final = 1024 * 1024
_log = logging.getLogger(__name__)


def open_states(
    request: LoadRequest, parts: Sequence[Path], described: LoadedModel, template_sha256: str | None, stack: ExitStack
) -> StateFolder | None:
    """Open the folder that `request` names, until `stack` ends; None without one, and when the disk does not let us in.

    `parts` are the files of the model, `described` how it was loaded.
    """
    if request.state_folder is None:
        return None
    try:
        unhashed = _unhashed_key(request, parts, described, template_sha256)
        key = replace(unhashed, model=request.model_sha256 or unhashed.model)
        states = StateFolder(request.state_folder, key, request.settings.kept_disk_mib * _MIB, before=unhashed)
    except OSError as error:
        _log.warning("No states of conversations are kept on the disk: %s", error)
        return None
    stack.callback(states.close)
    return states


def _unhashed_key(
    request: LoadRequest, parts: Sequence[Path], described: LoadedModel, template_sha256: str | None
) -> StateKey:
    return StateKey(
        model=unhashed_model(parts),
        engine_build=f"{described.engine_build} {request.settings.engine_build}",
        device=described.device.rstrip(" /0123456789"),  # how many layers it has changes with what is free
        type_k=described.kv_type,
        type_v=described.kv_type,
        flash_attention="auto",  # as every context is made; what that means is up to build and device
        template_sha256=template_sha256 or "",
        adapters=tuple((hashed_adapter(adapter.path), adapter.scale) for adapter in request.adapters),
        n_batch=described.n_batch,
    )
