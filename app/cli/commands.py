"""Runs the command that the command line names."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from app.cli.ask import ask
from app.cli.bench import bench
from app.cli.conversations import conversations
from app.cli.doctor import doctor
from app.cli.models import models
from app.cli.printing import print_error
from app.cli.prompt import prompt
from app.parts import ModelParts, Parts

_MODEL_COMMANDS: Final[dict[str, Callable[[ModelParts, argparse.Namespace], int]]] = {
    "models": models,
    "prompt": prompt,
    "doctor": doctor,
}
_CONVERSATION_COMMANDS: Final[dict[str, Callable[[Parts, argparse.Namespace], int]]] = {
    "ask": ask,
    "bench": bench,
    "conversations": conversations,
}


def needs_conversations(arguments: argparse.Namespace) -> bool:
    """Whether the command cannot do without the database."""
    return arguments.command in _CONVERSATION_COMMANDS


def run_model_command(parts: ModelParts, arguments: argparse.Namespace) -> int:
    """Run a command that needs no conversations, and give the exit status."""
    with _notices_said(parts):
        return _MODEL_COMMANDS[arguments.command](parts, arguments)


def run_conversation_command(parts: Parts, arguments: argparse.Namespace) -> int:
    """Run a command that needs conversations, and give the exit status."""
    with _notices_said(parts):
        return _CONVERSATION_COMMANDS[arguments.command](parts, arguments)


@contextmanager
def _notices_said(parts: ModelParts) -> Generator[None]:
    """Say on standard error, in the end, what was damaged or could not be kept; the exit status does not tell of it."""
    try:
        yield
    finally:
        for notice in (*parts.settings.notices, *parts.models.notices, *parts.online.notices):
            print_error(notice)
