"""What the window remembers from one start to the next."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import PaddockError
from app.private_file import locked, read_or_set_aside, write_object

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WindowState:
    """Where the window was and what it showed.

    `geometry` is Qt's own, in hexadecimal; `draft` and `model_id`, the model that was chosen for it, belong to a
    conversation that has no message yet.
    `policy_when_online` is the network policy that the offline switch goes back to.
    """

    geometry: str = ""
    sidebar_width: int = 264
    sidebar_hidden: bool = False
    conversation_id: str = ""
    draft: str = ""
    model_id: str = ""
    policy_when_online: str = "ask"


class WindowStateFile:
    """Keeps the state in a small file. Losing it costs a window position, so its troubles are logged, not shown."""

    def __init__(self, path: Path) -> None:
        """Read what is there; begin anew where it is missing or damaged."""
        self._path = path
        self._state = self._read()

    @property
    def state(self) -> WindowState:
        """The state as it is now."""
        return self._state

    def change(self, **values: str | int | bool) -> None:
        """Keep new values; writes only when something differs."""
        changed = dataclasses.replace(self._state, **values)
        if changed == self._state:
            return
        self._state = changed
        try:
            with locked(self._path):
                write_object(self._path, dataclasses.asdict(changed))
        except PaddockError as error:
            _log.warning("The window's state was not kept: %s (%s)", error, error.details)

    def _read(self) -> WindowState:
        try:
            state, aside = read_or_set_aside(self._path, _state_of)
        except PaddockError as error:
            _log.warning("%s (%s)", error, error.details)
            return WindowState()
        if aside is not None:
            _log.warning("The window's state was damaged; it is kept as %s", aside.name)
        return state


def _state_of(content: dict[str, Any]) -> WindowState:
    default = WindowState()
    kept = {
        field.name: content[field.name]
        for field in dataclasses.fields(WindowState)
        if type(content.get(field.name)) is type(getattr(default, field.name))
    }
    return dataclasses.replace(default, **kept)
