"""A chat template that the user gives for a model: read from a file, and tried before it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, cast

from app.engine.llama.chat_template import ChatTemplate, ChatTemplateError
from app.errors import Fault, PaddockError
from app.given_text import read_text, whole_characters
from app.models.templates import ChosenTemplate

_KEY: Final = "chat_template"
_USUAL: Final = "default"
_WORDS: Final = "The llamas are at the fence."
_SYSTEM: Final = {"role": "system", "content": "Answer in one sentence."}
_USER: Final = {"role": "user", "content": _WORDS}


class TemplateFileError(PaddockError):
    """A file holds no chat template that could be used."""

    fault = Fault.FILE


def read_template(path: Path) -> ChosenTemplate:
    """Give the chat template in `path`: its text, or what a `tokenizer_config.json` has as its `chat_template`.

    It has been compiled and has rendered a conversation. Raises `TemplateFileError` or `TextFileError`.
    """
    name = whole_characters(path.name)
    text = read_text(path, name)
    source = _from_json(text, name) if path.suffix.casefold() == ".json" else text
    _try(source, name)
    return ChosenTemplate(name, source)


def _from_json(text: str, name: str) -> str:
    """Give the template; where there are several by name, the one for usual conversations."""
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TemplateFileError("{name} is not JSON.", details=str(error), name=name) from error
    found = cast("dict[str, object]", content).get(_KEY) if isinstance(content, dict) else None
    if isinstance(found, list):
        named = [cast("dict[str, object]", entry) for entry in cast("list[object]", found) if isinstance(entry, dict)]
        found = next((entry.get("template") for entry in named if entry.get("name") == _USUAL), None)
    if not isinstance(found, str):
        raise TemplateFileError(
            "{name} holds no chat template.",
            next_step="Look for one in the folder that its publisher offers, as “chat_template.jinja”.",
            name=name,
        )
    return whole_characters(found)  # JSON can hold halves of characters


def _try(source: str, name: str) -> None:
    """Have it write a conversation. Many templates take no system message, and are good all the same."""
    try:
        template = ChatTemplate(source, bos_token="<s>", eos_token="</s>")  # noqa: S106 - no secrets: a model's tokens
        try:
            prompt = template.render([_SYSTEM, _USER])
        except ChatTemplateError:
            prompt = template.render([_USER])
    except ChatTemplateError as error:
        raise _unusable(error, name) from error
    if _WORDS not in prompt:
        raise TemplateFileError(
            "{name} is not a chat template: what a user writes does not appear in what it makes.",
            next_step="Choose another file.",
            name=name,
        )


def _unusable(error: ChatTemplateError, name: str) -> TemplateFileError:
    if "reason" not in error.values:
        return TemplateFileError(
            "{name} is too large for a chat template.", next_step="Choose another file.", details=str(error), name=name
        )
    return TemplateFileError(
        "{name} cannot be used as a chat template: “{reason}”.",
        next_step="Choose another file.",
        details=error.details,
        name=name,
        reason=error.values["reason"],
    )
