"""`models template`: with which chat template a model is used."""

from __future__ import annotations

import argparse

from app.cli.printing import Json, one_line, print_json, print_line
from app.models.installed import InstalledModel
from app.parts import ModelParts
from app.translation import tr


def template(parts: ModelParts, arguments: argparse.Namespace) -> None:
    """Choose what was named, if anything was, and print what is in use."""
    model = parts.models.find(arguments.model)
    if arguments.own:
        parts.models.use_own_template(model.id)
    elif arguments.file is not None:
        from app.chat.template_file import read_template  # noqa: PLC0415 - other commands need not wait for jinja2

        parts.models.choose_template(model.id, read_template(arguments.file))
    model = parts.models.find(arguments.model)
    if arguments.json:
        print_json(_template_json(model))
    else:
        print_line(one_line(_sentence(model)))


def _template_json(model: InstalledModel) -> dict[str, Json]:
    chosen = model.template
    return {
        "id": model.id,
        "name": model.name,
        "template": None if chosen is None else {"name": chosen.name, "sha256": chosen.sha256},
    }


def _sentence(model: InstalledModel) -> str:
    if model.template is None:
        return tr("{model} is used with the chat template of its own file.", model=model.name)
    return tr("{model} is used with the chat template {name}.", model=model.name, name=model.template.name)
