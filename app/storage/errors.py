"""Why something could not be read or saved, in plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from app.errors import Fault, PaddockError


class StorageError(PaddockError):
    """Conversations could not be read or saved; the sentence says why."""

    fault = Fault.PADDOCK


class NotFoundError(StorageError):
    """There is nothing by this id."""

    fault = Fault.USER


class DatabaseFileError(StorageError):
    """The file is not one that this Paddock can use: damaged, foreign, or from a newer Paddock. It is left as it is."""

    fault = Fault.FILE


class DiskError(StorageError):
    """The disk, its permissions or another program stand in the way. What failed for this reason may work later."""

    fault = Fault.MACHINE


class DiskFullError(DiskError):
    """There is no room left."""


def explain(error: sqlite3.Error, path: Path) -> StorageError:
    """Say what an error of SQLite means for the database at `path`."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    details = f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}"
    match code & 0xFF:  # the rest of an extended code only narrows it down
        case sqlite3.SQLITE_FULL:
            return DiskFullError("The disk is full.", next_step="Make 20 MB of room, then try again.", details=details)
        case sqlite3.SQLITE_IOERR:
            return DiskError(
                "The disk does not take or give what Paddock asks of it.",
                next_step="See whether it is full, or has been taken out, then try again.",
                details=details,
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DiskError(
                "Another program holds the file with your conversations.",
                next_step="Close programs that back up or look at {path}, then try again.",
                details=details,
                path=path,
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return folder_unusable(path.parent, details)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path, details)
        case _:
            return StorageError(
                "Something went wrong inside Paddock while it read or saved a conversation.",
                next_step="The log in Paddock's folder says more.",
                details=details,
            )


def damaged(path: Path, details: str = "") -> DatabaseFileError:
    """The file was a database and is no longer whole, or never was one."""
    return DatabaseFileError(
        "The file with your conversations is damaged, or is not one: {path}.",
        next_step="Paddock left it as it is. Put a copy from a backup in its place.",
        details=details,
        path=path,
    )


def folder_unusable(folder: Path, details: str = "") -> DiskError:
    """The data folder cannot be made or written to."""
    return DiskError(
        "Paddock cannot write in its folder {folder}.",
        next_step="See whether it is a folder, and whether you may write there.",
        details=details,
        folder=folder,
    )


def held_in_memory(error: DiskError) -> DiskError:
    """The same, for the words of a reply: they are not lost, and nobody needs to try again."""
    if isinstance(error, DiskFullError):
        next_step = "Your text is held in memory and will be saved as soon as there is room: 20 MB are enough."
    else:
        next_step = "Your text is held in memory and will be saved as soon as that has passed."
    return type(error)(error.message, next_step=next_step, details=error.details, **error.values)


def closed() -> StorageError:
    """Somebody wants to write after the end."""
    return StorageError("Conversations are closed already, so this was not saved.", next_step="Start Paddock again.")
