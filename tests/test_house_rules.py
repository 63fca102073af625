"""Rules of the house that no linter knows: sizes, names, arrows, locks."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 50
EMPTY_NAMES = {"utils", "helpers", "common", "core", "manager", "service"}
LOCKS = sorted((ROOT / "packaging" / "locks").glob("*.txt"))


def sources() -> list[Path]:
    """Every file of Python that ships."""
    return [ROOT / "main.py", *sorted((ROOT / "app").rglob("*.py")), *sorted((ROOT / "packaging").rglob("*.py"))]


def rooms() -> list[str]:
    """The names of the rooms: what stands directly in app."""
    return sorted(path.stem for path in (ROOT / "app").iterdir() if not path.name.startswith(("_", ".")))


def test_no_file_is_too_long() -> None:
    """A file of more than 400 lines has two jobs."""
    long = {
        str(path): lines for path in sources() if (lines := len(path.read_text().splitlines())) > LONGEST_FILE_LINES
    }
    assert long == {}


def test_no_function_is_too_long() -> None:
    """A function of more than 50 lines does not fit on a screen."""
    assert [name for path in sources() for name in functions_too_long(path)] == []


def functions_too_long(path: Path) -> list[str]:
    """Each function of `path` that takes more lines than one may."""
    functions = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))
    return [
        f"{path.name}:{function.name}"
        for function in functions
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION_LINES
    ]


def test_no_module_has_a_name_that_says_nothing() -> None:
    """What is called utils ends up holding everything."""
    names = [path.relative_to(ROOT).with_suffix("") for path in sources()]
    assert [str(name) for name in names if EMPTY_NAMES & set(name.parts)] == []


def test_buttons_with_words_are_made_in_one_place() -> None:
    """Qt's own does not answer to Enter outside of a dialog."""
    places = [path for path in sources() if any(is_push_button(node) for node in ast.walk(ast.parse(path.read_text())))]
    assert places == [ROOT / "app" / "ui" / "text_button.py"]


def is_push_button(node: ast.AST) -> bool:
    """Whether `node` is where somebody gets hold of Qt's button."""
    return getattr(node, "attr", getattr(node, "name", "")) == "QPushButton"


def test_main_is_at_most_forty_lines() -> None:
    """The entry chooses what to start, and starts it."""
    assert len((ROOT / "main.py").read_text().splitlines()) <= 40


def test_the_architecture_names_every_room() -> None:
    """Documentation that is checked does not drift."""
    page = (ROOT / "ARCHITECTURE.md").read_text()
    assert [room for room in rooms() if f"{room}/" not in page and f"{room}.py" not in page] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_hashes_and_no_host(lock: Path) -> None:
    """Where a file comes from is the user's business; which file it is, ours."""
    text = lock.read_text()
    pins = [line for line in text.splitlines() if "==" in line]
    assert "://" not in text
    assert "--index" not in text
    assert pins
    assert all(line.endswith("\\") for line in pins), "each pin is followed by its hashes"


def test_every_dependency_is_locked() -> None:
    """A dependency that was added without `make lock` is noticed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    wanted = [*project["project"]["dependencies"], *(name for group in groups for name in group)]
    locked = "\n".join(lock.read_text() for lock in LOCKS)
    assert [name for name in wanted if f"\n{plain_name(name)}==" not in f"\n{locked}"] == []


def plain_name(requirement: str) -> str:
    """`PySide6-Essentials>=6.11.3,<6.12` -> `pyside6-essentials`."""
    name = requirement.lower().replace("_", "-")
    return name[: next((at for at, letter in enumerate(name) if letter in "[<>=!~ ;"), len(name))]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house, to plant things in."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    shutil.copytree(ROOT / "app", copy / "app", ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.parametrize(
    ("room", "planted", "contract"),
    [
        ("conversation", "def late():\n    import app.engine.events", "Rooms import only from rooms below them"),
        ("engine/planted", "import app.settings\nimport PySide6.QtCore", "Qt stays in ui and application"),
        ("settings/planted", "import llama_cpp", "llama.cpp stays in engine"),
        ("engine/planted", "import huggingface_hub", "The hub stays in models"),
        ("paths", "import urllib.request", "HTTP stays in models and network"),
        ("engine/planted", "def late():\n    import httpx2", "HTTP stays in models and network"),
        ("settings/planted", "import sqlite3", "SQLite stays in storage"),
        ("network/planted", "import keyring.backends.SecretService", "The keyring stays in credentials"),
        ("attic", "import json", "Rooms import only from rooms below them"),
    ],
)
def test_a_planted_import_is_caught(house: Path, room: str, planted: str, contract: str) -> None:
    """Each rule of who may know whom is really looked at, for imports inside a function too."""
    file = house / "app" / f"{room}.py"
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{planted}\n")
    try:
        report = lint_imports(house)
    finally:
        file.unlink() if before is None else file.write_text(before)
    assert f"{contract} BROKEN" in report


def lint_imports(folder: Path) -> str:
    """What import-linter says of the house in `folder`."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
