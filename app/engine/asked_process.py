"""A process that answers one question after the other, and has only so long for each."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from app.confined.exit_diagnosis import ExitCause
from app.confined.framing import FramingError
from app.confined.process import ConfinedProcess
from app.engine import wire
from app.engine.engine import EngineError
from app.engine.engine_death import FileWitness, death_error
from app.engine.engine_process import start_process
from app.engine.interruption import Interruption
from app.errors import Fault

_Answer = TypeVar("_Answer")


class StoppedWorkError(EngineError):
    """It was ended because somebody asked."""

    fault = Fault.USER


class AskedProcess:
    """A confined process that does nothing unless it is asked. Use it as a context.

    It belongs to one thread, which must live as long as it does.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        environment: Mapping[str, str],
        patience_s: float,
        model_file: Path | None = None,
        interruption: Interruption | None = None,
    ) -> None:
        """Start `command`; each answer may take `patience_s`. Raises `EngineError` when it cannot be started.

        `model_file` is what it works with: a death that comes of the file is told by its name. `interruption`, from any
        thread, ends the process: whatever is being waited for then raises `StoppedWorkError`.
        """
        self._process = start_process(ConfinedProcess, command, log_path, environment)
        self._patience_s = patience_s
        self._model_file = None if model_file is None else FileWitness(model_file)
        self.was_too_slow = False
        """Whether it was ended because an answer did not come."""
        self._interruption = interruption
        if interruption is not None:
            interruption.when_requested(self.kill)

    def __enter__(self) -> Self:
        """It has been started already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def begin(self, question: bytes, answers: msgspec.msgpack.Decoder[_Answer]) -> _Answer:
        """Ask what must be answered first: a process that does not is ended. Raises as `ask` does."""
        try:
            return self.ask(question, answers)
        except BaseException:  # Ctrl-C and mistakes of ours too: no process may be left behind
            self.close()
            raise

    def ask(self, question: bytes, answers: msgspec.msgpack.Decoder[_Answer]) -> _Answer:
        """Give the answer, or raise the error that came in its place.

        Raises `EngineDiedError` when the process ended, took too long, or sent something that makes no sense;
        `StoppedWorkError` when somebody asked for its end.
        """
        with contextlib.suppress(OSError):  # it has just died: its pipe's end will tell
            self._process.writer.write(question)
        return self.hear(answers)

    def hear(self, answers: msgspec.msgpack.Decoder[_Answer]) -> _Answer:
        """Give one more answer to what was asked. Raises as `ask` does."""
        timer = threading.Timer(self._patience_s, self._lose_patience)
        timer.daemon = True
        timer.start()
        try:
            answer = self._answer(answers)
        finally:
            timer.cancel()
        if isinstance(answer, wire.Failed):
            raise wire.failure_error(answer)
        return answer

    @property
    def process_id(self) -> int:
        """The process's id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once, from any thread: whoever waits for an answer gets what `ask` raises."""
        self._process.kill()

    def close(self) -> None:
        """End the process."""
        self._process.end()

    def _answer(self, answers: msgspec.msgpack.Decoder[_Answer]) -> _Answer | wire.Failed:
        try:
            frame = self._process.reader.read()
            if frame is not None:
                return wire.decode_or_failure(answers, frame)
        except (FramingError, wire.WireError) as error:
            self._process.kill()
            raise self._died(ExitCause.PROTOCOL) from error
        raise self._died()

    def _died(self, cause: ExitCause | None = None) -> EngineError:
        if self._interruption is not None and self._interruption.requested:
            return StoppedWorkError("It was stopped.")
        end = self._process.diagnose_end()
        known = ExitCause.UNRESPONSIVE if self.was_too_slow else cause
        return death_error(end if known is None else replace(end, cause=known), self._model_file)

    def _lose_patience(self) -> None:
        self.was_too_slow = True
        self._process.kill()
