"""The messages behind `prompt --messages`: JSON, in a file or on standard input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, cast

from app.conversation import Role
from app.engine.requests import PromptMessage
from app.errors import Fault, PaddockError
from app.given_text import read_standard_input, read_text, whole_characters
from app.translation import tr

_ROLES: Final = ", ".join(role.value for role in Role)


class MessagesFileError(PaddockError):
    """What should be messages is something else."""

    fault = Fault.FILE


def read_messages(path: Path) -> tuple[PromptMessage, ...]:
    """Give the messages in the file at `path`; `-` is standard input. Raises `MessagesFileError` or `TextFileError`."""
    name = tr("Standard input") if str(path) == "-" else whole_characters(str(path))
    text = read_standard_input() if str(path) == "-" else read_text(path, name)
    try:
        document = json.loads(text)
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
