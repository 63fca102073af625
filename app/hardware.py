"""What the operating system says of this laptop: processor, memory, disk. Nothing is asked before it is needed."""

from __future__ import annotations

import math
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import psutil

_CPU_INFO: Final = Path("/proc/cpuinfo")
_OWN_GROUP: Final = Path("/proc/self/cgroup")
_GROUPS: Final = Path("/sys/fs/cgroup")
_FEATURES: Final = ("ssse3", "avx", "f16c", "fma", "bmi2", "avx2", "avx_vnni", "avx512f", "avx512_vnni",
                    "avx512_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "i8mm", "sve")  # fmt: skip
"""What makes llama.cpp faster, as the kernel of Linux names it."""


class DeviceKind(StrEnum):
    """Where a model's layers can be computed."""

    CPU = "cpu"
    GPU = "gpu"
    INTEGRATED_GPU = "integrated_gpu"
    """It shares the laptop's memory."""


@dataclass(frozen=True, slots=True)
class Device:
    """Something that computes. The engine finds graphics processors; the memory of the CPU is the laptop's."""

    name: str
    kind: DeviceKind
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Memory:
    """How much main memory Paddock could use. `available_bytes` is what can be taken without swapping."""

    total_bytes: int
    available_bytes: int


@dataclass(frozen=True, slots=True)
class Processor:
    """The processor. `features` are its instruction sets that matter to a model; empty where nobody says."""

    name: str
    physical_cores: int
    logical_cores: int
    features: tuple[str, ...] = ()


def physical_cores() -> int:
    """Count the cores this process may use, two threads of one core counted once; at least 1."""
    counts = [psutil.cpu_count(logical=False), _allowed_threads(), _group_cores()]
    return max(1, min(count for count in counts if count))


def logical_cores() -> int:
    """Count the threads that can run at once for this process; at least 1."""
    return max(1, _allowed_threads())


def memory() -> Memory:
    """Look how much memory there is now; a container's limit counts as its memory."""
    system = psutil.virtual_memory()
    total_bytes, available_bytes = system.total, system.available
    for folder in _own_groups():
        limit = _read_number(folder / "memory.max")
        if limit is not None and limit < system.total:
            used = _read_number(folder / "memory.current") or 0
            total_bytes = min(total_bytes, limit)
            available_bytes = min(available_bytes, max(0, limit - used + _reclaimable(folder)))
    return Memory(total_bytes, available_bytes)


def processor() -> Processor:
    """Say what the processor is."""
    about = _read_cpu_info()
    flags = set(about.get("flags", about.get("Features", "")).split())
    return Processor(
        name=about.get("model name") or _processor_name(),
        physical_cores=physical_cores(),
        logical_cores=logical_cores(),
        features=tuple(feature for feature in _FEATURES if feature in flags),
    )


def disk_free(path: Path) -> int:
    """How many bytes may still be written where `path` is, or will be."""
    existing = path.absolute()
    while not existing.exists():
        existing = existing.parent
    return shutil.disk_usage(existing).free


def _allowed_threads() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return psutil.cpu_count() or 1


def _group_cores() -> int | None:
    """How many cores a container may keep busy, rounded up; None without a limit."""
    limits: list[int] = []
    for folder in _own_groups():
        quota, _, period = _read(folder / "cpu.max").strip().partition(" ")
        if quota.isdecimal() and period.isdecimal() and int(period):
            limits.append(max(1, math.ceil(int(quota) / int(period))))
    return min(limits, default=None)


def _own_groups() -> list[Path]:
    """The control groups this process is in, from the innermost to the root. Version 2 only: version 1 is gone."""
    line = _read(_OWN_GROUP).splitlines()[-1:]
    name = line[0].partition("::")[2].strip("/") if line else ""
    inner = _GROUPS / name
    return [folder for folder in (inner, *inner.parents) if folder.is_relative_to(_GROUPS)]


def _reclaimable(folder: Path) -> int:
    """Memory that holds copies of files: it counts as used, but is given up at once."""
    for line in _read(folder / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name == "inactive_file":
            return int(value)
    return 0


def _read_cpu_info() -> dict[str, str]:
    """The first processor's entries."""
    pairs = (line.partition(":") for line in _read(_CPU_INFO).partition("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _processor_name() -> str:
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or platform.machine()
    return platform.processor() or platform.machine()


def _read_number(path: Path) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdecimal() else None


def _read(path: Path) -> str:
    """What a file of the kernel says; nothing where there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
