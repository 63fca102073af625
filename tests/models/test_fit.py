"""Whether a model fits: the formulas, the verdicts at their boundaries, and which file is recommended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hardware import Device, DeviceKind, Memory
from app.memory.kv_type import KvType
from app.memory.room import main_margin
from app.models.catalogue import Catalogue, CatalogueModel
from app.models.fit import Fit, Machine, Verdict, judge, memory_for_models, recommended, rough_fit
from app.models.geometry import Geometry, geometry_of_catalogue
from app.models.geometry_layers import Layer
from app.models.geometry_weights import Weights
from app.models.prediction import Predicted, predict
from app.models.prediction_check import PredictedAndMeasured, compare, predict_loaded
from app.models.rearranged import rearranged_types
from app.models.repository import FilePart, RepositoryFile
from app.paths import resources

MIB: Final = 2**20
GIB: Final = 2**30
MODELS: Final = Catalogue.load(resources()).models
DENSE: Final = Geometry(
    architecture="llama",
    layers=(Layer(key_length=192, value_length=192),) * 30,
    weights=Weights((3 * MIB,) * 30, 27 * MIB, 0, 117 * MIB, 27 * MIB, {"Q4_0": 90 * MIB, "F32": MIB}),
    embedding_length=576,
    feed_forward_length=1536,
    vocabulary_size=49_152,
    n_ctx_train=8192,
    parameters=134_515_008,
    merges=48_900,
)
"""As large as the starter model."""
LARGE: Final = next(geometry_of_catalogue(model, model.usual_file) for model in MODELS if model.id == "qwen3-8b")


def kv_mib(geometry: Geometry, n_ctx: int, kv_type: KvType = KvType.F16, n_batch: int = 256) -> float:
    """How large the KV cache would be."""
    return predict(geometry, n_ctx, kv_type=kv_type, n_batch=n_batch).kv_bytes / MIB


def machine(free_bytes: int, *devices: Device, total_bytes: int = 64 * GIB, in_use: int = 0) -> Machine:
    """A laptop with so much free memory."""
    return Machine(Memory(total_bytes, free_bytes), devices, in_use)


def test_the_kv_cache_grows_with_the_context_window() -> None:
    """180.0 MiB with 8,192 tokens is what llama.cpp says of the starter model; whole blocks of 256 cells."""
    assert kv_mib(DENSE, 8192) == 180.0
    assert kv_mib(DENSE, 8191) == 180.0
    assert kv_mib(DENSE, 4096) == 90.0


@pytest.mark.parametrize(("kv_type", "part"), [(KvType.F16, 1), (KvType.Q8_0, 34 / 64), (KvType.Q4_0, 18 / 64)])
def test_fewer_bits_take_less(kv_type: KvType, part: float) -> None:
    """Blocks of 32 numbers with a scale each."""
    assert kv_mib(DENSE, 8192, kv_type) == 180.0 * part


def test_a_window_takes_no_more_than_it_sees_and_a_slice() -> None:
    """Gemma 3 1B: 24.0 MiB in the layers that see all, 15.0 in those with a window, as llama.cpp says."""
    full = replace(DENSE, layers=(Layer(512, 512),) * 3)
    sliding = replace(DENSE, layers=(Layer(256, 256, window=512),) * 15)
    assert kv_mib(full, 4096) == 24.0
    assert kv_mib(sliding, 32_768, n_batch=512) == 15.0
    assert kv_mib(sliding, 512) == 15.0 / 2


def test_a_state_is_as_large_whatever_was_read() -> None:
    """32 bits a number, in every layer that has one."""
    recurrent = replace(DENSE, layers=(Layer(state_length=MIB),) * 4)
    assert kv_mib(recurrent, 256) == kv_mib(recurrent, 8192, KvType.Q4_0) == 16.0


def test_reading_in_larger_slices_takes_more() -> None:
    """7.76 and 10.76 MiB are what llama.cpp plans for the starter model with slices of 256."""
    assert predict(DENSE, 2048, n_batch=256).compute_bytes / MIB == pytest.approx(7.76, rel=0.05)
    assert predict(DENSE, 8192, n_batch=256).compute_bytes / MIB == pytest.approx(10.76, rel=0.05)
    assert predict(DENSE, 8192, n_batch=512).compute_bytes == 2 * predict(DENSE, 8192, n_batch=256).compute_bytes


def test_weights_that_are_laid_out_anew_are_there_twice() -> None:
    """The file's pages of them are given back when memory is short: they are no need."""
    plain, copied = (predict(DENSE, 2048, features=features) for features in ((), ("avx2",)))
    assert copied.copies_bytes == 90 * MIB
    assert copied.total_bytes - plain.total_bytes == 90 * MIB
    assert copied.need_bytes == plain.need_bytes == plain.total_bytes


