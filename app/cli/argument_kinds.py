"""What all parts of the command line share: how it refuses, what is taken everywhere, names and paths."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final, NoReturn

from typing_extensions import override

from app.cli.printing import one_line
from app.translation import tr

WRONG_COMMAND_LINE: Final = 2


class Parser(argparse.ArgumentParser):
    """A parser that answers a wrong command line with one sentence."""

    @override
    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:].rstrip(".")
        hint = tr("“{program} --help” shows what there is.", program=self.prog)
        sys.stderr.write(one_line(f"{sentence}. {hint}") + "\n")
        sys.exit(WRONG_COMMAND_LINE)


def add_everywhere(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """Take `--json` and `--home` before and after the command's name; the later one counts."""
    suppressed = argparse.SUPPRESS
    parser.add_argument(
        "--json", action="store_true", default=False if top else suppressed, help=tr("print JSON and nothing else")
    )
    parser.add_argument(
        "--home",
        type=path,
        metavar=tr("DIR"),
        default=None if top else suppressed,
        help=tr("keep all data under this folder"),
    )


def name(text: str) -> str:
    """Refuse a name of nothing: it is a script's empty variable, and never what somebody means."""
    if not text.strip():
        raise argparse.ArgumentTypeError(tr("nothing was named"))
    return text


def path(text: str) -> Path:
    """Take a path, which need not lead anywhere."""
    return Path(name(text))
