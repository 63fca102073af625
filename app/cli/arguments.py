"""The command line, as `--help` shows it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final, NoReturn

from typing_extensions import override

from app.cli.printing import one_line
from app.settings.arguments import add_argument, add_arguments
from app.translation import tr

WRONG_COMMAND_LINE: Final = 2
ASK_SETTINGS: Final = ("sampling.temperature", "sampling.seed", "sampling.max_tokens", "load.context")


class _Parser(argparse.ArgumentParser):
    """A parser that answers a wrong command line with one sentence."""

    @override
    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:].rstrip(".")
        hint = tr("“{program} --help” shows what there is.", program=self.prog)
        sys.stderr.write(one_line(f"{sentence}. {hint}") + "\n")
        sys.exit(WRONG_COMMAND_LINE)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; `command` is None where the window is meant. Ends the process with 2 when it is wrong."""
    parser = _Parser(
        prog="main.py", description=tr("Private chat with language models on your own laptop."), allow_abbrev=False
    )
    _add_everywhere(parser, top=True)
    commands = parser.add_subparsers(dest="command", metavar=tr("COMMAND"), parser_class=_Parser)
    _add_ask(commands.add_parser("ask", help=tr("ask a model one question"), allow_abbrev=False))
    _add_models(commands.add_parser("models", help=tr("list, add and show model files"), allow_abbrev=False))
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
    _add_everywhere(doctor)
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


def _add_everywhere(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """Take `--json` and `--home` before and after the command's name; the later one counts."""
    suppressed = argparse.SUPPRESS
    parser.add_argument(
        "--json", action="store_true", default=False if top else suppressed, help=tr("print JSON and nothing else")
    )
    parser.add_argument(
        "--home",
        type=_path,
        metavar=tr("DIR"),
        default=None if top else suppressed,
        help=tr("keep all data under this folder"),
    )


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", metavar=tr("TEXT"), help=tr("the question; “-” reads standard input"))
    parser.add_argument("--model", type=_name, metavar="M", help=tr("a model's name, its file's path, or “starter”"))
    parser.add_argument("--system", metavar="S", help=tr("a system prompt for this conversation"))
    parser.add_argument("--conversation", type=_name, metavar="ID", help=tr("go on with this conversation"))
    parser.add_argument("--no-save", action="store_true", help=tr("keep nothing of this"))
    parser.add_argument(
        "--schema",
        type=_path,
        metavar=tr("FILE"),
        help=tr("have the reply be JSON that fits this JSON schema, or, from *.gbnf, a text that fits this grammar"),
    )
    parser.add_argument(
        "--replay",
        type=_name,
        metavar=tr("MESSAGE"),
        help=tr("write a reply once more by its receipt, and say whether it is the same; nothing is kept"),
    )
    _add_load_anyway(parser)
    add_arguments(parser, ASK_SETTINGS)
    add_argument(parser, "--reasoning", "reasoning.effort")
    _add_everywhere(parser)


def _add_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=_name, metavar="M", required=True, help=tr("a model's name, its file's path, or “starter”")
    )
    parser.add_argument(
        "--messages",
        type=_path,
        metavar=tr("FILE"),
        required=True,
        help=tr("a list of messages with role, content and perhaps pinned, as JSON; “-” reads standard input"),
    )
    _add_load_anyway(parser)
    add_arguments(parser, ("load.context",))
    _add_everywhere(parser)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=_name, metavar="M", help=tr("a model's name, its file's path, or “starter”"))
    _add_load_anyway(parser)
    add_arguments(parser, ("load.context",))
    _add_everywhere(parser)


def _add_load_anyway(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--load-anyway", action="store_true", help=tr("load the model also where memory is short"))


def _add_models(parser: argparse.ArgumentParser) -> None:
    _add_everywhere(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar=tr("ACTION"), parser_class=_Parser)
    _add_everywhere(actions.add_parser("list", help=tr("the models there are")))
    add = actions.add_parser("add", help=tr("use a model file where it lies"))
    add.add_argument("file", type=_path, metavar=tr("FILE"))
    _add_everywhere(add)
    show = actions.add_parser("show", help=tr("what a model file says of itself"))
    show.add_argument("model", type=_name, metavar="M")
    _add_everywhere(show)
    _add_model_template(
        actions.add_parser("template", help=tr("choose the chat template of a model, or say which it has"))
    )


def _add_model_template(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=_name, metavar="M")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "file",
        type=_path,
        nargs="?",
        metavar=tr("FILE"),
        help=tr("a template, or a tokenizer_config.json that holds one; used in place of the model file's own"),
    )
    choice.add_argument("--own", action="store_true", help=tr("use the model file's own again"))
    _add_everywhere(parser)


def _add_conversations(parser: argparse.ArgumentParser) -> None:
    _add_everywhere(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar=tr("ACTION"), parser_class=_Parser)
    _add_everywhere(actions.add_parser("list", help=tr("all conversations, newest first")))
    show = actions.add_parser("show", help=tr("the messages of one"))
    show.add_argument("id", type=_name, metavar="ID")
    show.add_argument("--tree", action="store_true", help=tr("all branches, not only the one that is open"))
    _add_everywhere(show)
    search = actions.add_parser("search", help=tr("the messages that hold these words"))
    search.add_argument("words", nargs="+", metavar=tr("WORDS"))
    _add_everywhere(search)


def _name(text: str) -> str:
    """Refuse a name of nothing: it is a script's empty variable, and never what somebody means."""
    if not text.strip():
        raise argparse.ArgumentTypeError(tr("nothing was named"))
    return text


def _path(text: str) -> Path:
    return Path(_name(text))
