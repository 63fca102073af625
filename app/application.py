"""Builds every part once, connects them, and runs the window or a command."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from app.application_log import start_logging
from app.cli.arguments import parse
from app.cli.exit_status import FAILED, STOPPED_BY_USER
from app.cli.printing import OutputError, prepare_streams, print_error
from app.credentials import SecretFilter
from app.errors import Fault, PaddockError
from app.parts import ModelParts, Parts
from app.paths import Paths, find_paths

_log = logging.getLogger(__name__)


class StartError(PaddockError):
    """Paddock cannot begin here."""

    fault = Fault.MACHINE


def run(arguments: list[str]) -> int:
    """Do what the command line asks and give the exit status. Errors end as one sentence, never as a traceback."""
    logging.getLogger().addHandler(logging.NullHandler())  # before there is a log file, nothing goes to the terminal
    prepare_streams()
    parsed = parse(arguments)
    try:
        paths = _ready_paths(parsed.home)
        start_logging(paths.application_log, SecretFilter())
        return run_window(paths) if parsed.command is None else _run_command(paths, parsed)
    except PaddockError as error:
        _log.warning("%s (%s)", error, error.details)
        print_error(error)
        if isinstance(error, OutputError):
            _give_up_output()
    except KeyboardInterrupt:
        return STOPPED_BY_USER
    except BrokenPipeError:  # whoever read our output has left
        _give_up_output()
    except Exception:  # noqa: BLE001 - see below
        # The one broad handler of the process: a bug is logged whole, and said in a sentence.
        _log.exception("Paddock ended by an unexpected error")
        print_error(
            StartError(
                "Something went wrong inside Paddock.",
                next_step="Everything that was saved is safe. The log says more: {path}",
                path=find_paths(parsed.home).application_log,
            )
        )
    return FAILED


@contextmanager
def built_parts(paths: Paths) -> Generator[Parts]:
    """Build the parts, and take them apart again in the right order."""
    from app.storage.conversations import ConversationStore

    with closing(ConversationStore.open(paths)) as store, built_model_parts(paths) as parts:
        yield Parts(
            paths=parts.paths,
            settings=parts.settings,
            models=parts.models,
            hashes=parts.hashes,
            engine=parts.engine,
            online=parts.online,
            speeds=parts.speeds,
            machine=parts.machine,
            store=store,
        )


@contextmanager
def built_model_parts(paths: Paths) -> Generator[ModelParts]:
    """Build the parts that need no database, and take them apart again."""
    from app.chat.speed_lessons import SpeedLessons
    from app.confined.process import own_command
    from app.engine.child_process import ChildProcessEngine
    from app.engine.worker import EngineWorker
    from app.models.hashes import FileHashes
    from app.models.library import ModelLibrary
    from app.models.speeds import Speeds
    from app.models.starter import find_starter
    from app.online_parts import OnlineParts
    from app.settings.file import SettingsFile
    from app.workshop.machine_look import MachineLook

    engine = ChildProcessEngine(own_command("--engine"), paths.engine_log, builds=paths.engines)
    worker = EngineWorker(engine)
    settings, hashes = SettingsFile(paths.settings), FileHashes(paths.model_hashes)
    online = OnlineParts(paths, settings, hashes)
    speeds = Speeds(paths.speeds, online.notice)
    lessons = SpeedLessons(speeds)
    worker.add_watcher(lessons.watch)
    try:
        yield ModelParts(
            paths=paths,
            settings=settings,
            models=ModelLibrary(paths, find_starter(), measured_speeds=speeds.all_measured),
            hashes=hashes,
            engine=worker,
            online=online,
            speeds=speeds,
            machine=MachineLook(paths, settings),
        )
    finally:
        worker.close()
        lessons.close()
        online.close()


def run_window(paths: Paths) -> int:
    """Open the window and give the exit status when it has been closed."""
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))):
        raise StartError(
            "There is no display here to open a window on.",
            next_step="“main.py ask” answers in the terminal.",
        )
    from app.ui.desktop import run_desktop

    return run_desktop(paths, built_parts)


def _run_command(paths: Paths, parsed: argparse.Namespace) -> int:
    from app.cli.commands import needs_conversations, run_conversation_command, run_model_command

    if needs_conversations(parsed):
        with built_parts(paths) as parts:
            return run_conversation_command(parts, parsed)
    with built_model_parts(paths) as parts:
        return run_model_command(parts, parsed)


def _give_up_output() -> None:
    """Send what is still buffered nowhere: writing it at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _ready_paths(home: Path | None) -> Paths:
    paths = find_paths(home)
    try:
        paths.create()
    except (OSError, ValueError) as error:
        raise StartError(
            "Paddock cannot make its folder {folder}.",
            next_step="See whether something else has this name, and whether you may write there.",
            details=str(error),
            folder=paths.data,
        ) from error
    return paths
