"""How close the prediction of a model's memory comes to what its engine process then holds.

Loads models in engine processes as the application does: the starter model, the same requantised by llama.cpp, and
models of zeros in the geometries that there are (grouped heads, sliding windows, experts, a hybrid with a state, large
vocabularies), with several context windows, KV types and slices. After a prompt in full slices `RssAnon`, `RssFile` and
`RssShmem` of the process are held against `Predicted.total_bytes`: all that is in main memory, the pages of the model
file that are mapped included. Fails where one is off by more than a tenth: `python -m tests.benchmarks.fit`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gguf import GGMLQuantizationType as Kind

from app.models.catalogue import CatalogueGeometry
from tests.benchmarks.decode import starter_model
from tests.empty_models import HYBRID, write_empty_model
from tests.measured_fit import measure_fit
from tests.requantised import requantise

_MIB: Final = 2**20
_FARTHEST: Final = 0.10
"""How far off a prediction may be."""


@dataclass(frozen=True)
class Combination:
    """A model, and how it is loaded."""

    name: str
    write: Callable[[Path], Path]
    context: int
    kv_type: str = "f16"


def geometry(  # noqa: PLR0913 - a model has as many numbers
    architecture: str,
    layers: int,
    embedding: int,
    feed_forward: int,
    heads: tuple[int, int, int],
    *,
    vocabulary: int = 32_000,
    window: tuple[int, int] | None = None,
    experts: tuple[int, int] | None = None,
) -> CatalogueGeometry:
    """Give the numbers of a model: `heads` are how many there are, how many with keys, and how wide one is."""
    return CatalogueGeometry(
        architecture=architecture,
        block_count=layers,
        embedding_length=embedding,
        feed_forward_length=feed_forward,
        head_count=heads[0],
        head_count_kv=heads[1],
        key_length=heads[2],
        value_length=heads[2],
        vocabulary_size=vocabulary,
        context_length=32_768,
        sliding_window=window[0] if window else None,
        full_attention_every=window[1] if window else 1,
        expert_count=experts[0] if experts else None,
        expert_used_count=experts[1] if experts else None,
    )


def starter(_: Path) -> Path:
    """Give the model that comes with Paddock: nothing has to be written."""
    return starter_model()


def empty(numbers: CatalogueGeometry, kind: Kind) -> Callable[[Path], Path]:
    """Give what writes such a model of zeros."""
    return lambda path: write_empty_model(path, numbers, kind)


GROUPED: Final = geometry("llama", 24, 1024, 2816, (16, 4, 64))
SLIDING: Final = geometry("gemma3", 26, 1152, 3456, (4, 1, 256), vocabulary=262_144, window=(512, 6))
MIXTURE: Final = geometry("qwen3moe", 12, 1024, 768, (16, 4, 64), vocabulary=151_936, experts=(16, 4))
MIXED: Final = geometry(HYBRID, 16, 1536, 4608, (24, 8, 64), vocabulary=65_536)
LARGE: Final = geometry("qwen3", 36, 2560, 9728, (32, 8, 128), vocabulary=151_936)
COMBINATIONS: Final = (
    Combination("starter", starter, 2048),
    Combination("starter", starter, 8192),
    Combination("starter", starter, 8192, "q8_0"),
    Combination("starter Q8_0", lambda path: requantise(starter_model(), path, "Q8_0"), 4096),
    Combination("starter F16", lambda path: requantise(starter_model(), path, "F16"), 4096, "q4_0"),
    Combination("grouped heads", empty(GROUPED, Kind.F16), 2048),
    Combination("grouped heads", empty(GROUPED, Kind.Q4_0), 16_384),
    Combination("sliding window", empty(SLIDING, Kind.Q8_0), 4096),
    Combination("sliding window", empty(SLIDING, Kind.Q8_0), 32_768, "q8_0"),
    Combination("experts", empty(MIXTURE, Kind.Q4_K), 8192),
    Combination("hybrid", empty(MIXED, Kind.Q4_0), 8192),
    Combination("four billion", empty(LARGE, Kind.IQ2_XXS), 4096, "q8_0"),
)


def main() -> int:
    """Measure every combination, and print what was predicted of it."""
    print(f"{'model':16}{'context':>8}{'KV':>6}{'slice':>6}{'predicted':>11}{'measured':>10}{'ratio':>7}   (MiB)")
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for each in COMBINATIONS:
            path = each.write(Path(folder) / "model.gguf")
            found = measure_fit(path, Path(folder) / "engine.log", each.context, each.kv_type)
            ratios.append(found.ratio)
            print(
                f"{each.name:16}{found.loaded.n_ctx:8,}{found.loaded.kv_type:>6}{found.loaded.n_batch:6}"
                f"{found.predicted.total_bytes / _MIB:11,.0f}{found.held.total_bytes / _MIB:10,.0f}{found.ratio:7.3f}",
                flush=True,
            )
    print(f"{len(ratios)} combinations, ratios {min(ratios):.3f} to {max(ratios):.3f}")
    return 0 if all(abs(1 - ratio) <= _FARTHEST for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
