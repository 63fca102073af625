"""How a model is loaded so that it fits: the ladder, step by step, on machines that need not be there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.engine.engine import NotEnoughMemoryError
from app.engine.llama.loading.load_plan import Choice, LoadPlan, Need, Wishes, plan_anyway, plan_load
from app.engine.llama.loading.memory_need import MemoryNeed, Needs
from app.hardware import Device, DeviceKind, Memory
from app.memory.kv_type import KvType
from app.memory.room import Room, room_for
from tests.engine.stories import sentences_of

GIB = 2**30
MIB = 2**20
LAYERS = 33
KV_SIZE = {KvType.F16: 16, KvType.Q8_0: 8.5, KvType.Q4_0: 4.5}


def model(*graphics: str, weights_gib: float = 4.0, kv_mib_per_1024: float = 128) -> Need:
    """A model of eight thousand million weights: it is spread evenly over the layers, and over the devices."""

    def need(choice: Choice) -> Needs:
        kv_bytes = kv_mib_per_1024 * MIB * choice.n_ctx / 1024 * KV_SIZE[choice.kv_type] / 16
        there = choice.gpu_layers / LAYERS
        needs = {"CPU": MemoryNeed(int(weights_gib * GIB * (1 - there)), int(kv_bytes * (1 - there)), 100 * MIB)}
        for name in graphics if choice.gpu_layers else ():
            part = there / len(graphics)
            needs[name] = MemoryNeed(int(weights_gib * GIB * part), int(kv_bytes * part), 300 * MIB)
        return needs

    return need


def on_graphics(need: Need, layers: int) -> int:
    """What the one graphics processor has to hold then."""
    needs = need(Choice(layers, 4096))
    assert needs is not None
    return needs["CUDA0"].total_bytes


def wishes(
    n_ctx: int = 4096, *, gpu_layers: int | None = None, kv_type: KvType | None = None, fixed: bool = False
) -> Wishes:
    """What somebody asks for."""
    return Wishes("Llama", LAYERS, n_ctx, is_context_fixed=fixed, gpu_layers=gpu_layers, kv_type=kv_type)


def room(main_gib: float, graphics: Mapping[str, float] | None = None, *, shared: tuple[str, ...] = ()) -> Room:
    """What may be used, in GiB."""
    free = {name: int(size * GIB) for name, size in (graphics or {}).items()}
    return Room(int(main_gib * GIB), free, frozenset(shared))


def test_with_plenty_of_everything_nothing_is_conceded() -> None:
    """The whole model is on the graphics processor, and nothing needs to be said."""
    plan = plan_load(wishes(), room(16, {"CUDA0": 12}), model("CUDA0"))
    assert plan == LoadPlan(Choice(LAYERS, 4096, KvType.F16))


def test_without_a_graphics_processor_it_runs_on_the_processor() -> None:
    """That is no concession: there is nothing else."""
    assert plan_load(wishes(), room(16), model()) == LoadPlan(Choice(0, 4096, KvType.F16))


def test_a_graphics_processor_that_is_too_small_takes_as_many_layers_as_fit() -> None:
    """One layer more would not fit."""
    need = model("CUDA0")
    plan = plan_load(wishes(), room(16, {"CUDA0": 3}), need)
    layers = plan.choice.gpu_layers
    assert 0 < layers < LAYERS
    assert on_graphics(need, layers) <= 3 * GIB < on_graphics(need, layers + 1)
    (sentence,) = sentences_of(plan.concessions)
    assert (
        sentence == f"{layers} of 33 layers are on the graphics processor: all of them need 5.2 GB there,"
        " and 3.2 GB can be used."
    )


def test_a_tiny_graphics_processor_is_left_alone() -> None:
    """Two layers of thirty-three would only cost time; the context window stays as wished."""
    plan = plan_load(wishes(), room(16, {"Vulkan0": 0.5}), model("Vulkan0"))
    assert plan.choice == Choice(0, 4096, KvType.F16)
    (sentence,) = sentences_of(plan.concessions)
    assert (
        sentence == "The model runs on the processor: only 536 MB of graphics memory can be used, too little to help."
    )


def test_two_graphics_processors_share_the_layers() -> None:
    """Neither would hold the model by itself."""
    need = model("CUDA0", "CUDA1")
    plan = plan_load(wishes(), room(16, {"CUDA0": 3, "CUDA1": 3}), need)
    assert plan == LoadPlan(Choice(LAYERS, 4096, KvType.F16))


def test_the_smaller_of_two_graphics_processors_is_not_overfilled() -> None:
    """Each has to hold its part."""
    need = model("CUDA0", "CUDA1")
    plan = plan_load(wishes(), room(16, {"CUDA0": 8, "CUDA1": 1.5}), need)
    needs = need(plan.choice)
    assert needs is not None
    assert 0 < plan.choice.gpu_layers < LAYERS
    assert needs["CUDA1"].total_bytes <= 1.5 * GIB


def test_an_integrated_graphics_processor_takes_from_main_memory() -> None:
    """What its driver calls free is no use when the laptop's memory is full."""
    need = model("MTL0")
    generous = room(16, {"MTL0": 10}, shared=("MTL0",))
    assert plan_load(wishes(), generous, need).choice == Choice(LAYERS, 4096, KvType.F16)
    with pytest.raises(NotEnoughMemoryError):
        plan_load(wishes(fixed=True), room(3, {"MTL0": 10}, shared=("MTL0",)), need)
    own_memory = room(3, {"MTL0": 10})
    assert plan_load(wishes(), own_memory, need).choice.gpu_layers == LAYERS


