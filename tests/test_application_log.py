"""The log of the application: what is in it, and what never is."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.application_log import start_logging
from app.credentials import SecretFilter

CANARY = "hf_CanaryThatMustNotSing42"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log that has been started; afterwards all is as it was."""
    root, hooks, raises = logging.getLogger(), (sys.excepthook, threading.excepthook), logging.raiseExceptions
    level, handlers = root.level, list(root.handlers)
    path = tmp_path / "paddock.log"
    start_logging(path, SecretFilter())
    yield path
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logging.raiseExceptions = raises


def test_no_token_and_no_password_comes_into_the_log(log: Path) -> None:
    """Whoever logs one, in words, as an argument, or in a traceback: the line is there, without it."""
    logging.getLogger("app.somebody").warning("The token %s was refused", CANARY)
    logging.getLogger("a.library").error(f"by way of http://anna:{CANARY}@proxy.example:3128")  # noqa: G004 - as careless libraries do
    logging.getLogger("app.somebody").error("It went wrong", exc_info=ValueError(CANARY))
    written = log.read_text("utf-8")
    assert "The token [redacted] was refused" in written
    assert "ValueError: [redacted]" in written
    assert "proxy.example" in written
    assert CANARY not in written


def test_an_unexpected_error_of_a_thread_is_in_the_log_without_its_secret(log: Path) -> None:
    """Nobody catches it, and it is found all the same."""

    def fail() -> None:
        raise RuntimeError(CANARY)

    thread = threading.Thread(target=fail, name="unlucky")
    thread.start()
    thread.join()
    written = log.read_text("utf-8")
    assert "An unexpected error in thread unlucky" in written
    assert "RuntimeError: [redacted]" in written
    assert CANARY not in written
