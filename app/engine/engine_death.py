"""Says in plain words why the engine process ended: only what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.confined.exit_diagnosis import ExitCause, ProcessEnd
from app.engine.engine import EngineDiedError
from app.engine.smaller_context import half_the_context

_SENTENCES: Final[dict[ExitCause, tuple[str, str]]] = {
    ExitCause.OUT_OF_MEMORY: (
        "The engine was ended because memory ran out.",
        "Close other programs, or choose a smaller model or a smaller context window.",
    ),
    ExitCause.KILLED: (
        "The engine was ended from outside Paddock.",
        "A new engine starts with your next step.",
    ),
    ExitCause.ABORTED: (
        "The engine stopped itself: it came upon something that should not be possible.",
        "A new engine starts with your next step. If it stops at the same place, choose another file of this model.",
    ),
    ExitCause.CRASHED: (
        "The engine crashed.",
        "A new engine starts with your next step. If it crashes at the same place, choose another file of this model.",
    ),
    ExitCause.FILE_UNREADABLE: (
        "The engine was ended because a part of the model file could not be read.",
        "Check the disk that {name} lies on.",
    ),
    ExitCause.ILLEGAL_INSTRUCTION: (
        "The engine was built for another processor than this one.",
        "Install the build of Paddock that is made for this computer.",
    ),
    ExitCause.FAILED: (
        "The engine ended by itself.",
        "A new engine starts with your next step. The details say what this one printed last.",
    ),
    ExitCause.PROTOCOL: (
        "The engine sent something that makes no sense, and was ended.",
        "A new engine starts with your next step. If it happens again, do not use this model file.",
    ),
    ExitCause.UNRESPONSIVE: (
        "The engine did not answer any more, and was ended.",
        "A new engine starts with your next step. If it stops at the same place, choose another file of this model.",
    ),
}
_TRY_LESS: Final = "Close other programs, or try with {smaller} tokens of context."
_FILE_CHANGED: Final = (
    "The engine was ended because the model file changed while it was loaded.",
    "Load the model again when {name} is complete.",
)


class FileWitness:
    """Remembers how a file was, to know later whether it is still the same."""

    def __init__(self, path: Path) -> None:
        """Look at `path` now."""
        self.path = path
        self._seen = self._look()

    @property
    def has_changed(self) -> bool:
        """Whether it has another size, another date, or is gone."""
        return self._look() != self._seen

    def _look(self) -> tuple[int, int] | None:
        try:
            state = self.path.stat()
        except OSError:
            return None
        return state.st_size, state.st_mtime_ns


def death_error(end: ProcessEnd, model_file: FileWitness | None, n_ctx: int = 0) -> EngineDiedError:
    """Make the error that tells of `end`, with its exit code and its last log lines as details.

    `n_ctx` is the context window that it had, or was to have; 0 when there was none.
    """
    sentence, next_step = _SENTENCES[end.cause]
    smaller = half_the_context(n_ctx)
    if end.cause is ExitCause.OUT_OF_MEMORY and smaller:
        next_step = _TRY_LESS
    if end.cause is ExitCause.FILE_UNREADABLE and model_file is not None and model_file.has_changed:
        sentence, next_step = _FILE_CHANGED
    details = "\n".join(line for line in (f"exit code {end.code}", end.failed_assertion, *end.log) if line)
    name = model_file.path.name if model_file is not None else ""
    return EngineDiedError(
        sentence, next_step=next_step, details=details, exit_code=end.code, name=name, smaller=f"{smaller:,}"
    )