@pytest.mark.parametrize(
    ("features", "yes", "no"),
    [
        (("avx", "avx2"), {"Q4_0", "Q4_K"}, {"Q8_0", "Q6_K", "Q2_K"}),
        (("avx2", "avx512f"), {"Q2_K", "Q4_K"}, {"Q8_0"}),
        (("asimd", "asimddp"), {"Q8_0", "Q4_0", "Q6_K"}, {"Q2_K", "F16"}),
        ((), set[str](), {"Q4_0"}),
    ],
)
def test_which_weights_a_processor_lays_out_anew(features: tuple[str, ...], yes: set[str], no: set[str]) -> None:
    """It depends on its instruction sets."""
    types = rearranged_types(features)
    assert yes <= types
    assert not no & types


def test_layers_on_a_graphics_processor_count_from_the_last() -> None:
    """The output goes first; tied embeddings are held there a second time."""
    one, all_layers = (predict(DENSE, 8192, n_batch=512, gpu_layers=layers) for layers in (1, 31))
    assert predict(DENSE, 8192).graphics_bytes == 0
    assert one.graphics_bytes == 27 * MIB + one.compute_bytes
    assert all_layers.graphics_bytes == (27 + 90 + 180) * MIB + one.compute_bytes
    assert all_layers.resident_bytes < one.resident_bytes < one.total_bytes


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_model_of_the_catalogue_can_be_judged(model: CatalogueModel) -> None:
    """Weights and KV cache of the notes' formula, and between a half and a tenth of a gigabyte beside them."""
    geometry = geometry_of_catalogue(model, model.usual_file)
    fit = judge(geometry, machine(64 * GIB))
    said = model.geometry
    window = said.sliding_window or 0
    cells = said.full_attention_layers * 4096 + (said.block_count - said.full_attention_layers) * max(256, window + 256)
    kv = cells * said.head_count_kv * (said.key_length + said.value_length) * 2
    assert fit.verdict is Verdict.FITS
    assert fit.predicted.weights_bytes == model.usual_file.size_bytes
    assert fit.predicted.kv_bytes == pytest.approx(kv, rel=0.2 if window else 0)
    assert 0.04 * GIB < fit.need_bytes - fit.predicted.weights_bytes - fit.predicted.kv_bytes < 0.5 * GIB


def test_the_verdict_changes_where_the_margin_begins_and_where_memory_ends() -> None:
    """Byte by byte; the margin is the engine's own."""
    need = judge(LARGE, machine(0)).need_bytes
    margin = main_margin(Memory(64 * GIB, 0))
    verdicts = [judge(LARGE, machine(free)).verdict for free in (need + margin, need + margin - 1, need, need - 1)]
    assert verdicts == [Verdict.FITS, Verdict.TIGHT, Verdict.TIGHT, Verdict.WILL_NOT_FIT]


def test_without_a_wish_the_usual_context_window_is_judged() -> None:
    """The one that the engine would take, never a longer one than the model was trained for."""
    assert judge(LARGE, machine(64 * GIB)).n_ctx == 4096
    assert judge(LARGE, machine(64 * GIB), 16_384).n_ctx == 16_384
    assert judge(DENSE, machine(64 * GIB), 100_000).n_ctx == 8192


def test_the_model_in_memory_would_make_room() -> None:
    """What is loaded now goes before another comes; more than the laptop has is never free."""
    need = judge(LARGE, machine(0)).need_bytes
    assert judge(LARGE, machine(GIB)).verdict is Verdict.WILL_NOT_FIT
    assert judge(LARGE, machine(GIB, in_use=need + GIB)).verdict is Verdict.FITS
    assert judge(LARGE, machine(GIB, total_bytes=2 * GIB, in_use=need)).free_bytes == 2 * GIB


@given(free_mib=st.integers(0, 40_000), model=st.sampled_from(MODELS))
def test_the_largest_context_is_the_largest_that_is_not_too_large(free_mib: int, model: CatalogueModel) -> None:
    """One block more would not fit, or is more than the model was trained for."""
    geometry, laptop = geometry_of_catalogue(model, model.usual_file), machine(free_mib * MIB)
    largest = judge(geometry, laptop).max_context
    assert largest <= geometry.n_ctx_train
    if largest:
        assert judge(geometry, laptop, largest).verdict is not Verdict.WILL_NOT_FIT
        assert largest == geometry.n_ctx_train or largest % 256 == 0
    if largest < geometry.n_ctx_train:
        assert judge(geometry, laptop, largest + 256).verdict is Verdict.WILL_NOT_FIT


