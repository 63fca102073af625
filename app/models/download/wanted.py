"""What is to be downloaded, and how its place on the hub is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.models.remote_file import RemoteFile, RemotePath


@dataclass(frozen=True, slots=True)
class WantedFile:
    """One file that somebody wants. `name` is what it is called in the folder of models, `shown_as` what people read.

    `sha256` is what the user chose by, and nothing else is taken for it; "" takes what the hub has. `licence` is what
    it was downloaded under, as the library keeps it; "" where none is stated. `model` is the name here of the file to
    load, once all are there that have the same `model`.
    """

    remote: RemotePath
    name: str
    shown_as: str
    size_bytes: int = 0
    sha256: str = ""
    licence: str = ""
    model: str = ""


Locate: TypeAlias = Callable[[RemotePath, str], RemoteFile]
"""Asks the hub where a file is, by its path and its name for people. Raises `PaddockError`."""

Headers: TypeAlias = Callable[[], Mapping[str, str]]
"""What goes with each request: the access token, where there is one. Nobody keeps what it gives."""
