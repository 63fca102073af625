"""`models`: what there is here, and everything that can be done with it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final, cast

from app.cli.consent import Consent
from app.cli.exit_status import FAILED
from app.cli.model_add import add
from app.cli.model_care import remove, scan, verify
from app.cli.model_convert import convert
from app.cli.model_fit import fit
from app.cli.model_json import model_json
from app.cli.model_search import search
from app.cli.model_template import template
from app.cli.printing import Json, one_line, print_json, print_line, print_notice, print_table, readable_size
from app.gguf.reading import metadata
from app.models.installed import InstalledModel
from app.models.licence import LicenceBook
from app.models.model_files import FileState
from app.parts import ModelParts
from app.translation import tr, trn

_LONGEST_VALUE: Final = 100
_Action = Callable[[ModelParts, argparse.Namespace], bool | None]


def models(parts: ModelParts, arguments: argparse.Namespace) -> int:
    """Do what the action says and give the exit status: not 0 where it says that something is not as it should be."""
    parts.online.gate.ask = Consent(yes=getattr(arguments, "yes", False)).asker
    is_right = _ACTIONS[arguments.action](parts, arguments)
    return FAILED if is_right is False else 0


def _list(parts: ModelParts, arguments: argparse.Namespace) -> None:
    installed = parts.models.models()
    if arguments.json:
        print_json([model_json(model) for model in installed])
        return
    print_table([_row(model, parts.online.licences) for model in installed])
    if any(parts.paths.models.glob("*.part")):
        _tell_leftovers(parts)


def _tell_leftovers(parts: ModelParts) -> None:
    """Say what lies beside the models and belongs to no download."""
    from app.models.download.leftovers import find_leftovers  # noqa: PLC0415 - it brings along all that downloads

    found = find_leftovers(parts.paths.models, {each.wanted.name for each in parts.online.downloads.downloads})
    if found:
        sentence = trn(
            "{count} unfinished file that belongs to no download takes {size} of the disk.",
            "{count} unfinished files that belong to no download take {size} of the disk.",
            len(found),
            size=readable_size(found.size_bytes),
        )
        print_notice(f"{sentence} {tr('The window offers to throw it away, under Downloads.')}")


def _row(model: InstalledModel, book: LicenceBook) -> list[str]:
    size = readable_size(model.size_bytes) if model.is_present else tr("missing")
    condition = tr("changed or damaged") if model.state is FileState.CHANGED else "-"
    return [model.name, size, model.quantization or "-", _licence(model, book), condition, str(model.path)]


def _licence(model: InstalledModel, book: LicenceBook) -> str:
    """What its file states; beside it what was accepted before the download, where that is another licence."""
    stated = [each for each in (model.licence, model.licence_accepted) if each]
    counted = stated[:1] if book.compare(*stated).agree else stated
    return ", ".join(book.find(each).spdx or each for each in counted) or "-"


def _show(parts: ModelParts, arguments: argparse.Namespace) -> None:
    model = parts.models.find(arguments.model)
    told = cast("dict[str, Json]", metadata(model.present_path()))
    if arguments.json:
        print_json({**model_json(model), "metadata": told})
        return
    known = {key: value for key, value in model_json(model).items() if value is not None}
    print_table([[key, str(value)] for key, value in known.items()])
    print_line()
    print_table([[key, _shortened(str(value))] for key, value in told.items()])


def _shortened(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST_VALUE else line[: _LONGEST_VALUE - 1] + "…"


_ACTIONS: Final[dict[str, _Action]] = {
    "list": _list,
    "add": add,
    "show": _show,
    "remove": remove,
    "verify": verify,
    "scan": scan,
    "search": search,
    "fit": fit,
    "convert": convert,
    "template": template,
}
