"""What the operating system says of this laptop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app import hardware


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of control groups in which this process is in `/a/b`."""
    root = tmp_path / "cgroup"
    (root / "a" / "b").mkdir(parents=True)
    (tmp_path / "own").write_text("0::/a/b\n")
    monkeypatch.setattr(hardware, "_GROUPS", root)
    monkeypatch.setattr(hardware, "_OWN_GROUP", tmp_path / "own")
    return root


def test_this_laptop_has_sound_numbers() -> None:
    """Whatever the machine, these hold."""
    memory, processor = hardware.memory(), hardware.processor()
    assert 0 < memory.available_bytes <= memory.total_bytes <= psutil.virtual_memory().total
    assert 1 <= processor.physical_cores <= processor.logical_cores
    assert processor.physical_cores == hardware.physical_cores()
    assert processor.name


def test_nothing_is_asked_when_it_is_imported() -> None:
    """Starting a command must not wait for the hardware."""
    program = (
        "import subprocess, sys, os, psutil\n"
        "def no(*a, **k): raise AssertionError('asked')\n"
        "subprocess.run = os.sched_getaffinity = psutil.cpu_count = psutil.virtual_memory = no\n"
        "import app.hardware\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_limit_of_a_container_is_its_memory(groups: Path) -> None:
    """The strictest of all groups around the process counts; copies of files can be given up."""
    (groups / "a" / "memory.max").write_text("2000000000\n")
    (groups / "a" / "memory.current").write_text("600000000\n")
    (groups / "a" / "memory.stat").write_text("anon 100\ninactive_file 100000000\n")
    (groups / "a" / "b" / "memory.max").write_text("max\n")
    memory = hardware.memory()
    assert memory == hardware.Memory(2_000_000_000, min(1_500_000_000, memory.available_bytes))


def test_a_container_that_is_full_has_nothing_left(groups: Path) -> None:
    """Never less than nothing."""
    (groups / "memory.max").write_text("1000\n")
    (groups / "memory.current").write_text("5000\n")
    assert hardware.memory() == hardware.Memory(1000, 0)


def test_the_share_of_a_container_limits_its_cores(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second in each second is one core, not none."""

    def count(*, logical: bool = True) -> int:
        return 16 if logical else 8

    monkeypatch.setattr(hardware.psutil, "cpu_count", count)
    monkeypatch.setattr(hardware, "_allowed_threads", lambda: 16)
    assert hardware.physical_cores() == 8
    (groups / "a" / "cpu.max").write_text("250000 100000\n")
    assert hardware.physical_cores() == 3
    (groups / "a" / "b" / "cpu.max").write_text("50000 100000\n")
    assert hardware.physical_cores() == 1
    (groups / "a" / "b" / "cpu.max").write_text("max 100000\n")
    assert hardware.physical_cores() == 3


def test_a_system_that_counts_nothing_has_one_core(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some virtual machines do not say how many cores they have."""

    def count(*, logical: bool = True) -> None:
        return None

    monkeypatch.setattr(hardware.psutil, "cpu_count", count)
    monkeypatch.setattr(hardware, "_allowed_threads", lambda: 1)
    assert hardware.physical_cores() == 1


def test_the_processor_is_named_with_what_makes_it_fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of some hundred flags only those that matter here, in one order."""
    about = tmp_path / "cpuinfo"
    about.write_text("processor\t: 0\nmodel name\t: Llama Core 9\nflags\t\t: fpu avx2 vme avx fma\n\nprocessor\t: 1\n")
    monkeypatch.setattr(hardware, "_CPU_INFO", about)
    processor = hardware.processor()
    assert (processor.name, processor.features) == ("Llama Core 9", ("avx", "fma", "avx2"))


def test_a_processor_without_a_name_is_called_by_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ARM systems say features but no name."""
    about = tmp_path / "cpuinfo"
    about.write_text("processor : 0\nFeatures : fp asimd asimddp\n")
    monkeypatch.setattr(hardware, "_CPU_INFO", about)
    processor = hardware.processor()
    assert processor.name
    assert processor.features == ("asimd", "asimddp")


def test_the_free_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    """A download asks before it makes its folder."""
    assert hardware.disk_free(tmp_path / "not" / "yet") > 0
