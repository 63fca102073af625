"""What the page of the hardware says, for laptops of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.confined.confinement import SandboxReport
from app.engine.builds import EngineBuild
from app.engine.engine import EngineError
from app.engine.events import LoadedModel
from app.engine.probe import EngineProbe
from app.hardware import Device, DeviceKind, Processor
from app.ui.settings.hardware_words import InUse, Look, builds_words, graphics_words, in_use_words, processor_words

GIGABYTE = 10**9
CPU = Device("A processor", DeviceKind.CPU, 16 * GIGABYTE, 9 * GIGABYTE, "CPU")
CARD = Device("GeForce RTX 4060", DeviceKind.GPU, 8 * GIGABYTE, 7 * GIGABYTE, "CUDA0")
SHARED = Device("Iris Xe", DeviceKind.INTEGRATED_GPU, 8 * GIGABYTE, 7 * GIGABYTE, "Vulkan0")
FULL = Device("GeForce RTX 4060", DeviceKind.GPU, 8 * GIGABYTE, GIGABYTE // 2, "CUDA0")
SANDBOX = SandboxReport(network=True, files=True, method="landlock", missing="")


def look(*devices: Device, builds: tuple[str, ...] = (), build: str = "") -> Look:
    """A laptop with these devices and builds."""
    found = EngineProbe((CPU, *devices), "llama.cpp b1", SANDBOX)
    folders = tuple(EngineBuild(name, Path(name)) for name in builds)
    return Look(Processor("A processor", 4, 8), Path("/models"), 200 * GIGABYTE, folders, build, found)


def in_use(device: str = "CPU", predicted: int | None = None, measured: int | None = None) -> InUse:
    """A model in memory on this device."""
    model = LoadedModel("/m.gguf", "M", 4096, 8192, 4, device, "b1", has_template=True)
    return InUse("Qwen3 4B", model, predicted, measured)


def test_instruction_sets_are_named_as_makers_name_them() -> None:
    """One core is not called cores."""
    said = processor_words(Processor("AMD Ryzen", 1, 2, ("avx2", "avx512_vnni")))
    assert said == "AMD Ryzen: 1 core, 2 threads. Instruction sets that make models faster: AVX2, AVX-512 VNNI."
    assert processor_words(Processor("M1", 8, 8)) == "M1: 8 cores, 8 threads."


def test_without_a_graphics_processor_it_says_which_builds_there_are() -> None:
    """Another build may find one."""
    sentence = "No graphics processor that this build of llama.cpp can use was found."
    assert graphics_words(look(), None, None) == f"{sentence} It is the only build here."
    other = graphics_words(look(builds=("vulkan", "cuda")), None, None)
    assert other == (f"{sentence} Another build may find one. Choose it in the settings, under Engine: vulkan, cuda.")


@pytest.mark.parametrize(
    ("device", "layers", "model", "reason"),
    [
        (CARD, None, None, "It will be used by the next model that is loaded."),
        (CARD, 0, None, "Not used: GPU layers are set to 0 in the settings, under Engine."),
        (FULL, None, None, "Not used: too little of its memory is free."),
        (CARD, None, in_use("CPU"), "The model in memory does not use it: too little of the model would fit there."),
        (CARD, None, in_use("CUDA 33/33"), "The model in memory is on: CUDA 33/33."),
        (FULL, 0, in_use("CUDA 33/33"), "The model in memory is on: CUDA 33/33."),
    ],
)
def test_a_graphics_processor_is_named_with_why_it_is_not_used(
    device: Device, layers: int | None, model: InUse | None, reason: str
) -> None:
    """Only what is known is claimed."""
    said = graphics_words(look(device), layers, model)
    assert said.startswith("GeForce RTX 4060 has its own memory: ")
    assert said.endswith(reason)


def test_shared_memory_is_said() -> None:
    """What such a processor takes, the laptop has less."""
    assert "Iris Xe shares the laptop's memory: 7.0 GB of 8.0 GB are free." in graphics_words(look(SHARED), None, None)


def test_a_driver_that_brought_the_look_down_is_said() -> None:
    """In the engine's own sentence."""
    error = EngineError("Looking brought it down.", next_step="Update the driver.")
    failed = Look(Processor("P", 1, 1), Path("/models"), 1, (), "", error)
    assert graphics_words(failed, None, None) == "Looking brought it down. Update the driver."
    assert builds_words(failed) == "Paddock's own is set."


def test_the_build_that_is_used_and_the_others_are_named() -> None:
    """With the version that the engine itself tells."""
    assert builds_words(look()) == "Paddock's own is used: llama.cpp b1."
    assert builds_words(look(builds=("cuda",))) == "Paddock's own is used: llama.cpp b1. Also here: cuda."
    chosen = builds_words(look(builds=("cuda", "vulkan"), build="vulkan"))
    assert chosen == "vulkan is used: llama.cpp b1. Also here: Paddock's own, cuda."


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (None, "None. A model is loaded when you begin to write."),
        (in_use(), "Qwen3 4B, with a context window of 4,096 tokens on CPU."),
        (
            in_use(predicted=1_900_000_000, measured=1_800_000_000),
            "Qwen3 4B, with a context window of 4,096 tokens on CPU: predicted 1.9 GB, measured 1.8 GB.",
        ),
        (
            in_use(measured=1_800_000_000),
            "Qwen3 4B, with a context window of 4,096 tokens on CPU: measured 1.8 GB.",
        ),
        (
            in_use(predicted=1_900_000_000),
            "Qwen3 4B, with a context window of 4,096 tokens on CPU: predicted 1.9 GB.",
        ),
    ],
)
def test_predicted_and_measured_stand_side_by_side(model: InUse | None, sentence: str) -> None:
    """As far as either is known."""
    assert in_use_words(model) == sentence
