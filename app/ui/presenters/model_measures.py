"""How a model that is here fits on this machine, and what it takes while it is loaded. Not for the GUI thread."""

from __future__ import annotations

from pathlib import Path

from app.engine.events import LoadedModel
from app.gguf.header_error import ModelHeaderError
from app.gguf.reading import read_header
from app.hardware import processor
from app.models.fit import judge
from app.models.geometry import Geometry, geometry_of_header
from app.models.installed import InstalledModel
from app.models.prediction_check import predict_loaded
from app.models.speeds import Speeds
from app.ui.presenters.my_models_words import Measures
from app.ui.presenters.yardstick import given_back_bytes
from app.workshop.machine_look import MachineLook


def measure(model: InstalledModel, loaded: LoadedModel | None, speeds: Speeds, machine: MachineLook) -> Measures:
    """Look at the model's header and at the memory that is free now. What cannot be found out stays empty."""
    geometry = _geometry(model)
    if geometry is None:
        return Measures()
    is_loaded = loaded is not None and Path(loaded.path) == model.path
    in_use = given_back_bytes(loaded)
    fit = judge(geometry, machine.machine(in_use))
    expected = speeds.expected(geometry.active_weights_bytes, model.quantization or "", model.path)
    if loaded is None or not is_loaded or not in_use:
        return Measures(fit, expected)
    predicted = predict_loaded(geometry, loaded, processor().features)
    return Measures(
        fit=fit,
        expected=expected,
        predicted_bytes=predicted.weights_bytes + predicted.kv_bytes + predicted.compute_bytes,
        loaded_bytes=in_use,
        loaded_context=loaded.n_ctx,
    )


def _geometry(model: InstalledModel) -> Geometry | None:
    try:
        first, *others = [read_header(path) for path in model.files]
    except ModelHeaderError:  # the list says what is wrong with the file
        return None
    return geometry_of_header(first, model.size_bytes, others)
