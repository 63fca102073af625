"""What this laptop has, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engine.builds import EngineBuild
from app.engine.engine import EngineError
from app.engine.events import LoadedModel
from app.hardware import Memory, Processor
from app.translation import tr, trn
from app.ui.composer.model_choice import show_size
from app.workshop import graphics
from app.workshop.graphics import Found, GraphicsLook, GraphicsUse

_INSTRUCTION_SETS: Final[Mapping[str, str]] = {
    "ssse3": "SSSE3",
    "avx": "AVX",
    "f16c": "F16C",
    "fma": "FMA",
    "bmi2": "BMI2",
    "avx2": "AVX2",
    "avx_vnni": "AVX-VNNI",
    "avx512f": "AVX-512",
    "avx512_vnni": "AVX-512 VNNI",
    "avx512_bf16": "AVX-512 BF16",
    "amx_int8": "AMX",
    "asimd": "NEON",
    "asimdhp": "NEON FP16",
    "asimddp": "dot product",
    "i8mm": "I8MM",
    "sve": "SVE",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What was found when somebody looked: `probe` is the engine's own look, or what brought it down."""

    processor: Processor
    folder: Path
    disk_free_bytes: int
    builds: tuple[EngineBuild, ...]
    build: str
    """The build that is set; "" is the one that came with Paddock."""
    probe: Found


@dataclass(frozen=True, slots=True)
class InUse:
    """The model in memory: what it was predicted to take, and what its process takes now; None where nobody knows."""

    name: str
    model: LoadedModel
    predicted_bytes: int | None = None
    measured_bytes: int | None = None
    notes: tuple[str, ...] = ()


def processor_words(processor: Processor) -> str:
    """Say what the processor is, and which of its instruction sets make models faster."""
    cores = trn("{count} core", "{count} cores", processor.physical_cores)
    threads = trn("{count} thread", "{count} threads", processor.logical_cores)
    about = tr("{name}: {cores}, {threads}.", name=processor.name, cores=cores, threads=threads)
    sets = ", ".join(_INSTRUCTION_SETS.get(feature, feature) for feature in processor.features)
    return f"{about} {tr('Instruction sets that make models faster: {sets}.', sets=sets)}" if sets else about


def memory_words(memory: Memory) -> str:
    """Say how much memory there is, and how much of it is free."""
    total, free = show_size(memory.total_bytes), show_size(memory.available_bytes)
    return tr("{free} of {total} are free now.", free=free, total=total)


def disk_words(look: Look) -> str:
    """Say how much may still be written where models are kept."""
    size = show_size(look.disk_free_bytes)
    return tr("{size} are free where downloaded models are kept: {folder}", size=size, folder=look.folder)


def builds_words(look: Look) -> str:
    """Name the builds that are here, and the one that is used."""
    own = tr("Paddock's own")
    used = look.build or own
    version = "" if isinstance(look.probe, EngineError) else look.probe.engine_build
    sentence = (
        tr("{used} is used: {version}.", used=used, version=version) if version else tr("{used} is set.", used=used)
    )
    others = [build.name for build in look.builds if build.name != look.build]
    if look.build:
        others.insert(0, own)
    return f"{sentence} {tr('Also here: {names}.', names=', '.join(others))}" if others else sentence


def graphics_words(look: Look, gpu_layers: int | None, in_use: InUse | None) -> str:
    """Say which graphics processors there are, and why one is not used."""
    use = GraphicsUse(gpu_layers, None if in_use is None else in_use.model.device)
    return graphics.graphics_words(GraphicsLook(look.probe, look.build, look.builds), use, show_size)


def in_use_words(in_use: InUse | None) -> str:
    """Say what the model in memory takes, beside what was predicted."""
    if in_use is None:
        return tr("None. A model is loaded when you begin to write.")
    if in_use.measured_bytes is None:
        known = "" if in_use.predicted_bytes is None else tr("predicted {size}", size=show_size(in_use.predicted_bytes))
    elif in_use.predicted_bytes is None:
        known = tr("measured {size}", size=show_size(in_use.measured_bytes))
    else:
        known = tr(
            "predicted {predicted}, measured {measured}",
            predicted=show_size(in_use.predicted_bytes),
            measured=show_size(in_use.measured_bytes),
        )
    about = tr(
        "{name}, with a context window of {tokens:,} tokens on {device}",
        name=in_use.name,
        tokens=in_use.model.n_ctx,
        device=in_use.model.device,
    )
    return " ".join((tr("{about}: {known}.", about=about, known=known) if known else f"{about}.", *in_use.notes))
