"""The model that comes with Paddock."""

from __future__ import annotations

import hashlib
import importlib.machinery
import sys
from pathlib import Path

import pytest

from app.gguf.reading import read_header
from app.models import starter
from app.models.starter import SHA256, find_starter


def test_the_starter_model_is_found_without_running_its_package() -> None:
    """Its package would load another engine; only its data is wanted."""
    sys.modules.pop(starter.PACKAGE, None)
    found = find_starter()
    assert found is not None
    assert starter.PACKAGE not in sys.modules
    header = read_header(found.path)
    assert (header.architecture, header.quantization) == (found.architecture, found.quantization)
    assert (header.licence or "").casefold() == found.licence.casefold()


def test_the_starter_model_is_the_one_we_know() -> None:
    """The constant is the hash of the file that is really there."""
    found = find_starter()
    assert found is not None
    with found.path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256 == found.sha256


def test_a_packaged_application_has_it_beside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen build has no package to look into."""
    path = tmp_path / "starter" / starter.FILE_NAME
    path.parent.mkdir()
    path.write_bytes(b"GGUF")
    monkeypatch.setattr(starter, "resources", lambda: tmp_path)
    found = find_starter()
    assert found is not None
    assert found.path == path


def test_without_its_package_there_is_no_starter_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the application says so; it does not fail."""

    def find_nothing(name: str) -> importlib.machinery.ModuleSpec | None:
        return None

    monkeypatch.setattr(starter.importlib.util, "find_spec", find_nothing)
    assert find_starter() is None
