"""The file behind `ask --schema`."""

from __future__ import annotations

from pathlib import Path

from app.engine.engine import GrammarError
from app.engine.json_schema.plain import LONGEST_SCHEMA, plain_schema
from app.engine.requests import Grammar, GrammarKind
from app.errors import Fault, PaddockError


class SchemaFileError(PaddockError):
    """The file of a schema cannot be read."""

    fault = Fault.FILE


def grammar_from_file(path: Path) -> Grammar:
    """Give the grammar that the JSON schema in `path` means, looked at before any model is loaded.

    Raises `SchemaFileError` or `GrammarError`.
    """
    text = _read(path)
    plain_schema(text)
    return Grammar(GrammarKind.JSON_SCHEMA, text)


def _read(path: Path) -> str:
    name = str(path).encode("utf-8", "replace").decode()
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            raise SchemaFileError("{path} is not a file.", next_step="Name the file that holds the schema.", path=name)
        with path.open("rb") as file:
            content = file.read(4 * LONGEST_SCHEMA + 1)
        text = content.decode("utf-8-sig")  # some editors write a byte order mark
    except UnicodeDecodeError as error:
        raise SchemaFileError("{path} is not a text.", next_step="A schema is JSON in UTF-8.", path=name) from error
    except FileNotFoundError as error:
        raise SchemaFileError("There is no file {path}.", next_step="Check the path.", path=name) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
        raise SchemaFileError(
            "{path} cannot be read.", next_step="Check that you may read it.", details=str(error), path=name
        ) from error
    if len(text) > LONGEST_SCHEMA:
        raise GrammarError("The schema is longer than {size} characters.", size=f"{LONGEST_SCHEMA:,}")
    return text
