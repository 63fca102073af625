"""The filter of system calls, run by a small machine like the kernel's, for both processors."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from app.confined.seccomp import Instruction, build_filter
from app.confined.system_calls import BY_MACHINE, FIRST_UNKNOWN, SystemCalls

PROCESS = 4242
ALLOWED = "allowed"
X32 = 0x40000000
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
both = pytest.mark.parametrize("calls", BY_MACHINE.values(), ids=BY_MACHINE.keys())


def judge(program: list[Instruction], architecture: int, number: int, argument: int = 0) -> str:
    """Run the filter over one call, and say what comes of it."""
    shown = {0: number, 4: architecture, 16: argument}
    word = position = 0
    while True:
        operation, yes, no, operand = program[position]
        position += 1
        match operation:
            case 0x20:
                word = shown[operand]
            case 0x06:
                return ALLOWED if operand == 0x7FFF0000 else errno.errorcode[operand & 0xFFFF]
            case _:
                is_so = {0x15: word == operand, 0x35: word >= operand, 0x45: bool(word & operand)}[operation]
                position += yes if is_so else no


@both
def test_what_is_listed_is_refused_and_the_rest_is_not(calls: SystemCalls) -> None:
    """Each number of the list, and only those."""
    program = build_filter(calls, PROCESS)
    guarded = {calls.clone, calls.clone3, calls.prlimit, *calls.signals}
    refused = {n for n in range(FIRST_UNKNOWN) if judge(program, calls.architecture, n) == "EPERM"}
    assert refused - guarded == set(calls.refused.values())


@both
def test_threads_yes_processes_no(calls: SystemCalls) -> None:
    """A thread is made by `clone` with its flag; a process, and the call whose flags are hidden, are not to be had."""
    program = build_filter(calls, PROCESS)
    assert judge(program, calls.architecture, calls.clone, 0x003D0F00) == ALLOWED  # as the C library makes threads
    assert judge(program, calls.architecture, calls.clone, 0x01200011) == "EPERM"  # as it forks
    assert judge(program, calls.architecture, calls.clone3) == "ENOSYS"


@both
def test_signals_and_limits_only_for_itself(calls: SystemCalls) -> None:
    """It may abort, and may ask for its own limits; others are none of its business."""
    program = build_filter(calls, PROCESS)
    for number in calls.signals:
        assert judge(program, calls.architecture, number, PROCESS) == ALLOWED
        assert [judge(program, calls.architecture, number, other) for other in (0, 1, 2**32 - 1)] == ["EPERM"] * 3
    answers = [judge(program, calls.architecture, calls.prlimit, whose) for whose in (0, PROCESS, 1)]
    assert answers == [ALLOWED, ALLOWED, "EPERM"]


@both
def test_side_doors_are_closed(calls: SystemCalls) -> None:
    """The calls of another processor's programs, and those that are newer than the list, do not pass."""
    program = build_filter(calls, PROCESS)
    assert judge(program, 0x40000003, 102) == "EPERM"  # a 32-bit program's way to a socket
    assert judge(program, calls.architecture, X32 | 41) == "ENOSYS"
    assert judge(program, calls.architecture, FIRST_UNKNOWN) == "ENOSYS"


@pytest.mark.parametrize("machine", BY_MACHINE)
def test_the_numbers_are_the_kernels(machine: str) -> None:
    """Where the kernel's headers are at hand, each number that they know is compared."""
    if not HEADERS[machine].is_file():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text(), re.MULTILINE)
    numbers = {name: int(number) for name, number in found}
    calls = BY_MACHINE[machine]
    known = {name: number for name, number in calls.refused.items() if name in numbers}
    assert len(known) > 50
    assert known == {name: numbers[name] for name in known}
    signals = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
    assert calls.signals == tuple(numbers[name] for name in signals)
    assert (calls.clone, calls.clone3, calls.prlimit) == tuple(numbers[n] for n in ("clone", "clone3", "prlimit64"))
    assert calls.seccomp == numbers["seccomp"]
