"""A prediction beside what was measured after the load."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from app.memory.kv_type import KvType
from app.models.geometry import Geometry
from app.models.prediction import Predicted, predict
from app.translation import tr

_CLOSE: Final = 0.01


class LoadedAs(Protocol):
    """How a model was loaded, as the engine reports it."""

    @property
    def n_ctx(self) -> int:
        """The context window, in tokens."""
        ...

    @property
    def kv_type(self) -> str:
        """How exactly the KV cache remembers."""
        ...

    @property
    def n_batch(self) -> int:
        """In slices of how many tokens a prompt is read."""
        ...


class MemoryInUse(Protocol):
    """What llama.cpp asked for during a load, in bytes."""

    @property
    def weights_bytes(self) -> int:
        """The weights."""
        ...

    @property
    def kv_cache_bytes(self) -> int:
        """The KV cache, and states."""
        ...

    @property
    def compute_bytes(self) -> int:
        """The buffers in which it computes."""
        ...


@dataclass(frozen=True, slots=True)
class PredictedAndMeasured:
    """One kind of memory. `what` is in the user's language."""

    what: str
    predicted_bytes: int
    measured_bytes: int

    @property
    def ratio(self) -> float:
        """What was predicted, in parts of what was measured."""
        return self.predicted_bytes / max(1, self.measured_bytes)

    @property
    def sentence(self) -> str:
        """How far off the prediction was."""
        percent = f"{abs(1 - self.ratio):.0%}".removesuffix("%")
        if abs(1 - self.ratio) < _CLOSE:
            return tr("As predicted.")
        if self.ratio < 1:
            return tr("Predicted was {percent} % less than it takes.", percent=percent)
        return tr("Predicted was {percent} % more than it takes.", percent=percent)


def predict_loaded(geometry: Geometry, loaded: LoadedAs, features: Iterable[str]) -> Predicted:
    """Predict what a model takes that was loaded so; `features` are the processor's."""
    known = KvType(loaded.kv_type) if loaded.kv_type in tuple(KvType) else KvType.F16
    return predict(geometry, loaded.n_ctx, kv_type=known, n_batch=loaded.n_batch, features=features)


def compare(
    predicted: Predicted, used: MemoryInUse, resident_bytes: int | None = None
) -> tuple[PredictedAndMeasured, ...]:
    """Put side by side what was predicted and what was measured, the whole at last.

    `resident_bytes` is what the engine's process holds of main memory. Where that is not known, or not all of the
    model is there, the whole is what llama.cpp asked for.
    """
    parts = (
        PredictedAndMeasured(tr("Weights"), predicted.weights_bytes, used.weights_bytes),
        PredictedAndMeasured(tr("KV cache"), predicted.kv_bytes, used.kv_cache_bytes),
        PredictedAndMeasured(tr("Computing"), predicted.compute_bytes, used.compute_bytes),
    )
    if resident_bytes is None or predicted.graphics_bytes:
        whole = (sum(part.predicted_bytes for part in parts), sum(part.measured_bytes for part in parts))
    else:
        whole = (predicted.total_bytes, resident_bytes)
    return *parts, PredictedAndMeasured(tr("Memory in all"), *whole)
