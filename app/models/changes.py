"""What happened to the files of models since somebody looked last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.models.installed import InstalledModel
from app.models.model_files import FileState


@dataclass(frozen=True, slots=True)
class Changes:
    """Models whose files are gone, are back, or are other files now. `is_any`: something shown is no longer true."""

    gone: tuple[InstalledModel, ...] = ()
    back: tuple[InstalledModel, ...] = ()
    changed: tuple[InstalledModel, ...] = ()
    is_any: bool = False


def changes_between(before: Sequence[InstalledModel] | None, now: Sequence[InstalledModel]) -> Changes:
    """Compare two looks. Before the first, there was nothing to be true; a model that is new was there when it came."""
    if before is None:
        return Changes()
    states = {model.id: model.state for model in before}
    return Changes(
        gone=_turned(states, now, FileState.MISSING),
        back=tuple(model for model in now if model.is_present and states.get(model.id) is FileState.MISSING),
        changed=_turned(states, now, FileState.CHANGED),
        is_any=list(before) != list(now),
    )


def _turned(
    states: Mapping[str, FileState], now: Sequence[InstalledModel], state: FileState
) -> tuple[InstalledModel, ...]:
    return tuple(
        model for model in now if model.state is state and states.get(model.id, FileState.PRESENT) is not state
    )
