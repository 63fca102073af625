"""The numbers of the system calls that a confined process has no use for, from the kernel's `unistd.h`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FIRST_UNKNOWN: Final = 468
"""Newer calls have the same number everywhere; none of them is known here, so none is let through."""

_REFUSED: Final = """
connections   socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201, accept 43 202,
              accept4 288 242, sendto 44 206, sendmsg 46 211, sendmmsg 307 269
programs      execve 59 221, execveat 322 281, fork 57 -, vfork 58 -
processes     ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
              pidfd_getfd 438 438, pidfd_send_signal 424 424, kcmp 312 272, tkill 200 130
around_it_all io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427
the_kernel    bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, keyctl 250 219, add_key 248 217,
              request_key 249 218, personality 135 92
other_roots   mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, unshare 272 97, setns 308 268,
              move_mount 429 429, open_tree 428 428, open_tree_attr 467 467, fsopen 430 430, fsconfig 431 431,
              fsmount 432 432, fspick 433 433, mount_setattr 442 442, open_by_handle_at 304 265
owners        chmod 90 -, fchmodat 268 53, fchmodat2 452 452, chown 92 -, lchown 94 -, fchownat 260 54,
              setxattr 188 5, lsetxattr 189 6, setxattrat 463 463, removexattr 197 14, lremovexattr 198 15,
              removexattrat 466 466
the_machine   init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104,
              kexec_file_load 320 294, reboot 169 142, swapon 167 224, swapoff 168 225, acct 163 89,
              quotactl 179 60, quotactl_fd 443 443
"""
"""Name, number on x86_64, number on aarch64. `owners` are what Landlock leaves open: they name a path, not a file."""


@dataclass(frozen=True, slots=True)
class SystemCalls:
    """What a filter needs to know of one kind of processor."""

    architecture: int
    """As the kernel's audit names it."""
    seccomp: int
    clone: int
    clone3: int
    prlimit: int
    signals: tuple[int, ...]
    """Those whose first argument is the process that gets one: `kill`, `tgkill`, `rt_sigqueueinfo` and its like."""
    refused: Mapping[str, int]


def _numbers(column: int) -> dict[str, int]:
    entries = [
        entry.split() for line in _REFUSED.strip().splitlines() for entry in line[14:].split(",") if entry.split()
    ]
    return {entry[0]: int(entry[column]) for entry in entries if entry[column] != "-"}


BY_MACHINE: Final[Mapping[str, SystemCalls]] = {
    "x86_64": SystemCalls(
        architecture=0xC000003E,
        seccomp=317,
        clone=56,
        clone3=435,
        prlimit=302,
        signals=(62, 234, 129, 297),
        refused=_numbers(1),
    ),
    "aarch64": SystemCalls(
        architecture=0xC00000B7,
        seccomp=277,
        clone=220,
        clone3=435,
        prlimit=261,
        signals=(129, 131, 138, 240),
        refused=_numbers(2),
    ),
}
