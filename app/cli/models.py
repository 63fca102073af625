"""`models`: which model files there are."""

from __future__ import annotations

import argparse
from typing import Final, cast

from app.cli.model_template import template
from app.cli.printing import Json, one_line, print_json, print_line, print_table, readable_size
from app.gguf.reading import metadata
from app.models.library import InstalledModel
from app.parts import ModelParts
from app.translation import tr

_LONGEST_VALUE: Final = 100


def models(parts: ModelParts, arguments: argparse.Namespace) -> int:
    """Do what the action says and give the exit status."""
    match arguments.action:
        case "list":
            _list(parts.models.models(), as_json=arguments.json)
        case "add":
            _add(parts, arguments)
        case "template":
            template(parts, arguments)
        case _:
            _show(parts.models.find(arguments.model), as_json=arguments.json)
    return 0


def model_json(model: InstalledModel) -> dict[str, Json]:
    """Give a model as the stable surface prints it."""
    return {
        "id": model.id,
        "name": model.name,
        "path": str(model.path),
        "size_bytes": model.size_bytes,
        "architecture": model.architecture,
        "quantization": model.quantization,
        "licence": model.licence,
        "source": model.source,
    }


def _list(installed: list[InstalledModel], *, as_json: bool) -> None:
    if as_json:
        print_json([model_json(model) for model in installed])
        return
    print_table([_row(model) for model in installed])


def _row(model: InstalledModel) -> list[str]:
    size = readable_size(model.size_bytes) if model.is_present else tr("missing")
    return [model.name, size, model.quantization or "-", model.licence or "-", str(model.path)]


def _add(parts: ModelParts, arguments: argparse.Namespace) -> None:
    model = parts.models.add(arguments.file)
    if arguments.json:
        print_json(model_json(model))
    else:
        print_line(one_line(tr("{name} can be used now. Its file stays where it is.", name=model.name)))


def _show(model: InstalledModel, *, as_json: bool) -> None:
    told = cast("dict[str, Json]", metadata(model.present_path()))
    if as_json:
        print_json({**model_json(model), "metadata": told})
        return
    known = {key: value for key, value in model_json(model).items() if value is not None}
    print_table([[key, str(value)] for key, value in known.items()])
    print_line()
    print_table([[key, _shortened(str(value))] for key, value in told.items()])


def _shortened(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST_VALUE else line[: _LONGEST_VALUE - 1] + "…"
