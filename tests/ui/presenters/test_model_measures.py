"""What a model takes while it is loaded, beside what was predicted."""

from __future__ import annotations

from pathlib import Path

from app.engine.events import LoadedModel, MemoryUse
from app.hardware import processor
from app.models.geometry import geometry_of_file
from app.models.library import ModelLibrary
from app.models.prediction_check import predict_loaded
from app.models.speeds import Speeds
from app.paths import find_paths
from app.settings.file import SettingsFile
from app.ui.presenters.model_measures import measure
from app.workshop.machine_look import MachineLook
from tests.gguf_files import TinyModel


def test_a_kv_type_of_a_newer_engine_is_measured_all_the_same(tmp_path: Path) -> None:
    """By the one prediction that there is, which knows the processor too."""
    paths = find_paths(tmp_path / "home")
    paths.create()
    model = ModelLibrary(paths, None).add(TinyModel().write(tmp_path / "tiny.gguf"))
    memory = MemoryUse(weights_bytes=1000, kv_cache_bytes=100, compute_bytes=10)
    loaded = LoadedModel(
        str(model.path), "Tiny", 512, 2048, 1, "CPU", "b1", has_template=True, kv_type="q9", n_batch=64, memory=memory
    )
    speeds, machine = Speeds(paths.speeds, lambda _notice: None), MachineLook(paths, SettingsFile(paths.settings))
    measures = measure(model, loaded, speeds, machine)
    geometry = geometry_of_file(model.path)
    assert geometry is not None
    predicted = predict_loaded(geometry, loaded, processor().features)
    assert measures.predicted_bytes == predicted.weights_bytes + predicted.kv_bytes + predicted.compute_bytes
    assert measures.loaded_bytes == 1110
