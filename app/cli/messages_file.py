"""The messages behind `prompt --messages`: JSON, in a file or on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final, cast

from app.conversation import Role
from app.engine.requests import PromptMessage
from app.errors import Fault, PaddockError
from app.translation import tr

_LARGEST_MB: Final = 16
_ROLES: Final = ", ".join(role.value for role in Role)


class MessagesFileError(PaddockError):
    """What should be messages is something else."""

    fault = Fault.FILE


def read_messages(path: Path) -> tuple[PromptMessage, ...]:
    """Give the messages in the file at `path`; `-` is standard input. Raises `MessagesFileError`."""
    name = tr("Standard input") if str(path) == "-" else str(path).encode("utf-8", "replace").decode()
    try:
        document = json.loads(_content(path, name).decode("utf-8-sig"))  # some editors write a byte order mark
    except UnicodeDecodeError as error:
        raise MessagesFileError("{name} is not a text in UTF-8.", name=name) from error
    except RecursionError as error:
        raise MessagesFileError("{name} is nested too deeply.", name=name) from error
    except ValueError as error:
        raise MessagesFileError("{name} is not JSON.", details=str(error), name=name) from error
    if not isinstance(document, list):
        raise MessagesFileError(
            "{name} is no list of messages.",
            next_step='Write them as [{{"role": "user", "content": "Hello"}}].',
            name=name,
        )
    entries = cast("list[object]", document)
    return tuple(_message(entry, name, number) for number, entry in enumerate(entries))


def _content(path: Path, name: str) -> bytes:
    largest = _LARGEST_MB * 1_000_000
    try:
        if str(path) != "-":
            if path.exists() and not path.is_file():  # reading a pipe would wait for ever
                raise MessagesFileError("{name} is not a file.", name=name)
            with path.open("rb") as file:
                content = file.read(largest + 1)
        elif sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - it is, when whoever started us closed it
            content = b""
        else:
            content = sys.stdin.buffer.read(largest + 1)
    except FileNotFoundError as error:
        raise MessagesFileError("There is no file {name}.", next_step="Check the path.", name=name) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
        raise MessagesFileError(
            "{name} cannot be read.", next_step="Check that you may read it.", details=str(error), name=name
        ) from error
    if len(content) > largest:
        raise MessagesFileError("{name} is larger than {size} MB.", name=name, size=_LARGEST_MB)
    return content


def _message(entry: object, name: str, number: int) -> PromptMessage:
    fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    role, content = fields.get("role"), fields.get("content")
    if role not in list(Role):
        raise MessagesFileError(
            "{name}: message {number} has no role that Paddock knows.",
            next_step="Known are: {roles}. The first message has the number 0.",
            name=name,
            number=number,
            roles=_ROLES,
        )
    if not isinstance(content, str):
        raise MessagesFileError(
            "{name}: the content of message {number} is not a text.",
            next_step="The first message has the number 0.",
            name=name,
            number=number,
        )
    return PromptMessage(Role(str(role)), content, pinned=fields.get("pinned") is True)
