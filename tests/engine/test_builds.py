"""Builds of llama.cpp side by side: found by their folder, loaded when chosen, refused when they are not ours."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.confined.process import own_command
from app.engine.builds import LIBRARY_PATH_VARIABLE, EngineBuildError, find_build, list_builds
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import EngineError
from app.engine.interruption import Interruption
from app.engine.llama import library
from app.engine.llama.binding import api
from app.engine.llama.loading import build_check
from app.engine.llama.loading.build_check import EXPECTED_VERSIONS, check_build
from app.engine.requests import LoadRequest
from app.settings.values import LoadSettings
from tests.engine.conftest import ignore
from tests.engine.stories import ask, user

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the libraries have other names elsewhere")


@pytest.fixture(scope="session")
def libraries() -> Path:
    """The folder of the build that came with Paddock."""
    return Path(str(api.__file__)).parent / "lib"


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory, libraries: Path) -> Path:
    """A folder with a good build, one whose library is none, one of something else, and a folder that is no build.

    The good one holds copies: the kernel follows links, and would not show which folder was used.
    """
    folder = tmp_path_factory.mktemp("builds") / "engines"
    for name in ("good", "broken", "foreign", "empty"):
        (folder / name).mkdir(parents=True)
    for file in libraries.iterdir():
        shutil.copyfile(file, folder / "good" / file.name)
    (folder / "broken" / "libllama.so").write_text("not a library")
    (folder / "foreign" / "libllama.so").symlink_to(libraries / "libggml-base.so.0")
    return folder


def chosen(name: str, model: Path) -> LoadRequest:
    """A load with the build `name`."""
    return LoadRequest(model, LoadSettings(context=256, threads=1, engine_build=name))


def test_builds_are_found_by_their_folders(builds: Path) -> None:
    """A folder without the library is none."""
    assert [build.name for build in list_builds(builds)] == ["broken", "foreign", "good"]
    assert find_build(builds, "good").folder == builds / "good"
    assert list_builds(builds / "nowhere") == list_builds(None) == ()


def test_a_build_that_is_not_there_is_said_with_those_that_are(builds: Path) -> None:
    """A name is only a name: it never leads out of the folder."""
    with pytest.raises(EngineBuildError, match=r"no engine build named vulkan\. .*: broken, foreign, good; or none"):
        find_build(builds, "vulkan")
    with pytest.raises(EngineBuildError, match=r"named \.\./engines/good\."):
        find_build(builds, "../engines/good")
    with pytest.raises(EngineBuildError, match="Choose none in the settings"):
        find_build(None, "vulkan")


def test_a_model_runs_with_the_build_that_was_chosen(builds: Path, tiny_llama: Path, tmp_path: Path) -> None:
    """Its libraries are the ones that the engine process has mapped, and no others."""
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log", builds=builds)
    try:
        engine.load(chosen("good", tiny_llama), ignore, Interruption())
        assert ask(engine, user("Hello")).text
        mapped = Path(f"/proc/{engine.process_id}/maps").read_text(encoding="utf-8")
        used = {line.split(maxsplit=5)[-1] for line in mapped.splitlines() if "libllama" in line or "libggml" in line}
        assert used
        assert all(Path(path).parent == builds / "good" for path in used)
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("broken", "The engine build broken could not be loaded. Choose another engine build in the settings"),
        ("foreign", r"The engine build foreign has llama.cpp \? with ggml 0.25.3, and this Paddock works with"),
        ("nowhere", "There is no engine build named nowhere"),
    ],
)
def test_a_build_that_cannot_be_used_is_a_sentence(
    builds: Path, tiny_llama: Path, tmp_path: Path, name: str, sentence: str
) -> None:
    """The next load, with the build that came with Paddock, works."""
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log", builds=builds)
    try:
        with pytest.raises(EngineError, match=sentence):
            engine.load(chosen(name, tiny_llama), ignore, Interruption())
        assert engine.loaded is None
        assert engine.load(chosen("", tiny_llama), ignore, Interruption()).device == "CPU"
    finally:
        engine.close()


def test_another_version_is_refused_before_anything_else(libraries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same library is refused by a Paddock that was made for the next one."""
    check_build(libraries)
    monkeypatch.setattr(build_check, "EXPECTED_VERSIONS", ("0.6.0", "0.26.0"))
    with pytest.raises(EngineBuildError) as refusal:
        check_build(libraries)
    assert " with ggml ".join(EXPECTED_VERSIONS) in str(refusal.value)
    assert "works with 0.6.0 with ggml 0.26.0." in str(refusal.value)


def test_a_folder_without_a_library_is_refused(tmp_path: Path) -> None:
    """As when the variable of the environment leads nowhere."""
    with pytest.raises(EngineBuildError, match=r"There is no library of llama\.cpp in "):
        check_build(tmp_path)


@pytest.mark.parametrize(("built_in", "loaded"), [(1, False), (0, True)])
def test_parts_of_a_build_are_loaded_from_beside_it(
    built_in: int, loaded: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never from the current folder, where llama.cpp would look; a build that has all in one needs none."""
    folders: list[bytes] = []
    functions: dict[str, Callable[..., object]] = {
        "ggml_backend_reg_count": lambda: built_in,
        "ggml_backend_load_all_from_path": folders.append,
    }

    def function(name: str, *_: object) -> Callable[..., object]:
        return functions[name]

    monkeypatch.setattr(library, "ggml_function", function)
    monkeypatch.setenv(LIBRARY_PATH_VARIABLE, str(tmp_path))
    library._load_parts()  # pyright: ignore[reportPrivateUsage] - a test may look behind the door
    assert folders == ([bytes(tmp_path)] if loaded else [])
