"""Which cores a model's threads should run on, told by trees that look like the ones of Linux."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import hardware


@dataclass
class Laptop:
    """A made-up laptop: what its kernel writes, and which threads this process may use."""

    sysfs: Path
    allowed: set[int]

    def has(self, thread: int, siblings: str, **speed: int) -> None:
        """Give it a thread that shares its core with `siblings`."""
        folder = self.sysfs / "devices" / "system" / "cpu" / f"cpu{thread}"
        (folder / "topology").mkdir(parents=True)
        (folder / "cpufreq").mkdir()
        (folder / "topology" / "thread_siblings_list").write_text(f"{siblings}\n")
        for name, value in speed.items():
            (folder / name.replace("__", "/")).write_text(f"{value}\n")
        self.allowed.add(thread)

    def lists_fast_threads(self, threads: str) -> None:
        """Let it say which threads are fast, as Intel's hybrid processors do."""
        (self.sysfs / "devices" / "cpu_core").mkdir(parents=True)
        (self.sysfs / "devices" / "cpu_core" / "cpus").write_text(f"{threads}\n")

    @property
    def cores(self) -> int:
        """What is counted."""
        return hardware.performance_cores(self.sysfs)


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    """A laptop running Linux, without any threads yet and without a container."""
    laptop = Laptop(tmp_path / "sys", set())

    def allowed(_process: int) -> set[int]:
        return laptop.allowed

    monkeypatch.setattr(hardware.sys, "platform", "linux")
    monkeypatch.setattr(hardware.os, "sched_getaffinity", allowed, raising=False)
    monkeypatch.setattr(hardware, "_OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(hardware, "_GROUPS", tmp_path / "cgroup")
    (tmp_path / "cgroup").mkdir()
    (tmp_path / "own").write_text("0::/\n")
    return laptop


def test_two_threads_of_one_core_count_once(laptop: Laptop) -> None:
    """Four equal cores with two threads each are four."""
    for thread in range(8):
        laptop.has(thread, f"{thread % 4},{thread % 4 + 4}", cpufreq__cpuinfo_max_freq=4_900_000 - 50_000 * thread)
    assert laptop.cores == 4


def test_a_hybrid_processor_counts_the_fast_cores_it_lists(laptop: Laptop) -> None:
    """Six performance cores with two threads each beside eight efficient ones: six."""
    for thread in range(12):
        first = thread // 2 * 2
        laptop.has(thread, f"{first}-{first + 1}")
    for thread in range(12, 20):
        laptop.has(thread, str(thread))
    laptop.lists_fast_threads("0-11")
    assert laptop.cores == 6


def test_a_phone_like_processor_counts_the_cores_of_high_capacity(laptop: Laptop) -> None:
    """ARM says how much each core can do; the little ones stay out."""
    for thread, capacity in enumerate([250, 250, 250, 250, 950, 950, 950, 1024]):
        laptop.has(thread, str(thread), cpu_capacity=capacity)
    assert laptop.cores == 4


def test_dense_cores_of_a_lower_clock_stay_out(laptop: Laptop) -> None:
    """Without any list the highest announced clock tells."""
    for thread, clock in enumerate([5_100_000] * 4 + [3_300_000] * 8):
        laptop.has(thread, str(thread), cpufreq__cpuinfo_max_freq=clock)
    assert laptop.cores == 4


def test_only_the_cores_this_process_may_use_count(laptop: Laptop) -> None:
    """Two of 64 cores are two, and two threads of one core are one."""
    for thread in range(64):
        laptop.has(thread, f"{thread},{thread + 64}")
    laptop.allowed = {3, 40}
    assert laptop.cores == 2
    laptop.has(64 + 3, "3,67")
    laptop.allowed = {3, 67}
    assert laptop.cores == 1


def test_a_process_kept_on_efficient_cores_uses_these(laptop: Laptop) -> None:
    """Where no fast core is allowed, the slow ones are all there is."""
    for thread in range(8):
        laptop.has(thread, str(thread))
    laptop.lists_fast_threads("0-1,3")
    assert laptop.cores == 3
    laptop.allowed = {4, 5, 6}
    assert laptop.cores == 3
    laptop.allowed = {1, 2, 3, 4}
    assert laptop.cores == 2


def test_the_share_of_a_container_limits_the_cores(laptop: Laptop, tmp_path: Path) -> None:
    """A quota of two cores on a machine of 64 is two, whatever the affinity says."""
    for thread in range(64):
        laptop.has(thread, str(thread))
    (tmp_path / "cgroup" / "cpu.max").write_text("200000 100000\n")
    assert laptop.cores == 2


def test_a_kernel_that_says_nothing_leaves_all_cores(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some sandboxes hide /sys; then what is known by other means counts."""
    laptop.allowed = {0, 1, 2}
    monkeypatch.setattr(hardware, "physical_cores", lambda: 3)
    assert laptop.cores == 3


@pytest.mark.parametrize(("answer", "cores"), [("4\n", 4), ("", 8), ("64\n", 8)])
def test_macos_names_its_performance_cores(
    answer: str, cores: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Apple's processors have levels; older Macs do not know the word."""

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        assert command[1:] == ["-n", "hw.perflevel0.physicalcpu"]
        return subprocess.CompletedProcess(command, 0, answer, "")

    monkeypatch.setattr(hardware.sys, "platform", "darwin")
    monkeypatch.setattr(hardware.subprocess, "run", run)
    monkeypatch.setattr(hardware, "physical_cores", lambda: 8)
    assert hardware.performance_cores(tmp_path) == cores


def test_windows_uses_all_physical_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is asked there yet that would tell them apart."""
    monkeypatch.setattr(hardware.sys, "platform", "win32")
    monkeypatch.setattr(hardware, "physical_cores", lambda: 6)
    assert hardware.performance_cores(tmp_path) == 6


def test_this_machine_has_no_more_performance_cores_than_cores() -> None:
    """Whatever the machine."""
    assert 1 <= hardware.performance_cores() <= hardware.physical_cores()
