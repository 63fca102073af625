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
_SYSFS: Final = Path("/sys")
_LOWEST_FOR_IDLE_PERCENT: Final = 20
_FEATURES: Final = ("ssse3", "avx", "f16c", "fma", "bmi2", "avx2", "avx_vnni", "avx512f", "avx512_vnni",
                    "avx512_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "i8mm", "sve")  # fmt: skip
"""What makes llama.cpp faster, as the kernel of Linux names it."""
_FAST: Final = 0.8
"""From which share of the best core's announced speed on a core is a fast one: efficient cores stay below it, while
cores of one kind differ by a few hundredths."""


class DeviceKind(StrEnum):
    """Where a model's layers can be computed."""

    CPU = "cpu"
    GPU = "gpu"
    INTEGRATED_GPU = "integrated_gpu"
    """It shares the laptop's memory."""


@dataclass(frozen=True, slots=True)
class Device:
    """Something that computes. The engine finds graphics processors; the memory of the CPU is the laptop's.

    `engine_name` is what the engine calls it: `CPU`, `CUDA0`, `Vulkan1`.
    """

    name: str
    kind: DeviceKind
    total_bytes: int
    free_bytes: int
    engine_name: str = ""


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


@dataclass(frozen=True, slots=True)
class Battery:
    """What the laptop runs on when nothing is plugged in."""

    percent: int
    is_discharging: bool


def physical_cores() -> int:
    """Count the cores this process may use, two threads of one core counted once; at least 1."""
    counts = [psutil.cpu_count(logical=False), _allowed_threads(), _group_cores()]
    return max(1, min(count for count in counts if count))


def performance_cores(sysfs: Path = _SYSFS) -> int:
    """Count the fast cores this process may use; at least 1. All cores, where all are alike or nobody tells them apart.

    A model's threads wait for each other after every layer: one on an efficient core holds up all the fast ones.
    """
    if sys.platform == "linux":
        cores = _fast_cores_of_linux(sysfs)
        return max(1, min(cores, _group_cores() or cores)) if cores else physical_cores()
    if sys.platform == "darwin":
        fast = _ask_macos("hw.perflevel0.physicalcpu")
        return max(1, min(physical_cores(), int(fast))) if fast.isdecimal() else physical_cores()
    return physical_cores()


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


def resident_bytes(process_id: int) -> int | None:
    """How much memory a process takes now, what it shares with others included; None where it is gone."""
    try:
        return psutil.Process(process_id).memory_info().rss
    except psutil.Error:
        return None


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


def battery(sysfs: Path = _SYSFS) -> Battery | None:
    """Look at the battery now; None without one. Of several the charge of all counts, as one battery would have it."""
    if sys.platform != "linux":
        return _battery_by_psutil()
    cells = [folder for folder in sorted(sysfs.glob("class/power_supply/*")) if _is_own_battery(folder)]
    charges = [charge for folder in cells if (charge := _charge(folder)) is not None]
    if not charges:
        return None
    have, full = (sum(numbers) for numbers in zip(*charges, strict=True))
    return Battery(
        percent=min(100, round(100 * have / full)),
        is_discharging=any(_read(folder / "status").strip() == "Discharging" for folder in cells),
    )


def may_work_at_idle(state: Battery | None) -> bool:
    """Whether work that nobody waits for may be done: never on a battery below 20 %."""
    return state is None or not state.is_discharging or state.percent >= _LOWEST_FOR_IDLE_PERCENT


def _is_own_battery(folder: Path) -> bool:
    """Mice and headsets have batteries too: the kernel calls their scope a device's."""
    return _read(folder / "type").strip() == "Battery" and _read(folder / "scope").strip() != "Device"


def _charge(folder: Path) -> tuple[int, int] | None:
    """What a battery holds of what it can hold: energy, charge, or only percents; None when it says nothing."""
    for name in ("energy", "charge"):
        have, full = _read_number(folder / f"{name}_now"), _read_number(folder / f"{name}_full")
        if have is not None and full:
            return have, full
    percent = _read_number(folder / "capacity")
    return None if percent is None else (percent, 100)


def _battery_by_psutil() -> Battery | None:
    state = psutil.sensors_battery()
    return None if state is None else Battery(round(state.percent), state.power_plugged is False)


def _allowed_threads() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return psutil.cpu_count() or 1


def _fast_cores_of_linux(sysfs: Path) -> int:
    """How many cores hold the fast threads that this process may use; 0 when the kernel does not say."""
    allowed = os.sched_getaffinity(0)
    threads = sysfs / "devices" / "system" / "cpu"
    fast = _fast_threads(sysfs, sorted(allowed)) or allowed  # somebody may have put us on the efficient cores
    siblings = {_read(threads / f"cpu{thread}" / "topology" / "thread_siblings_list").strip() for thread in fast}
    return 0 if "" in siblings else len(siblings)


def _fast_threads(sysfs: Path, allowed: list[int]) -> set[int]:
    """Which of the allowed threads belong to fast cores: Intel's list of them, else by each one's announced speed."""
    if listed := _read_threads(sysfs / "devices" / "cpu_core" / "cpus"):
        return listed.intersection(allowed)
    threads = sysfs / "devices" / "system" / "cpu"
    for measure in ("cpu_capacity", "cpufreq/cpuinfo_max_freq"):
        speeds = {thread: _read_number(threads / f"cpu{thread}" / measure) or 0 for thread in allowed}
        if best := max(speeds.values(), default=0):
            return {thread for thread, speed in speeds.items() if speed >= _FAST * best}
    return set()


def _read_threads(path: Path) -> set[int]:
    """The threads of a list as the kernel writes it: `0-3,8`."""
    found: set[int] = set()
    for part in _read(path).strip().split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            found.update(range(int(first), int(last or first) + 1))
    return found


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
        return _ask_macos("machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def _ask_macos(name: str) -> str:
    """What macOS says of itself under `name`; nothing where it does not know the name."""
    command = ["/usr/sbin/sysctl", "-n", name]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _read_number(path: Path) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdecimal() else None


def _read(path: Path) -> str:
    """What a file of the kernel says; nothing where there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
