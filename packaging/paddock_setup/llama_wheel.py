"""llama-cpp-python, compiled once for this processor and kept for every checkout."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from paddock_setup import environment, llama_source, system_packages
from paddock_setup.commands import SetupError, clean_environment, run, say
from paddock_setup.places import Places, only_one, workshop

CMAKE_FLAGS = (
    "-DGGML_NATIVE=ON",
    "-DGGML_RPC=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_TOOLS=OFF",
    "-DLLAMA_OPENSSL=OFF",
)
# The build installs a second copy of every library, and headers, at the top of site-packages.
LEFT_OUT = "/lib;/include"
MEMORY_PER_COMPILER_BYTES = 1_500_000_000
PROGRESS_STEP_PERCENT = 10


def wheel_key(places: Places) -> str | None:
    """What the compiled code depends on, in 16 hex digits; None without a compiler.

    The compiler's own list of macros tells its version and every feature of this processor that it would use.
    """
    macros = _native_macros()
    if macros is None:
        return None
    parts = (
        places.lock("llama.txt").read_text(encoding="utf-8"),
        places.lock("build.txt").read_text(encoding="utf-8"),
        f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}",
        f"{sys.platform} {platform.machine()}",
        *CMAKE_FLAGS,
        LEFT_OUT,
        macros,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def obtain_wheel(places: Places) -> tuple[str, Path]:
    """The key and the file of the wheel for this machine, compiled now if nobody has done so before."""
    system_packages.ensure_build_programs(places)
    key = wheel_key(places)
    if key is None:
        compiler = shlex.join(system_packages.cxx_compiler())
        raise SetupError(f"The C++ compiler {compiler} does not work. Try it by hand, then run make again.")
    places.wheels.mkdir(parents=True, exist_ok=True)
    with only_one(places.wheels / "lock", "Another set-up is compiling llama.cpp; waiting for it."):
        folder = places.wheels / key
        return key, find_wheel(folder) or _compile_into(places, folder)


def find_wheel(folder: Path) -> Path | None:
    """The wheel in `folder`, if it is still the file that was put there."""
    try:
        noted = json.loads((folder / "wheel.json").read_text(encoding="utf-8"))
        wheel = folder / noted["name"]
        return wheel if noted["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest() else None
    except (OSError, ValueError, KeyError):
        return None


def _compile_into(places: Places, folder: Path) -> Path:
    """Compile beside `folder` and rename, so that a folder with this name is always whole."""
    shutil.rmtree(folder, ignore_errors=True)
    with workshop(places.wheels) as unfinished:
        result = _compile(places, unfinished)
        note = {"name": result.name, "sha256": environment.sha256(result)}
        (result.parent / "wheel.json").write_text(json.dumps(note), encoding="utf-8")
        result.parent.replace(folder)
        return folder / result.name


def _compile(places: Places, unfinished: Path) -> Path:
    """Build the hash-checked source with hash-checked tools; pip fetches nothing by itself."""
    tools = llama_source.make_tools(places, unfinished / "tools", places.log("compile"))
    archive = llama_source.obtain_archive(places, tools)
    say("Compiling llama.cpp for this processor. This happens once and takes about five minutes.")
    result = unfinished / "result"
    temporary = unfinished / "tmp"
    temporary.mkdir()
    command = [str(tools / "bin" / "python"), "-m", "pip", "wheel", "--verbose", "--require-hashes", "--no-deps"]
    command += ["--no-index", "--find-links", str(archive.parent), "--no-binary", ":all:"]
    command += ["--no-build-isolation", "--no-cache-dir", "--wheel-dir", str(result)]
    run(
        [*command, "--requirement", str(places.lock("llama.txt"))],
        places.log("compile"),
        failure="llama.cpp could not be compiled.",
        environment=_compile_environment(tools, temporary),
        on_line=progress_teller(),
    )
    wheels = list(result.glob("*.whl"))
    if len(wheels) != 1:
        raise SetupError(f"Compiling llama.cpp left no wheel behind. What was printed is in {places.log('compile')}.")
    return wheels[0]


def progress_teller() -> Callable[[str], None]:
    """Reads the compiler's `[12/193]` and tells every tenth of the way."""
    told = 0

    def tell(line: str) -> None:
        nonlocal told
        found = re.match(r"\s*\[(\d+)/(\d+)\]", line)
        percent = 100 * int(found[1]) // int(found[2]) if found else 0
        if percent >= told + PROGRESS_STEP_PERCENT:
            told = percent - percent % PROGRESS_STEP_PERCENT
            say(f"  llama.cpp: {told} %")

    return tell


def _compile_environment(tools: Path, temporary: Path) -> dict[str, str]:
    return clean_environment(
        CMAKE_ARGS=" ".join(CMAKE_FLAGS),
        CMAKE_BUILD_PARALLEL_LEVEL=str(_compilers_at_once()),
        CC=shlex.join(system_packages.c_compiler()),
        CXX=shlex.join(system_packages.cxx_compiler()),
        PATH=f"{tools / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        SKBUILD_WHEEL_EXCLUDE=LEFT_OUT,
        TMPDIR=str(temporary),
    )


def _compilers_at_once() -> int:
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory_bytes // MEMORY_PER_COMPILER_BYTES))


def _native_macros() -> str | None:
    command = [*system_packages.cxx_compiler(), "-march=native", "-dM", "-E", "-x", "c++", os.devnull]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