@pytest.mark.parametrize(
    ("main_gib", "expected", "sentences"),
    [
        (5.2, Choice(0, 8192, KvType.F16), 0),
        (4.7, Choice(0, 4096, KvType.F16), 1),
        (4.4, Choice(0, 2048, KvType.F16), 1),
        (4.27, Choice(0, 2048, KvType.Q8_0), 2),
        (4.18, Choice(0, 2048, KvType.Q4_0), 2),
    ],
)
def test_the_ladder_on_a_processor(main_gib: float, expected: Choice, sentences: int) -> None:
    """A smaller context window first, then a KV cache that remembers less exactly."""
    plan = plan_load(wishes(8192), room(main_gib), model())
    assert plan.choice == expected
    assert len(plan.concessions) == sentences


def test_each_concession_is_a_sentence() -> None:
    """With what it was and what it is."""
    assert sentences_of(plan_load(wishes(8192), room(4.27), model()).concessions) == [
        "The context window has 2,048 tokens in place of 8,192: more does not fit in memory.",
        "What the model has read is remembered in 8 bits in place of 16, so that it fits in memory.",
    ]


def test_on_the_graphics_processor_the_context_shrinks_before_it_is_left() -> None:
    """Not an eighth of the layers fits beside the long context; with a shorter one many do."""
    plan = plan_load(wishes(32768), room(60, {"CUDA0": 1.3}), model("CUDA0", weights_gib=2, kv_mib_per_1024=256))
    assert plan.choice.n_ctx < 32768
    assert plan.choice.gpu_layers >= LAYERS // 8
    assert plan.choice.kv_type is KvType.F16
    assert len(plan.concessions) == 2


def test_when_main_memory_is_what_is_short_the_graphics_processor_takes_all_it_can() -> None:
    """Fewer layers there would mean more here."""
    plan = plan_load(wishes(), room(2.8, {"CUDA0": 3}), model("CUDA0"))
    assert plan.choice.gpu_layers > LAYERS // 2


def test_what_cannot_fit_is_refused_with_numbers() -> None:
    """The weights alone are more than there is."""
    with pytest.raises(NotEnoughMemoryError) as refusal:
        plan_load(wishes(), room(3), model())
    assert str(refusal.value) == (
        "Llama needs at least 4.5 GB of memory with a context window of 2,048 tokens, and 3.2 GB can be used."
        " Close other programs, choose a smaller model, or load it anyway."
    )
    assert refusal.value.values["needed_bytes"] > refusal.value.values["free_bytes"]  # pyright: ignore[reportOperatorIssue] - both are numbers


def test_a_context_window_that_the_user_chose_is_not_changed() -> None:
    """It is refused, with the one that would fit."""
    with pytest.raises(NotEnoughMemoryError) as refusal:
        plan_load(wishes(131_072, fixed=True), room(6), model())
    assert str(refusal.value) == (
        "Llama needs at least 9.3 GB of memory with a context window of 131,072 tokens, and 6.4 GB can be used."
        " Try with 32,768 tokens of context, or load it anyway."
    )
    plan = plan_load(wishes(32_768, fixed=True), room(6), model())
    assert plan.choice.n_ctx == 32_768


