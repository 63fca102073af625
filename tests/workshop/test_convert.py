"""A copy with weights of another kind: measured before it has a name, and gone when anything goes wrong."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gguf
import psutil
import pytest

from app.engine.engine import EngineDiedError, ModelFileError
from app.engine.interruption import Interruption
from app.errors import PaddockError
from app.gguf.header_error import ModelHeaderError
from app.gguf.reading import read_header
from app.workshop.comparison import Closeness
from app.workshop.convert import Checking, Conversion, Converted, Converting, Loading, Measuring, Phase, choices_for
from app.workshop.errors import ConversionError, NoRoomForCopyError, StoppedConversionError, UnwritableFolderError
from app.workshop.unfinished_copy import UnfinishedCopy
from app.workshop.workbench import Workbench
from tests.gguf_files import TinyAdapter, TinyModel, write_vocabulary_only


def ignore(_phase: Phase) -> None:
    """Hear nothing."""


def convert(bench: Workbench, source: Path, target: str = "Q8_0", hear: Callable[[Phase], None] = ignore) -> Converted:
    """Convert to the end."""
    return Conversion(bench, source, target, rounds=1).run(hear, Interruption())


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A tiny model whose weights have 32 bits."""
    return TinyModel().write(tmp_path / "Tiny-F32.gguf")


def left_in(bench: Workbench) -> list[str]:
    """The names of what lies in the folder of copies."""
    return sorted(path.name for path in bench.folder.iterdir()) if bench.folder.is_dir() else []


