"""The command line of `models`."""

from __future__ import annotations

import argparse
from typing import Final

from app.cli.argument_kinds import Parser, add_everywhere, name, path
from app.models.hub_search import Sort
from app.settings.arguments import add_arguments
from app.translation import tr

_SORTS: Final = tuple(sort.name.lower() for sort in Sort)


def add_models(parser: argparse.ArgumentParser) -> None:
    """Take everything that can be done with models."""
    add_everywhere(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar=tr("ACTION"), parser_class=Parser)
    add_everywhere(actions.add_parser("list", help=tr("the models there are")))
    _add_add(actions.add_parser("add", help=tr("use a model file where it lies, or download a model of the hub")))
    _add_search(actions.add_parser("search", help=tr("look for models on the hub")))
    _add_scan(actions.add_parser("scan", help=tr("look for models that other applications have here")))
    show = actions.add_parser("show", help=tr("what a model file says of itself"))
    _add_model(show)
    _add_model(actions.add_parser("verify", help=tr("read a model file whole, and compare its sha256")))
    _add_fit(actions.add_parser("fit", help=tr("whether a model fits in the memory that is free now")))
    _add_convert(actions.add_parser("convert", help=tr("make a copy of a model in another quantization")))
    _add_template(actions.add_parser("template", help=tr("choose the chat template of a model, or say which it has")))
    remove = actions.add_parser(
        "remove", help=tr("forget a model; a file that Paddock downloaded or made goes to the system's bin")
    )
    _add_yes(remove)
    _add_model(remove)


def _add_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        type=name,
        metavar=tr("FILE|REPO[:FILE]"),
        help=tr("a file, OWNER/NAME, OWNER/NAME:Q4_K_M or an address"),
    )
    _add_yes(parser)
    add_everywhere(parser)


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar=tr("WORDS"))
    parser.add_argument("--sort", choices=_SORTS, default=_SORTS[0], help=tr("what comes first"))
    parser.add_argument("--language", metavar="L", help=tr("only models that list this language, such as de"))
    parser.add_argument("--open-source", action="store_true", help=tr("only models with an open-source licence"))
    parser.add_argument("--vision", action="store_true", help=tr("only models that read pictures"))
    parser.add_argument("--reasoning", action="store_true", help=tr("only models that reason before they reply"))
    _add_yes(parser)
    add_everywhere(parser)


def _add_scan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", nargs="*", type=path, metavar=tr("DIR"), help=tr("folders to look in as well"))
    parser.add_argument("--add", action="store_true", help=tr("use all that are found, where they lie"))
    add_everywhere(parser)


def _add_fit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=name, metavar="M|REPO[:FILE]")
    add_arguments(parser, ("load.context",))
    _add_yes(parser)
    add_everywhere(parser)


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", required=True, type=name, metavar=tr("TYPE"), help=tr("a quantization, such as Q8_0"))
    _add_yes(parser)
    _add_model(parser)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=name, metavar="M")
    add_everywhere(parser)


def _add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help=tr("answer yes to what would be asked"))


def _add_template(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=name, metavar="M")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "file",
        type=path,
        nargs="?",
        metavar=tr("FILE"),
        help=tr("a template, or a tokenizer_config.json that holds one; used in place of the model file's own"),
    )
    choice.add_argument("--own", action="store_true", help=tr("use the model file's own again"))
    add_everywhere(parser)