def test_a_kv_cache_that_the_user_chose_is_not_changed() -> None:
    """Who wants 16 bits gets them or a refusal; who wants 4 gets them though there is room for more."""
    with pytest.raises(NotEnoughMemoryError, match=r"Try with 1,024 tokens"):
        plan_load(wishes(8192, kv_type=KvType.F16), room(4.27), model())
    plan = plan_load(wishes(kv_type=KvType.Q4_0), room(60), model())
    assert plan == LoadPlan(Choice(0, 4096, KvType.Q4_0))


def test_layers_that_the_user_chose_are_not_changed() -> None:
    """Too many are refused with a number that fits; few are kept though more would fit."""
    need = model("CUDA0")
    assert plan_load(wishes(gpu_layers=5), room(16, {"CUDA0": 12}), need) == LoadPlan(Choice(5, 4096, KvType.F16))
    with pytest.raises(NotEnoughMemoryError) as refusal:
        plan_load(wishes(gpu_layers=30, fixed=True), room(16, {"CUDA0": 3}), need)
    assert "30 layers of Llama need" in str(refusal.value)
    fitting = refusal.value.values["fitting"]
    assert isinstance(fitting, int)
    assert plan_load(wishes(gpu_layers=fitting, fixed=True), room(16, {"CUDA0": 3}), need).choice.gpu_layers == fitting


def test_the_processor_can_be_chosen() -> None:
    """Zero layers stay zero, and more than there are mean all of them."""
    need = model("CUDA0")
    assert plan_load(wishes(gpu_layers=0), room(16, {"CUDA0": 12}), need) == LoadPlan(Choice(0, 4096, KvType.F16))
    assert plan_load(wishes(gpu_layers=99), room(16, {"CUDA0": 12}), need).choice.gpu_layers == LAYERS
    assert plan_load(wishes(gpu_layers=99), room(16), model()).choice.gpu_layers == 0


def test_loading_anyway_takes_the_wishes_as_they_are() -> None:
    """Nothing is refused and nothing conceded; the graphics processor is still not overfilled for nobody's wish."""
    assert plan_anyway(wishes(131_072), room(3), model()) == LoadPlan(Choice(0, 131_072, KvType.F16))
    assert plan_anyway(wishes(gpu_layers=30), room(3, {"CUDA0": 1}), model("CUDA0")).choice.gpu_layers == 30
    assert 0 < plan_anyway(wishes(), room(1, {"CUDA0": 3}), model("CUDA0")).choice.gpu_layers < LAYERS


def test_a_way_that_the_model_does_not_know_is_passed_over() -> None:
    """Some cannot quantise their KV cache: there the ladder ends before it."""
    plain = model()

    def need(choice: Choice) -> Needs | None:
        return plain(choice) if choice.kv_type is KvType.F16 else None

    with pytest.raises(
        NotEnoughMemoryError, match=r"needs at least 4.7 GB of memory with a context window of 2,048 tokens"
    ):
        plan_load(wishes(8192), room(4.2), need)


def test_a_model_that_cannot_be_loaded_at_all_is_left_to_the_load() -> None:
    """Memory is not what it lacks: the load itself will say what is wrong."""
    assert plan_load(wishes(), room(1), lambda _: None) == LoadPlan(Choice(0, 4096, KvType.F16))


def test_margins_stay_for_other_programs() -> None:
    """A gigabyte of a graphics processor, a tenth of a large one; of main memory a tenth, of a large one less."""
    devices = (
        Device("Llama Core 9", DeviceKind.CPU, 32 * GIB, 20 * GIB, "CPU"),
        Device("Small", DeviceKind.GPU, 4 * GIB, 3 * GIB, "CUDA0"),
        Device("Large", DeviceKind.GPU, 40 * GIB, 39 * GIB, "CUDA1"),
        Device("Full", DeviceKind.GPU, 8 * GIB, GIB // 2, "CUDA2"),
        Device("Shared", DeviceKind.INTEGRATED_GPU, 12 * GIB, 12 * GIB, "Vulkan0"),
    )
    got = room_for(Memory(32 * GIB, 20 * GIB), devices, other_bytes=GIB)
    assert got.main_bytes == 20 * GIB - 3 * GIB // 2 - GIB
    assert got.graphics == {"CUDA0": 2 * GIB, "CUDA1": 35 * GIB, "CUDA2": 0, "Vulkan0": 12 * GIB - 12 * GIB // 10}
    assert got.shared == {"Vulkan0"}
    assert room_for(Memory(4 * GIB, 3 * GIB), ()).main_bytes == 3 * GIB - 4 * GIB // 10