def test_a_model_trained_for_few_tokens_can_have_them_all() -> None:
    """Not a whole block of cells, but all there is."""
    assert judge(replace(DENSE, n_ctx_train=100), machine(64 * GIB)).max_context == 100
    assert judge(replace(DENSE, n_ctx_train=0), machine(64 * GIB)).max_context > 100_000


def gpu(free_gib: int, kind: DeviceKind = DeviceKind.GPU) -> Device:
    """A graphics processor with so much free memory."""
    return Device("GPU", kind, 2 * free_gib * GIB, free_gib * GIB, "CUDA0")


def test_a_graphics_processor_with_room_for_all_leaves_main_memory_free() -> None:
    """Only the process, and the embeddings, stay with the processor."""
    fit = judge(LARGE, machine(3 * GIB, gpu(16)))
    assert fit.verdict is Verdict.FITS
    assert fit.predicted.graphics_bytes > 5 * 10**9
    assert judge(LARGE, machine(3 * GIB)).verdict is Verdict.WILL_NOT_FIT


def test_a_smaller_graphics_processor_takes_a_part() -> None:
    """As many layers as fit there beside its own margin."""
    fit = judge(LARGE, machine(6 * GIB, gpu(4)))
    assert 0 < fit.predicted.graphics_bytes <= 4 * GIB - GIB
    assert fit.verdict is Verdict.FITS


def test_one_that_could_take_hardly_anything_is_not_used() -> None:
    """Moving data there and back would cost what it gains."""
    assert judge(LARGE, machine(16 * GIB, gpu(1))).predicted.graphics_bytes == 0


def test_a_graphics_processor_that_shares_the_memory_brings_none() -> None:
    """What is on it is in main memory too."""
    shared = judge(LARGE, machine(3 * GIB, gpu(16, DeviceKind.INTEGRATED_GPU)))
    assert shared.verdict is Verdict.WILL_NOT_FIT
    assert shared.free_bytes == 3 * GIB


def test_the_memory_that_is_named_is_what_fits_are_measured_against() -> None:
    """With what the loaded model would give back, and with the memory that a graphics processor has of its own."""
    laptops = (
        machine(6 * GIB, total_bytes=16 * GIB, in_use=2 * GIB),
        machine(6 * GIB, gpu(8)),
        machine(6 * GIB, gpu(8, DeviceKind.INTEGRATED_GPU)),
    )
    for laptop in laptops:
        assert memory_for_models(laptop).available_bytes == judge(DENSE, laptop).free_bytes
    assert memory_for_models(laptops[0]) == Memory(16 * GIB, 8 * GIB)
    assert memory_for_models(laptops[1]).total_bytes == (64 + 16) * GIB
    assert memory_for_models(laptops[2]).total_bytes == 64 * GIB


@pytest.mark.parametrize(("billions", "verdict"), [(1, Verdict.FITS), (8, Verdict.TIGHT), (14, Verdict.WILL_NOT_FIT)])
def test_a_first_guess_needs_only_the_number_of_weights(billions: int, verdict: Verdict) -> None:
    """For search results whose header nobody has read: on a laptop with 6 GiB free of 16."""
    assert rough_fit(billions * 10**9, machine(6 * GIB, total_bytes=16 * GIB)) is verdict


def file(quantization: str, size_bytes: int, parts: int = 1) -> RepositoryFile:
    """A file of a repository."""
    return RepositoryFile(f"model-{quantization}", (FilePart("model.gguf", size_bytes),), quantization, parts)


@dataclass(frozen=True)
class Offered:
    """Files of one model, and a laptop."""

    files: tuple[RepositoryFile, ...]
    free_bytes: int

    @property
    def chosen(self) -> str | None:
        """The quantization that is recommended."""
        found = recommended([(each, self._fit(each)) for each in self.files])
        assert found is None or found[1].endswith(".")
        return None if found is None else found[0].quantization

    def chosen_at(self, speeds: Mapping[str, float]) -> str | None:
        """The same, where these tokens per second are expected of the quantizations."""
        fits = [(each, self._fit(each)) for each in self.files]
        found = recommended(fits, lambda each: speeds.get(each.quantization))
        return None if found is None else found[0].quantization

    def _fit(self, each: RepositoryFile) -> Fit:
        need = each.size_bytes + GIB
        verdict = Verdict.WILL_NOT_FIT if need > self.free_bytes else Verdict.FITS
        if verdict is Verdict.FITS and need > self.free_bytes - GIB:
            verdict = Verdict.TIGHT
        return Fit(verdict, need, self.free_bytes, 4096, 4096, Predicted(each.size_bytes, 0, 0, GIB))


