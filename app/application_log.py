"""The log of the application: what went wrong, for whoever mends it. It never holds the words of a conversation."""

from __future__ import annotations

import logging
import os
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from app.paths import PRIVATE_FILE

_MAXIMUM_BYTES: Final = 1_000_000
_log = logging.getLogger(__name__)


def start_logging(path: Path, secrets: logging.Filter) -> None:
    """Log to `path` from now on, unexpected exceptions of every thread included. Without it, the log goes nowhere.

    `secrets` takes what must not be kept out of every record, whoever logs it.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE))
        handler: logging.Handler = RotatingFileHandler(
            path, maxBytes=_MAXIMUM_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        handler = logging.NullHandler()  # a full or read-only disk is said where something has to be saved
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(secrets)
    logging.raiseExceptions = False  # a log that cannot be written has nothing to say on the terminal
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    sys.excepthook = _log_exception
    threading.excepthook = _log_thread_exception


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("An unexpected error", exc_info=(kind, error, trace))


def _log_thread_exception(arguments: Any) -> None:  # noqa: ANN401 - the type has no public name
    _log.critical(
        "An unexpected error in thread %s",
        arguments.thread.name if arguments.thread else "?",
        exc_info=(arguments.exc_type, arguments.exc_value, arguments.exc_traceback),
    )
