"""How much memory a model needs is known before it is loaded, and is what it then takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.engine import ModelFileError, NotEnoughMemoryError
from app.engine.events import LoadedModel, MemoryUse
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.library import LibraryLog, start_library
from app.engine.llama.loading import load_choice
from app.engine.llama.loading.load_choice import is_clearly_fine, wishes_for
from app.engine.llama.loading.load_plan import Choice
from app.engine.llama.loading.memory_need import MAIN_MEMORY, MemoryNeed, add_up, read_layout, upper_bound
from app.engine.llama.loading.memory_probe import MemoryProbe
from app.engine.llama.loading.model_file import inspect_model_file
from app.engine.llama.loading.weights import WeightTable, read_weights
from app.engine.requests import LoadRequest
from app.hardware import Memory
from app.memory.kv_type import KvType
from app.memory.room import Room
from app.settings.values import LoadSettings
from tests.engine.conftest import ignore
from tests.engine.stories import sentences_of
from tests.gguf_files import TinyModel

MIB = 2**20
TWO_CARDS = """
load_tensors: layer   0 assigned to device CPU, is_swa = 0
load_tensors: layer   1 assigned to device CUDA0, is_swa = 1
load_tensors: layer   2 assigned to device CUDA1, is_swa = 0
load_tensors: layer   3 assigned to device CUDA1, is_swa = 0
llama_context:  CUDA_Host  output buffer size =     0.50 MiB
llama_kv_cache_iswa: creating non-SWA KV cache, size = 2048 cells
llama_kv_cache: layer   0: dev = CPU
llama_kv_cache: layer   1: filtered
llama_kv_cache: layer   2: dev = CUDA1
llama_kv_cache:      CUDA1 KV buffer size =     0.00 MiB
llama_kv_cache: size =    8.00 MiB (  2048 cells,   2 layers,  1/1 seqs), K (f16):    4.00 MiB, V (f16):    4.00 MiB
llama_kv_cache_iswa: creating     SWA KV cache, size = 512 cells
llama_kv_cache: layer   1: dev = CUDA0
llama_kv_cache: size =    1.00 MiB (   512 cells,   1 layers,  1/1 seqs), K (f16):    0.50 MiB, V (f16):    0.50 MiB
sched_reserve:      CUDA0 compute buffer size =    30.00 MiB
sched_reserve:      CUDA1 compute buffer size =    40.00 MiB
sched_reserve:  CUDA_Host compute buffer size =     5.00 MiB
"""


def load(path: Path, settings: LoadSettings) -> LoadedModel:
    """Load for real, and say what is loaded."""
    engine = LlamaEngine(ignore)
    try:
        return engine.load(LoadRequest(path, settings), ignore, Interruption())
    finally:
        engine.close()


def asked(path: Path, choice: Choice) -> MemoryNeed:
    """What the probe says, with nothing loaded."""
    start_library()
    file = inspect_model_file(path)
    probe = MemoryProbe(file, read_weights(file), (), LibraryLog(ignore))
    try:
        needs = probe.need(choice)
        assert probe.need(choice) is needs, "the second time nobody is asked"
    finally:
        probe.close()
    assert needs is not None
    assert set(needs) == {MAIN_MEMORY}
    return needs[MAIN_MEMORY]


def as_need(memory: MemoryUse | None) -> MemoryNeed:
    """What a loaded model reports, in the probe's words."""
    assert memory is not None
    return MemoryNeed(memory.weights_bytes, memory.kv_cache_bytes, memory.compute_bytes)


