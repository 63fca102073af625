"""Where the set-up reads and writes."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paddock_setup.commands import SetupError, say


@dataclass(frozen=True, slots=True)
class Places:
    """A checkout, and the folder outside of it that all checkouts of this user share."""

    checkout: Path
    cache: Path

    @property
    def venv(self) -> Path:
        """The Python environment; `make` may delete and remake it."""
        return self.checkout / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter of that environment."""
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Written last: an environment without it was interrupted."""
        return self.venv / "paddock-setup.json"

    @property
    def wheels(self) -> Path:
        """Compiled wheels, one folder for each combination of source, compiler and processor."""
        return self.cache / "wheels"

    @property
    def sources(self) -> Path:
        """Source archives, as they were fetched."""
        return self.cache / "sources"

    @property
    def llama_models(self) -> Path:
        """A symbolic link to llama.cpp's vocabularies and chat templates in the cache; made for the tests only."""
        return self.venv / "llama.cpp-models"

    def lock(self, name: str) -> Path:
        """A list of pinned packages with their hashes."""
        return self.checkout / "packaging" / "locks" / name

    def log(self, name: str) -> Path:
        """What the named step printed last."""
        return self.cache / "logs" / f"{name}.log"


def find_places() -> Places:
    """This checkout, and `paddock-build` in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`)."""
    caches = os.environ.get("XDG_CACHE_HOME", "").strip()
    cache = (Path(caches) if caches else Path.home() / ".cache") / "paddock-build"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The folder {cache} cannot be made ({error.strerror}). Set XDG_CACHE_HOME to a folder that can be written."
        ) from error
    return Places(checkout=Path(__file__).resolve().parents[2], cache=cache)


@contextmanager
def only_one(lock: Path, waiting: str) -> Generator[None]:
    """Keep a second set-up out until this one ends; the operating system frees the lock of a process that died."""
    try:
        file = lock.open("w", encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{lock} cannot be written ({error.strerror}).") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def workshop(parent: Path) -> Generator[Path]:
    """A folder in `parent` for what is not finished; what a killed set-up left there goes too.

    Only for the set-up that is the only one in `parent`.
    """
    for abandoned in parent.glob("unfinished-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="unfinished-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