@pytest.mark.model
def test_the_starter_model_becomes_faster_and_stays_as_it_is(bench: Workbench, starter_file: Path) -> None:
    """As Q8_0 its words are practically the same; the figures of both are there, and its own file is untouched."""
    before = starter_file.stat()
    phases: list[Phase] = []
    converted = Conversion(bench, starter_file, "q8_0", rounds=1).run(phases.append, Interruption())
    comparison = converted.comparison
    assert converted.path == bench.folder / "SmolLM2-135M-Instruct.Q8_0.gguf"
    assert read_header(converted.path).quantization == "Q8_0"
    assert comparison.before.quantization == "Q4_1"
    assert comparison.after.size_bytes == converted.path.stat().st_size
    assert comparison.closeness is Closeness.SAME
    assert comparison.prompt_gain > 1.1  # 2.2 on an idle machine
    assert starter_file.stat() == before
    assert left_in(bench) == [converted.path.name]
    assert phases[0] == Checking()
    fractions = [phase.fraction for phase in phases if isinstance(phase, Converting)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert phases.index(Loading()) > phases.index(Converting(1.0))
    assert phases[-1] == Measuring(2, 2)


def test_a_copy_never_takes_the_place_of_another_file(bench: Workbench, tiny: Path) -> None:
    """The second copy gets a number; what lay there first, whatever it is, stays."""
    bench.folder.mkdir(parents=True)
    (bench.folder / "Tiny.Q8_0.gguf").write_text("somebody's file")
    assert convert(bench, tiny).path.name == "Tiny.Q8_0-2.gguf"
    assert (bench.folder / "Tiny.Q8_0.gguf").read_text() == "somebody's file"


def test_two_copies_at_once_do_not_touch_each_other(tmp_path: Path) -> None:
    """Somebody converts what Paddock is converting by itself at the moment: each gets what it has written."""
    source = tmp_path / "Tiny-F32.gguf"
    with UnfinishedCopy(tmp_path, source, "Q8_0") as first:
        first.path.write_text("the first")
        with UnfinishedCopy(tmp_path, source, "Q8_0") as second:
            second.path.write_text("the second")
            names = first.get_name(), second.get_name()
    assert [name.read_text() for name in names] == ["the first", "the second"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Tiny.Q8_0-2.gguf", "Tiny.Q8_0.gguf"]


def test_what_a_copy_is_is_remembered(bench: Workbench, tiny: Path) -> None:
    """A byte that turns on the disk is found by a check later."""
    path = convert(bench, tiny).path
    assert bench.hashes.known(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_model_in_parts_becomes_one_file(bench: Workbench, tmp_path: Path) -> None:
    """Named after the whole, and measured against all parts."""
    first, second = write_in_two_parts(tmp_path / "Big-F32.gguf")
    converted = convert(bench, first)
    assert converted.path.name == "Big.Q8_0.gguf"
    assert converted.comparison.before.size_bytes == first.stat().st_size + second.stat().st_size
    assert read_header(converted.path).number("split.count") is None
    second.unlink()
    with pytest.raises(ModelFileError, match="A part of the model is missing"):
        convert(bench, first)


def write_in_two_parts(path: Path) -> tuple[Path, ...]:
    """A tiny model as large ones are published."""
    model = TinyModel()
    writer = gguf.GGUFWriter(path, model.architecture, split_max_tensors=12)
    model.add_to(writer)
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tuple(sorted(path.parent.glob("Big-*-of-00002.gguf")))


def test_memory_for_only_one_at_a_time_is_enough(bench: Workbench, tiny: Path) -> None:
    """Then the source is measured first, and the copy when that has gone."""
    little = replace(bench.free_memory(), available_bytes=1)
    phases: list[Phase] = []
    converted = convert(replace(bench, free_memory=lambda: little), tiny, hear=phases.append)
    assert converted.comparison.after.prompt_tokens_per_s > 1
    assert [phase for phase in phases if isinstance(phase, Measuring)] == [Measuring(1, 2), Measuring(2, 2)]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("F32", "There is no type"),
        ("IQ2_XXS", "importance matrix"),
        ("Q2_K_S", "importance matrix"),
        ("TQ1_0", "trained for it"),
        ("Q9", "There is no type “Q9” to convert to. There are: Q8_0, Q6_K"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    bench: Workbench, tiny: Path, target: str, sentence: str
) -> None:
    """In a sentence."""
    with pytest.raises(ConversionError, match=sentence):
        convert(bench, tiny, target)
    assert left_in(bench) == []


def test_a_model_is_not_converted_to_what_it_is(bench: Workbench, starter_file: Path) -> None:
    """Nor to something larger that cannot be better."""
    with pytest.raises(ConversionError, match="stored as Q4_1 already"):
        convert(bench, starter_file, "Q4_1")
    with pytest.raises(ConversionError, match="larger and no better"):
        convert(bench, starter_file, "F16")


@pytest.mark.parametrize("kind", ["adapter", "vocabulary", "nothing", "nonsense", "cut off"])
def test_what_is_no_model_is_refused(bench: Workbench, tmp_path: Path, tiny: Path, kind: str) -> None:
    """In a sentence, and nothing is written."""
    path = tmp_path / "other.gguf"
    match kind:
        case "adapter":
            TinyAdapter().write(path)
        case "vocabulary":
            write_vocabulary_only(path)
        case "nonsense":
            path.write_bytes(b"no model")
        case "cut off":
            path.write_bytes(tiny.read_bytes()[:-5000])
        case _:
            pass
    with pytest.raises((ConversionError, ModelFileError, ModelHeaderError)):
        convert(bench, path)
    assert left_in(bench) == []


def test_damaged_weights_are_found_and_nothing_is_left(bench: Workbench, tmp_path: Path, tiny: Path) -> None:
    """By llama.cpp while it converts, or at the latest when the copy is measured."""
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(tiny.read_bytes()[:-8000] + b"\xff" * 8000)
    with pytest.raises(ModelFileError, match="damaged"):
        convert(bench, damaged)
    with pytest.raises(ModelFileError, match="damaged"):
        convert(bench, TinyModel(poisoned=True).write(tmp_path / "poisoned.gguf"))
    assert left_in(bench) == []


def test_a_disk_without_room_is_said_before_anything_is_written(bench: Workbench, tiny: Path) -> None:
    """With both figures."""

    def little(_folder: Path) -> int:
        return 10_000

    with pytest.raises(NoRoomForCopyError, match=r"The copy needs \d+ kB, and of 10 kB"):
        convert(replace(bench, free_disk=little), tiny)
    assert left_in(bench) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if sys.platform != "linux" or mount is None or umount is None:
        pytest.skip("small disks can be made on Linux only")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], check=False, capture_output=True)
    if made.returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run([umount, folder], check=True)


@pytest.mark.model
def test_a_disk_that_becomes_full_is_a_sentence(bench: Workbench, tiny_disk: Path, starter_file: Path) -> None:
    """It had room when it was asked; what was written is gone, and the room is back."""
    asked: list[Path] = []

    def free_disk(path: Path) -> int:
        asked.append(path)
        return 10**10 if len(asked) == 1 else shutil.disk_usage(path).free

    small = replace(bench, folder=tiny_disk / "models", free_disk=free_disk)
    with pytest.raises(NoRoomForCopyError, match="The disk became full"):
        convert(small, starter_file)
    assert left_in(small) == []
    until(lambda: shutil.disk_usage(tiny_disk).free > 19_000_000)  # the kernel takes its time to sweep up


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    end_s = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.01)


