"""A process that measures what a model is worth here: how fast it is, and how likely it holds a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from app.engine import wire
from app.engine.asked_process import AskedProcess
from app.engine.interruption import Interruption
from app.engine.measure_wire import MeasureOrder, OnceMore, Timed, encode, timings, weighings
from app.engine.requests import LoadRequest

_PATIENCE_S: Final = 900.0
"""For a load from a slow disk, or for one round on a machine that computes a token in a second."""


class ModelMeasure(AskedProcess):
    """One model in a process of its own, as confined as an engine."""

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        environment: Mapping[str, str],
        order: MeasureOrder,
        interruption: Interruption,
    ) -> None:
        """Start a process by `command`, load, and weigh the text. Raises `EngineError`."""
        path = wire.load_request(order.load).path
        super().__init__(command, log_path, environment, _PATIENCE_S, path, interruption)
        self.log_likelihood = self.begin(encode(order), weighings).log_likelihood
        """The mean logarithm of how likely each of the text's tokens is."""

    def time(self) -> Timed:
        """Read the text once more, and write behind it. Raises `EngineError`."""
        return self.ask(encode(OnceMore()), timings)


def measure_order(load: LoadRequest, text: str, written_tokens: int) -> MeasureOrder:
    """Say what to load, what to weigh and read, and how many tokens to write behind it."""
    return MeasureOrder(wire.load_order(load), text, written_tokens)
