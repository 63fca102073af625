"""What is predicted of a model's memory is what llama.cpp plans, and what its process then holds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
import pytest
from gguf import GGMLQuantizationType as Kind

from app.engine.llama.library import LibraryLog, start_library
from app.engine.llama.loading.load_plan import Choice
from app.engine.llama.loading.memory_need import MAIN_MEMORY
from app.engine.llama.loading.memory_probe import MemoryProbe
from app.engine.llama.loading.model_file import inspect_model_file
from app.engine.llama.loading.weights import read_weights
from app.memory.kv_type import KvType
from app.memory.slices import slice_tokens
from app.models.catalogue import Catalogue, CatalogueModel
from app.models.geometry import geometry_of_file
from app.models.prediction import predict
from app.models.prediction_check import compare
from app.paths import resources
from tests.benchmarks.fit import empty, geometry, starter
from tests.empty_models import write_empty_model
from tests.measured_fit import measure_fit

MIB: Final = 2**20
MODELS: Final = Catalogue.load(resources()).models
FEW: Final = 2000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process holds of its own and of files")
@pytest.mark.parametrize(
    ("write", "context", "kv_type"),
    [
        (starter, 4096, "f16"),
        (starter, 8192, "q8_0"),
        (empty(geometry("gemma3", 12, 768, 2048, (4, 1, 256), window=(512, 6)), Kind.Q4_0), 16_384, "f16"),
    ],
    ids=["starter", "eight bits", "sliding window, laid out anew"],
)
def test_a_process_holds_what_was_predicted(
    write: Callable[[Path], Path], context: int, kv_type: str, tmp_path: Path
) -> None:
    """Within a tenth, after a prompt in full slices; what llama.cpp asked for is predicted part by part."""
    found = measure_fit(write(tmp_path / "model.gguf"), tmp_path / "engine.log", context, kv_type)
    assert found.loaded.memory is not None
    *parts, whole = compare(found.predicted, found.loaded.memory, found.held.total_bytes)
    assert whole.ratio == pytest.approx(1, abs=0.1)
    assert [part.ratio for part in parts] == pytest.approx([1, 1, 1], abs=0.1)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_llama_cpp_plans_what_is_predicted(model: CatalogueModel, tmp_path: Path) -> None:
    """Of every model of the catalogue: the KV cache to the byte, the compute buffer to a tenth or two megabytes."""
    few = msgspec.structs.replace(model.geometry, vocabulary_size=FEW)
    path = write_empty_model(tmp_path / "model.gguf", few, Kind.Q8_0)
    found = geometry_of_file(path)
    assert found is not None
    start_library()
    file = inspect_model_file(path)
    with closing(MemoryProbe(file, read_weights(file), (), LibraryLog(lambda _: None))) as probe:
        for choice in (Choice(0, 4096), Choice(0, model.geometry.context_length, KvType.Q8_0)):
            planned = probe.need(choice)
            assert planned is not None
            n_batch = slice_tokens(found.parameters, 0)
            predicted = predict(found, choice.n_ctx, kv_type=choice.kv_type, n_batch=n_batch)
            need = planned[MAIN_MEMORY]
            assert predicted.weights_bytes == need.weights_bytes
            assert predicted.kv_bytes == pytest.approx(need.kv_bytes, abs=MIB / 64)  # it says hundredths of a MiB
            assert predicted.compute_bytes == pytest.approx(need.compute_bytes, rel=0.1, abs=2 * MIB)