def test_a_folder_that_cannot_be_written(bench: Workbench, tiny: Path) -> None:
    """A file lies where it is to be, which stops root too."""
    bench.folder.parent.mkdir(parents=True)
    bench.folder.write_text("no folder")
    with pytest.raises(UnwritableFolderError):
        convert(bench, tiny)


@pytest.mark.parametrize("phase", [Checking, Converting, Loading, Measuring])
def test_stopping_leaves_nothing_at_any_moment(bench: Workbench, tiny: Path, phase: type[Phase]) -> None:
    """No file, no process."""
    before, stop = psutil.Process().children(), Interruption()

    def hear(heard: Phase) -> None:
        if isinstance(heard, phase):
            stop.request()

    with pytest.raises(StoppedConversionError, match="Nothing was left behind"):
        Conversion(bench, tiny, "Q8_0", rounds=2).run(hear, stop)
    assert left_in(bench) == []
    assert psutil.Process().children() == before


@pytest.mark.model
@pytest.mark.parametrize("phase", [Converting, Measuring])
def test_a_process_that_is_killed_leaves_nothing_and_says_so(
    bench: Workbench, starter_file: Path, tiny: Path, phase: type[Phase]
) -> None:
    """In the middle of the writing, which takes a model of some size, and of the measuring."""
    source = starter_file if phase is Converting else tiny
    others, killed = psutil.Process().children(), list[int]()  # such as the screen of tests that ran before

    def hear(heard: Phase) -> None:
        if isinstance(heard, phase) and not killed:
            child = next(each for each in psutil.Process().children() if each not in others)
            killed.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(EngineDiedError, match=r"ended from outside|memory ran out"):
        Conversion(bench, source, "Q8_0", rounds=2).run(hear, Interruption())
    assert left_in(bench) == []


def test_what_a_dead_paddock_left_is_thrown_away(bench: Workbench, tiny: Path) -> None:
    """Nobody else would: it may be gigabytes. What a living one is writing stays, and so do downloads."""
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    bench.folder.mkdir(parents=True)
    orphan = bench.folder / f"Old.Q8_0.gguf.{dead.pid}.part"
    others = {bench.folder / f"Other.Q8_0.gguf.{os.getppid()}.part", bench.folder / "Download.gguf.part"}
    for path in (orphan, *others):
        path.touch()
    convert(bench, tiny)
    assert {path for path in (orphan, *others) if path.exists()} == others


def test_what_can_be_chosen_comes_with_its_size(bench: Workbench, tiny: Path) -> None:
    """As the file then really is, smaller kinds first being smaller."""
    choices = {choice.target.name: choice.size_bytes for choice in choices_for(bench, tiny, Interruption())}
    assert choices["Q4_0"] < choices["Q8_0"] < choices["F16"]
    assert convert(bench, tiny).path.stat().st_size == pytest.approx(choices["Q8_0"], rel=0.1)


@pytest.mark.model
def test_a_quantized_model_has_no_way_back(bench: Workbench, starter_file: Path) -> None:
    """Neither what it is nor anything that only looks better is on offer."""
    names = [choice.target.name for choice in choices_for(bench, starter_file, Interruption())]
    assert "Q8_0" in names
    assert not {"Q4_1", "F16"} & set(names)


def test_every_refusal_says_what_to_do(bench: Workbench, tiny: Path) -> None:
    """A sentence without a next step helps nobody."""
    for target in ("IQ1_S", "TQ2_0", "nonsense"):
        with pytest.raises(PaddockError) as refusal:
            convert(bench, tiny, target)
        assert refusal.value.next_step
