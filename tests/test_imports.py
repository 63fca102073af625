"""What each of the three ways to start Paddock loads: looked up in `sys.modules` of a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
SHOW_MODULES = "import sys; print('\\n' + ' '.join(sys.modules))"
RUN_COMMAND = "import sys, main; sys.argv = ['main.py', *{words!r}]; status = main.main(); assert status == 0, status"


@pytest.mark.parametrize("words", [["conversations", "list"], ["models", "list"]])
def test_a_command_loads_neither_qt_nor_llama(words: list[str]) -> None:
    """A question about what is on the disk is answered at once, on machines without a screen too."""
    loaded = modules_after(RUN_COMMAND.format(words=words))
    assert "app.cli.commands" in loaded
    assert found(loaded, "PySide6", "shiboken6", "llama_cpp", "app.ui") == []


def test_the_engine_process_loads_nothing_that_a_model_file_could_misuse() -> None:
    """What a model file takes over has no window, no conversations and no database within reach."""
    loaded = modules_after("import app.engine.process_main")
    assert found(loaded, "PySide6", "shiboken6", "app.ui", "app.storage", "sqlite3") == []


def test_the_window_loads_nothing_that_only_the_engine_and_the_hub_need() -> None:
    """The window is there at once; what is heavy waits until it is wanted, or lives in another process."""
    loaded = modules_after("import app.ui.desktop")
    assert "PySide6" in loaded
    assert found(loaded, "llama_cpp", "numpy", "jinja2", "huggingface_hub") == []


def test_the_entry_loads_nothing_of_the_application() -> None:
    """`main.py` decides which of the three it is before anything is loaded."""
    loaded = modules_after("import main")
    assert found(loaded, "app", "PySide6", "llama_cpp", "numpy") == []


def modules_after(program: str) -> set[str]:
    """The names in `sys.modules` once a new Python in the checkout has run `program`."""
    command = [sys.executable, "-c", f"{program}\n{SHOW_MODULES}"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def found(loaded: Iterable[str], *unwanted: str) -> list[str]:
    """Which of `loaded` are `unwanted` packages or lie in them."""
    return sorted(name for name in loaded if any(f"{name}.".startswith(f"{package}.") for package in unwanted))