EIGHT_BILLION: Final = (
    file("Q2_K", 3 * GIB),
    file("Q4_K_M", 5 * GIB),
    file("Q5_K_M", 6 * GIB),
    file("Q6_K", 7 * GIB),
    file("Q8_0", 9 * GIB),
    file("F16", 16 * GIB),
)


@pytest.mark.parametrize(
    ("free_gib", "chosen"),
    [(64, "Q6_K"), (15, "Q5_K_M"), (13, "Q4_K_M"), (7, "Q4_K_M"), (6, "Q2_K"), (5, "Q2_K"), (4, "Q2_K"), (3, None)],
)
def test_which_quantization_is_recommended(free_gib: int, chosen: str | None) -> None:
    """The best where there is plenty, the usual one where it fits, else what does; at last none."""
    assert Offered(EIGHT_BILLION, free_gib * GIB).chosen == chosen


def test_where_it_is_slow_the_usual_compromise_is_recommended() -> None:
    """Nobody waits twice as long for each word because there is room for more; an unknown speed changes nothing."""
    files = Offered(EIGHT_BILLION, 64 * GIB)
    assert files.chosen_at({"Q6_K": 1.2, "Q4_K_M": 2.1, "Q5_K_M": 1.6}) == "Q4_K_M"
    assert files.chosen_at({"Q6_K": 12.0, "Q4_K_M": 21.0}) == "Q6_K"
    assert files.chosen_at({}) == "Q6_K"
    small = Offered((file("Q4_K_M", GIB // 2), file("Q8_0", GIB)), 8 * GIB)
    assert small.chosen_at({"Q8_0": 3.0, "Q4_K_M": 6.0}) == "Q4_K_M"


def test_small_models_come_whole() -> None:
    """Of them 8 bits a weight are quick enough."""
    assert Offered((file("Q4_K_M", GIB // 2), file("Q8_0", GIB)), 8 * GIB).chosen == "Q8_0"


def test_originals_are_recommended_only_where_there_is_nothing_else() -> None:
    """Twice the size, half the speed, and nobody notices."""
    assert Offered((file("IQ4_XS", 4 * GIB), file("BF16", 16 * GIB)), 64 * GIB).chosen == "IQ4_XS"
    assert Offered((file("BF16", 16 * GIB),), 64 * GIB).chosen == "BF16"


def test_a_first_guess_counts_the_memory_of_a_graphics_processor() -> None:
    """What does not fit in main memory alone may fit in both."""
    assert rough_fit(14 * 10**9, machine(6 * GIB, gpu(16))) is Verdict.FITS
    assert rough_fit(14 * 10**9, machine(6 * GIB, gpu(16, DeviceKind.INTEGRATED_GPU))) is Verdict.WILL_NOT_FIT


def test_a_file_whose_upload_is_not_finished_is_never_recommended() -> None:
    """One of its two parts is missing."""
    assert Offered((file("Q4_K_M", GIB, parts=2),), 64 * GIB).chosen is None


@dataclass(frozen=True)
class InUse:
    """What the engine said of a load."""

    weights_bytes: int = 117 * MIB
    kv_cache_bytes: int = 90 * MIB
    compute_bytes: int = 10 * MIB
    n_ctx: int = 4096
    kv_type: str = "f16"
    n_batch: int = 256


def test_prediction_and_measurement_stand_side_by_side() -> None:
    """Part by part, and the process in all."""
    predicted = predict_loaded(DENSE, InUse(), ("avx2",))
    *parts, whole = compare(predicted, InUse(), 400 * MIB)
    assert [part.measured_bytes // MIB for part in parts] == [117, 90, 10]
    assert parts[0].sentence == "As predicted."
    assert (whole.predicted_bytes, whole.measured_bytes) == (predicted.total_bytes, 400 * MIB)
    assert whole.sentence.startswith("Predicted was")


def test_without_a_look_at_the_process_the_whole_is_what_was_asked_for() -> None:
    """Also where a part of the model is on a graphics processor, which a process does not hold."""
    for predicted, resident in ((predict(DENSE, 4096), None), (predict(DENSE, 4096, gpu_layers=3), 400 * MIB)):
        whole = compare(predicted, InUse(), resident)[-1]
        assert whole.measured_bytes == 217 * MIB
        assert whole.predicted_bytes == predicted.weights_bytes + predicted.kv_bytes + predicted.compute_bytes


@pytest.mark.parametrize(("predicted", "percent"), [(95, "5 % less"), (120, "20 % more")])
def test_how_far_off_a_prediction_was(predicted: int, percent: str) -> None:
    """In parts of what it takes."""
    assert percent in PredictedAndMeasured("Weights", predicted, 100).sentence
