"""What the tests of the library share: small models, a laptop without other applications, a bin that is a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.models.elsewhere.places import Places, System
from app.models.library import ModelLibrary
from app.models.starter import StarterModel
from app.paths import Paths
from tests.models.gguf_writer import CHAT_MODEL, Entry, build_gguf


def write_model(path: Path, name: str = "Meadow 1B", **entries: Entry) -> Path:
    """A small model file; `general__type="adapter"` sets `general.type`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {key.replace("__", "."): value for key, value in entries.items()}
    path.write_bytes(build_gguf({**CHAT_MODEL, "general.name": name, **told}))
    return path


def write_parts(folder: Path, count: int = 3, stem: str = "big") -> list[Path]:
    """A model in several files: the first says how many they are, and is a whole header."""
    paths = [folder / f"{stem}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]
    write_model(paths[0], "Big Meadow", split__no=0, split__count=count)
    for number, path in enumerate(paths[1:], start=1):
        write_model(path, "Big Meadow", split__no=number, split__count=count)
    return paths


class Bin:
    """Takes files as the system's bin does, into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: list[Path] = []

    def take(self, files: Sequence[Path]) -> None:
        """Take `files`."""
        self.folder.mkdir(exist_ok=True)
        for path in files:
            path.rename(self.folder / path.name)
            self.taken.append(path)


class Laptop:
    """A home folder that may hold other applications' models, and Paddock's library there."""

    def __init__(self, paths: Paths, root: Path) -> None:
        self.paths = paths
        self.home = root / "user"
        self.home.mkdir(exist_ok=True)
        self.bin = Bin(root / "bin")
        self.library = self.open_library(write_model(root / "starter.gguf", "Starter"))

    def open_library(self, starter: Path | None) -> ModelLibrary:
        """As another process would."""
        return ModelLibrary(
            self.paths,
            None if starter is None else StarterModel(starter),
            places=lambda folders: Places(System.LINUX, self.home, folders=tuple(folders), root=self.home),
            to_bin=self.bin.take,
        )