@pytest.mark.parametrize(
    ("model", "n_ctx", "kv_bytes"),
    [
        (TinyModel(), 1024, 2 * 1024 * 2 * 64 * 2),
        (TinyModel(architecture="gemma3", layers=6, sliding_window=64), 2048, (2048 + 5 * 512) * 2 * 64 * 2),
        (TinyModel(architecture="mamba"), 1024, None),
    ],
    ids=["dense", "sliding window", "recurrent"],
)
def test_the_probe_says_what_a_load_then_takes(
    model: TinyModel, n_ctx: int, kv_bytes: int | None, tmp_path: Path
) -> None:
    """To the byte; the KV cache is what its formula says, too."""
    path = model.write(tmp_path / "model.gguf")
    taken = as_need(load(path, LoadSettings(context=n_ctx, threads=1)).memory)
    assert asked(path, Choice(0, n_ctx)) == taken
    assert 0 < taken.weights_bytes < path.stat().st_size
    assert kv_bytes is None or taken.kv_bytes == pytest.approx(kv_bytes, abs=MIB // 100)


@pytest.mark.model
@pytest.mark.parametrize("kv_type", list(KvType))
def test_the_starter_model_takes_what_was_said(starter_model: Path, kv_type: KvType) -> None:
    """Its KV cache of 4,096 tokens is 90 MiB in 16 bits, and less with fewer."""
    loaded = load(starter_model, LoadSettings(context=4096, threads=1, kv_type=kv_type))
    taken = as_need(loaded.memory)
    assert (loaded.kv_type, loaded.device) == (kv_type, "CPU")
    assert asked(starter_model, Choice(0, 4096, kv_type)) == taken
    assert taken.weights_bytes == pytest.approx(92.10 * MIB, abs=MIB / 50)
    expected_mib = {KvType.F16: 90.0, KvType.Q8_0: 47.81, KvType.Q4_0: 25.31}[kv_type]
    assert taken.kv_bytes == pytest.approx(expected_mib * MIB, abs=MIB / 100)


@pytest.mark.model
def test_what_two_million_tokens_would_take_is_known_without_taking_it(starter_model: Path) -> None:
    """Forty-six gigabytes are said in a moment, on a laptop that does not have them."""
    assert asked(starter_model, Choice(0, 2_000_000)).kv_bytes == pytest.approx(43948 * MIB, rel=0.001)


def test_what_is_said_of_two_graphics_processors() -> None:
    """Layers, output and buffers are each counted where they are; what a driver keeps in main memory is there."""
    weights = WeightTable({0: 100, 1: 200, 2: 400}, input_bytes=10, output_bytes=1, output_copy_bytes=10)
    needs = add_up(read_layout(TWO_CARDS), weights, ("CUDA0", "CUDA1"))
    assert needs["CUDA0"] == MemoryNeed(200, 1 * MIB, 30 * MIB)
    assert needs["CUDA1"] == MemoryNeed(400 + 1 + 10, 4 * MIB, 40 * MIB)
    assert needs[MAIN_MEMORY] == MemoryNeed(100 + 10, 4 * MIB, 5 * MIB + MIB // 2)


@pytest.mark.parametrize(
    ("buffer", "place"),
    [
        ("MTL0", "MTL0"),
        ("MTL0_Private", "MTL0"),
        ("RPC0[127.0.0.1:50990]", "RPC0"),
        ("MTL01", "CPU"),
        ("MTL_Host", "CPU"),
    ],
)
def test_a_buffer_belongs_to_the_device_that_it_is_named_after(buffer: str, place: str) -> None:
    """Drivers have several kinds of memory, and some of it is the laptop's."""
    layout = read_layout(f"sched_reserve: {buffer} compute buffer size =     1.00 MiB\n")
    needs = add_up(layout, WeightTable({}, 0, 0), ("MTL0", "RPC0"))
    assert needs[place].compute_bytes == MIB


def test_the_weights_of_each_layer_are_those_of_its_tensors(tmp_path: Path) -> None:
    """All together they are the file without its header."""
    path = TinyModel(layers=3).write(tmp_path / "model.gguf")
    weights = read_weights(inspect_model_file(path))
    assert len(set(weights.layers.values())) == 1
    assert list(weights.layers) == [0, 1, 2]
    assert weights.output_copy_bytes == 0
    all_of_it = sum(weights.layers.values()) + weights.input_bytes + weights.output_bytes
    assert path.stat().st_size * 0.8 < all_of_it < path.stat().st_size
    tied = read_weights(inspect_model_file(TinyModel(architecture="gemma3").write(tmp_path / "tied.gguf")))
    assert tied.output_copy_bytes > 0


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
def test_the_bound_is_never_below_what_is_taken(architecture: str, tmp_path: Path) -> None:
    """Otherwise what is clearly fine would not be."""
    path = TinyModel(architecture=architecture, sliding_window=64).write(tmp_path / "model.gguf")
    file = inspect_model_file(path)
    bound = upper_bound(file.header, file.size_bytes, 2048, 512)
    assert bound is not None
    assert asked(path, Choice(0, 2048)).total_bytes < bound


def test_a_header_that_does_not_tell_gives_no_bound(tmp_path: Path) -> None:
    """A model without attention remembers in another way."""
    file = inspect_model_file(TinyModel(architecture="mamba").write(tmp_path / "model.gguf"))
    assert upper_bound(file.header, file.size_bytes, 2048, 512) is None
    assert not is_clearly_fine(wishes_for(LoadRequest(file.path, LoadSettings()), file, 3), file, Room(2**40))


def test_a_file_that_cannot_be_loaded_is_told_so_by_the_probe(tmp_path: Path) -> None:
    """In the same sentence as by a load."""
    path = TinyModel(extra={"general.architecture": "unicorn"}).write(tmp_path / "model.gguf")
    with pytest.raises(ModelFileError, match="of the kind unicorn"):
        asked(path, Choice(0, 256))


def short_of_memory(path: Path, spare_bytes: int) -> Callable[[], Memory]:
    """A laptop on which the weights fit, and hardly more."""
    free = path.stat().st_size + spare_bytes
    return lambda: Memory(total_bytes=0, available_bytes=free)


def test_a_load_that_cannot_fit_is_refused_before_it_begins(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the context window that would fit; loading it anyway is the user's to say."""
    monkeypatch.setattr(load_choice, "memory", short_of_memory(tiny_llama, 1_200_000))
    request = LoadRequest(tiny_llama, LoadSettings(context=2048, threads=1))
    engine = LlamaEngine(ignore)
    with pytest.raises(NotEnoughMemoryError, match=r"context window of 2,048 tokens.* Try with 512 tokens of context"):
        engine.load(request, ignore, Interruption())
    assert engine.loaded is None
    loaded = engine.load(replace(request, even_if_memory_is_short=True), ignore, Interruption())
    assert (loaded.n_ctx, loaded.concessions) == (2048, ())
    engine.close()


def test_a_model_of_long_texts_is_refused_the_context_window_that_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing makes a chosen window smaller but the model's own training."""
    path = TinyModel(n_ctx_train=2_000_000).write(tmp_path / "model.gguf")
    monkeypatch.setattr(load_choice, "memory", short_of_memory(path, 50_000_000))
    engine = LlamaEngine(ignore)
    with pytest.raises(NotEnoughMemoryError, match=r"context window of 1,000,000 tokens.* Try with [\d,]+ tokens"):
        engine.load(LoadRequest(path, LoadSettings(context=1_000_000, threads=1)), ignore, Interruption())
    engine.close()


def test_a_context_window_longer_than_the_training_is_not_made_in_silence(tmp_path: Path) -> None:
    """It is said how long it is at most; a window that nobody chose needs no word."""
    path = TinyModel(n_ctx_train=2048).write(tmp_path / "model.gguf")
    loaded = load(path, LoadSettings(context=1_000_000, threads=1))
    assert loaded.n_ctx == 2048
    assert sentences_of(loaded.concessions) == [
        "The model was made for at most 2,048 tokens: its context window is not made longer."
    ]
    assert load(path, LoadSettings(threads=1)).concessions == ()


def test_a_load_that_fits_with_less_says_what_it_gave_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The context window that nobody chose becomes smaller."""
    path = TinyModel(n_ctx_train=8192).write(tmp_path / "model.gguf")
    monkeypatch.setattr(load_choice, "memory", short_of_memory(path, 3_500_000))
    loaded = load(path, LoadSettings(threads=1))
    assert loaded.n_ctx == 2048
    assert sentences_of(loaded.concessions) == [
        "The context window has 2,048 tokens in place of 4,096: more does not fit in memory."
    ]
