"""A process that measures what a model is worth here: how fast it is, and how likely it holds a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from app.engine import wire
from app.engine.asked_process import AskedProcess
from app.engine.engine import EngineDiedError
from app.engine.interruption import Interruption
from app.engine.measure_wire import MeasureOrder, OnceMore, Timed, encode, timings, weighings
from app.engine.quantize import stopped_or
from app.engine.requests import LoadRequest

_PATIENCE_S: Final = 900.0
"""For a load from a slow disk, or for one round on a machine that computes a token in a second."""


class ModelMeasure:
    """One model in a process of its own, as confined as an engine. Use it as a context.

    It belongs to one thread, which must live as long as it does. `interruption`, from any thread, ends the process:
    whatever is being waited for then raises `StoppedWorkError`.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        environment: Mapping[str, str],
        order: MeasureOrder,
        interruption: Interruption,
    ) -> None:
        """Start a process by `command`, load, and weigh the text. Raises `EngineError`."""
        self._interruption = interruption
        path = wire.load_request(order.load).path
        self._process = AskedProcess(command, log_path, environment, _PATIENCE_S, path)
        interruption.when_requested(self._process.kill)
        try:
            self.log_likelihood = self._process.ask(encode(order), weighings).log_likelihood
            """The mean logarithm of how likely each of the text's tokens is."""
        except EngineDiedError as error:
            self.close()
            raise stopped_or(error, interruption) from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """It has been started already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    @property
    def process_id(self) -> int:
        """The process's id."""
        return self._process.pid

    def time(self) -> Timed:
        """Read the text once more, and write behind it. Raises `EngineError`."""
        try:
            return self._process.ask(encode(OnceMore()), timings)
        except EngineDiedError as error:
            raise stopped_or(error, self._interruption) from error

    def close(self) -> None:
        """End the process."""
        self._process.close()


def measure_order(load: LoadRequest, text: str, written_tokens: int) -> MeasureOrder:
    """Say what to load, what to weigh and read, and how many tokens to write behind it."""
    return MeasureOrder(wire.load_order(load), text, written_tokens)
