"""The command line, as `--help` shows it."""

from __future__ import annotations

import argparse
from typing import Final

from app.cli.argument_kinds import Parser, add_everywhere, name, path
from app.cli.model_arguments import add_models
from app.settings.arguments import add_argument, add_arguments
from app.translation import tr

ASK_SETTINGS: Final = ("sampling.temperature", "sampling.seed", "sampling.max_tokens", "load.context")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; `command` is None where the window is meant. Ends the process with 2 when it is wrong."""
    parser = Parser(
        prog="main.py", description=tr("Private chat with language models on your own laptop."), allow_abbrev=False
    )
    add_everywhere(parser, top=True)
    commands = parser.add_subparsers(dest="command", metavar=tr("COMMAND"), parser_class=Parser)
    _add_ask(commands.add_parser("ask", help=tr("ask a model one question"), allow_abbrev=False))
    add_models(commands.add_parser("models", help=tr("find, download, list and look after models"), allow_abbrev=False))
    _add_conversations(
        commands.add_parser("conversations", help=tr("list, show and search conversations"), allow_abbrev=False)
    )
    _add_prompt(
        commands.add_parser(
            "prompt", help=tr("show the exact prompt of some messages, and its tokens"), allow_abbrev=False
        )
    )
    _add_bench(commands.add_parser("bench", help=tr("measure how fast a model is on this machine"), allow_abbrev=False))
    doctor = commands.add_parser(
        "doctor", help=tr("look at this machine and at Paddock's own state"), allow_abbrev=False
    )
    add_everywhere(doctor)
    parsed = parser.parse_args(arguments)
    if parsed.command == "ask" and (wrong := _wrong_in_ask(parsed)):
        parser.error(wrong)
    return parsed


def _wrong_in_ask(parsed: argparse.Namespace) -> str:
    """Say what does not go together; nothing when all does."""
    if parsed.conversation and parsed.system is not None:
        return tr("--system cannot be given with --conversation: a system prompt stands at a conversation's beginning")
    if parsed.replay is None:
        return tr("a question is needed: write it behind “ask”") if parsed.text is None else ""
    given = (parsed.text, parsed.system, parsed.conversation, parsed.schema)
    if parsed.no_save or any(value is not None for value in given) or any("." in key for key in vars(parsed)):
        return tr("--replay takes the rest from a receipt: only --model, --load-anyway, --json and --home go with it")
    return ""


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", metavar=tr("TEXT"), help=tr("the question; “-” reads standard input"))
    parser.add_argument("--model", type=name, metavar="M", help=tr("a model's name, its file's path, or “starter”"))
    parser.add_argument("--system", metavar="S", help=tr("a system prompt for this conversation"))
    parser.add_argument("--conversation", type=name, metavar="ID", help=tr("go on with this conversation"))
    parser.add_argument("--no-save", action="store_true", help=tr("keep nothing of this"))
    parser.add_argument(
        "--schema",
        type=path,
        metavar=tr("FILE"),
        help=tr("have the reply be JSON that fits this JSON schema, or, from *.gbnf, a text that fits this grammar"),
    )
    parser.add_argument(
        "--replay",
        type=name,
        metavar=tr("MESSAGE"),
        help=tr("write a reply once more by its receipt, and say whether it is the same; nothing is kept"),
    )
    _add_load_anyway(parser)
    add_arguments(parser, ASK_SETTINGS)
    add_argument(parser, "--reasoning", "reasoning.effort")
    add_everywhere(parser)


def _add_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=name, metavar="M", required=True, help=tr("a model's name, its file's path, or “starter”")
    )
    parser.add_argument(
        "--messages",
        type=path,
        metavar=tr("FILE"),
        required=True,
        help=tr("a list of messages with role, content and perhaps pinned, as JSON; “-” reads standard input"),
    )
    _add_load_anyway(parser)
    add_arguments(parser, ("load.context",))
    add_everywhere(parser)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=name, metavar="M", help=tr("a model's name, its file's path, or “starter”"))
    _add_load_anyway(parser)
    add_arguments(parser, ("load.context",))
    add_everywhere(parser)


def _add_load_anyway(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--load-anyway", action="store_true", help=tr("load the model also where memory is short"))


def _add_conversations(parser: argparse.ArgumentParser) -> None:
    add_everywhere(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar=tr("ACTION"), parser_class=Parser)
    add_everywhere(actions.add_parser("list", help=tr("all conversations, newest first")))
    show = actions.add_parser("show", help=tr("the messages of one"))
    show.add_argument("id", type=name, metavar="ID")
    show.add_argument("--tree", action="store_true", help=tr("all branches, not only the one that is open"))
    add_everywhere(show)
    search = actions.add_parser("search", help=tr("the messages that hold these words"))
    search.add_argument("words", nargs="+", metavar=tr("WORDS"))
    add_everywhere(search)
