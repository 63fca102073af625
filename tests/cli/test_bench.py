"""`bench` says how fast a model is here, and how fast it could be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app.cli.bench import Progress
from app.cli.bench_lookup import lookup_difference
from app.cli.bench_report import Speeds, print_speeds
from app.cli.bench_rounds import Timed
from app.conversation import Alternative, TokenChoice
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.memory.speed import memory_bytes_per_s
from tests.cli.running import PROJECT, run
from tests.gguf_files import TinyModel


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    """A model that writes a token in less than a millisecond."""
    return str(TinyModel(n_ctx_train=4096).write(tmp_path / "tiny.gguf"))


def test_speeds_and_their_floors_are_one_json_document(tiny: str) -> None:
    """Every figure was measured: none is nought, and nothing else is printed."""
    done = run("bench", "--model", tiny, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert report["prompt_tokens_per_s"] > 0
    assert report["decode_tokens_per_s"] > 0
    floors = report["floors"]
    assert floors["decode_loop_tokens_per_s"] > 0
    assert floors["decode_over_loop"] > 0
    assert floors["memory_bytes_per_s"] > 1e8
    size = Path(tiny).stat().st_size
    assert floors["memory_tokens_per_s"] == pytest.approx(floors["memory_bytes_per_s"] / size, rel=1e-3)
    assert floors["prompt_lookup_gain"] > 0
    assert isinstance(floors["prompt_lookup_same_text"], bool)


def test_a_small_context_window_leaves_out_what_does_not_fit(tiny: str) -> None:
    """The repetition of a text needs room for both; all else is measured."""
    done = run("bench", "--model", tiny, "--context", "512", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["decode_tokens_per_s"] > 0
    assert report["floors"]["prompt_lookup_gain"] is None
    assert report["floors"]["prompt_lookup_same_text"] is None


def test_people_are_told_what_the_figures_mean(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a figure, in words; what is not known is a dash."""
    print_speeds(Speeds("Tiny", 512.3, 98.76, 101.2, 0.976, 12.3e9, 125.0, 1.834, is_same_text=True))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Tiny"
    assert [line.split("  ")[0] for line in lines[1:]][:2] == ["reads", "writes"]
    assert "512 " in lines[1]
    assert "98.8" in lines[2]
    assert "0.98" in lines[4]
    assert "12.3 GB/s" in lines[5]
    assert "1.83" in lines[6]
    assert "the text is the same" in lines[6]
    print_speeds(Speeds("Tiny", None, None, None, None, 1e9, 1.0, None, is_same_text=None))
    assert "too small to tell" in capsys.readouterr().out


def test_a_model_that_thinks_all_the_time_has_a_speed_too() -> None:
    """What it thinks are tokens like others, and may differ where guesses were made."""
    hay, straw = TokenChoice(7, "hay", 0.9), TokenChoice(8, "straw", 0.8)
    thought = Timed(((1.0, ReasoningGenerated("Hm.", (5, 6))), (2.0, ReasoningGenerated("Hay.", (7,), (hay,)))))
    assert thought.decode_tokens_per_s == 1.0
    assert (thought.pieces.tokens, thought.pieces.choices) == ((5, 6, 7), (hay,))
    answered = Timed((*thought.events, (2.5, PieceGenerated("Straw.", (8,), (straw,)))))
    assert answered.decode_tokens_per_s == pytest.approx(2 / 1.5)
    assert (answered.pieces.tokens, answered.pieces.choices) == ((5, 6, 7, 8), (hay, straw))


def test_an_unknown_model_is_a_sentence() -> None:
    """Before anything is measured."""
    done = run("bench", "--model", "no-such-model")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no model “no-such-model”.")


def test_memory_is_read_at_a_believable_speed() -> None:
    """Somewhere between a very old machine and one that does not exist yet."""
    assert 1e8 < memory_bytes_per_s(1) < 1e13


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_ctrl_c_ends_it_with_its_processes(tiny: str) -> None:
    """The exit status says that it was stopped, and neither engine stays behind."""
    command = [sys.executable, str(PROJECT / "main.py"), "bench", "--model", tiny]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as bench:
        about = psutil.Process(bench.pid)
        while len(engines := about.children()) == 0:
            assert bench.poll() is None
        os.kill(bench.pid, signal.SIGINT)
        _, said = bench.communicate(timeout=60)
    assert bench.returncode == 130
    assert said == b""
    assert psutil.wait_procs(engines, timeout=30)[1] == []


def test_another_text_is_told_with_how_close_it_was() -> None:
    """Two candidates that rounding may swap are a tie; any others are no excuse."""
    near = TokenChoice(7, "hay", 0.401, (Alternative(7, "hay", 0.401), Alternative(8, "straw", 0.4)))
    far = TokenChoice(7, "hay", 0.8, (Alternative(7, "hay", 0.8), Alternative(8, "straw", 0.1)))
    before = TokenChoice(1, "The", 1.0)
    tie, mistake = (lookup_difference((before, choice), (1, 8)) for choice in (near, far))
    assert tie is not None
    assert (tie.token_index, tie.plain, tie.guessed, tie.is_tie) == (1, "hay", "straw", True)
    assert tie.sentence().endswith("a tie, which rounding decides.")
    assert mistake is not None
    assert not mistake.is_tie
    assert mistake.apart == pytest.approx(2.079, abs=1e-3)
    assert lookup_difference((before, near), (1, 7)) is None


def test_a_busy_machine_gets_fewer_rounds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind has one at least; after the time that there is, no other begins. Meanwhile it is said how far it is."""
    now = [0.0]
    monkeypatch.setattr("app.cli.bench.time.monotonic", lambda: now[0])
    progress = Progress(9)
    begun: list[int] = []
    for number in progress.rounds(5):
        begun.append(number)
        now[0] += 50.0
    assert begun == [0, 1]
    assert list(progress.rounds(3)) == [0]
    assert capsys.readouterr().err.splitlines() == ["Measuring: 2 of 9", "Measuring: 6 of 9"]
