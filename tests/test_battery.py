"""What the laptop runs on, as the kernel's tree of files says it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import hardware
from app.hardware import Battery, battery, may_work_at_idle

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="this tree of files is the one of Linux")


def supply(sysfs: Path, name: str, **files: str | int) -> None:
    """Put a power supply in the tree."""
    folder = sysfs / "class" / "power_supply" / name
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(f"{text}\n")


def test_a_computer_on_a_desk_has_none(tmp_path: Path) -> None:
    """No tree at all, or only a plug."""
    assert battery(tmp_path) is None
    supply(tmp_path, "AC", type="Mains", online=1)
    assert battery(tmp_path) is None


@on_linux
@pytest.mark.parametrize("unit", ["energy", "charge"])
def test_the_charge_is_what_it_holds_of_what_it_can_hold(tmp_path: Path, unit: str) -> None:
    """Old batteries hold less than they were made for: what they can hold now counts."""
    supply(tmp_path, "AC", type="Mains", online=0)
    supply(tmp_path, "BAT0", type="Battery", status="Discharging", **{f"{unit}_now": 9_000, f"{unit}_full": 45_000})
    assert battery(tmp_path) == Battery(20, is_discharging=True)


@on_linux
def test_two_batteries_count_as_one(tmp_path: Path) -> None:
    """A small one that is full does not hide a large one that is nearly empty."""
    supply(tmp_path, "BAT0", type="Battery", status="Not charging", energy_now=10_000, energy_full=10_000)
    supply(tmp_path, "BAT1", type="Battery", status="Discharging", energy_now=5_000, energy_full=90_000)
    assert battery(tmp_path) == Battery(15, is_discharging=True)


@on_linux
def test_a_battery_that_says_only_percents(tmp_path: Path) -> None:
    """Some firmware does."""
    supply(tmp_path, "BAT0", type="Battery", status="Charging", capacity=7)
    assert battery(tmp_path) == Battery(7, is_discharging=False)


@on_linux
def test_the_battery_of_a_mouse_does_not_run_a_laptop(tmp_path: Path) -> None:
    """What is empty in the hand is no reason to rest."""
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", status="Discharging", capacity=3)
    assert battery(tmp_path) is None


@on_linux
def test_a_battery_that_says_nothing_is_none(tmp_path: Path) -> None:
    """An empty bay keeps its folder."""
    supply(tmp_path, "BAT1", type="Battery", status="Unknown")
    assert battery(tmp_path) is None


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (None, None),
        (SimpleNamespace(percent=55.4, power_plugged=False), Battery(55, is_discharging=True)),
        (SimpleNamespace(percent=12, power_plugged=True), Battery(12, is_discharging=False)),
        (SimpleNamespace(percent=12, power_plugged=None), Battery(12, is_discharging=False)),
    ],
)
def test_elsewhere_psutil_is_asked(
    seen: SimpleNamespace | None, expected: Battery | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On macOS and Windows; who does not know whether it is plugged in is taken to be."""
    monkeypatch.setattr(hardware.sys, "platform", "darwin")
    monkeypatch.setattr(hardware.psutil, "sensors_battery", lambda: seen, raising=False)
    assert battery() == expected


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (None, True),
        (Battery(19, is_discharging=True), False),
        (Battery(20, is_discharging=True), True),
        (Battery(5, is_discharging=False), True),
    ],
)
def test_nothing_is_done_unasked_on_a_low_battery(state: Battery | None, may: bool) -> None:
    """Below 20 % what is left belongs to the user; a plug changes that."""
    assert may_work_at_idle(state) is may
