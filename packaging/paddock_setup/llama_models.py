"""The vocabularies and chat templates that come with llama.cpp's source, unpacked for the tests to read in place."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

from paddock_setup import llama_source
from paddock_setup.commands import SetupError, say
from paddock_setup.places import Places, only_one, workshop

MODELS = "vendor/llama.cpp/models/"


def are_there(places: Places) -> bool:
    """Whether the link in `.venv` leads to the models of the locked version: the quick look of every later run."""
    link, folder = places.llama_models, _folder(places)
    return link.is_symlink() and link.readlink() == folder and folder.is_dir()


def ensure(places: Places) -> None:
    """Have them in the cache, where all checkouts share them, and a symbolic link to them in `.venv`."""
    folder = _folder(places)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with only_one(folder.parent / "lock", "Another set-up is unpacking the models of llama.cpp; waiting for it."):
        if not folder.is_dir():
            _unpack_into(folder, places)
    _link(places.llama_models, folder)


def _folder(places: Places) -> Path:
    version, sha256 = llama_source.locked(places)
    return places.cache / "llama.cpp-models" / f"{version}-{sha256[:12]}"


def _unpack_into(folder: Path, places: Places) -> None:
    """Unpack beside `folder` and rename, so that a folder with this name is always whole."""
    with workshop(folder.parent) as unfinished:
        archive = llama_source.find_archive(places)
        if archive is None:
            tools = llama_source.make_tools(places, unfinished / "tools", places.log("source"))
            archive = llama_source.obtain_archive(places, tools)
        say("Unpacking the vocabularies and chat templates of llama.cpp, which the tests read")
        unpack(archive, unfinished / "models")
        (unfinished / "models").replace(folder)


def unpack(archive: Path, folder: Path) -> None:
    """Write the plain files of the archive's model folder, by names that cannot lead out of `folder`.

    This is stricter than the filters of `tarfile`, which the first releases of Python 3.11 do not have.
    """
    folder.mkdir()
    with tarfile.open(archive) as members:
        for member in members:
            name = member.name.partition("/")[2]  # all lies in one folder, named after the version
            if member.isfile() and name.startswith(MODELS):
                _write(members, member, folder / name.removeprefix(MODELS))


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    data = members.extractfile(member)
    if data is None or ".." in target.parts:
        raise SetupError(f"The source of llama.cpp has a file that cannot be unpacked: {member.name}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(data, file)


def _link(link: Path, folder: Path) -> None:
    """Set the link in one step, wherever it led before."""
    unfinished = link.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(folder)
    unfinished.replace(link)
