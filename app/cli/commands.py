"""Runs the command that the command line names."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from app.cli.ask import ask
from app.cli.conversations import conversations
from app.cli.doctor import doctor
from app.cli.models import models
from app.parts import Parts

_COMMANDS: Final[dict[str, Callable[[Parts, argparse.Namespace], int]]] = {
    "ask": ask,
    "models": models,
    "conversations": conversations,
    "doctor": doctor,
}


def run_command(parts: Parts, arguments: argparse.Namespace) -> int:
    """Run it and give the exit status."""
    return _COMMANDS[arguments.command](parts, arguments)
