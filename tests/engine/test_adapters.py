"""Adapters change how a model speaks; one that cannot be used is named, and nothing is loaded without it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from app.engine.child_process import ChildProcessEngine
from app.engine.engine import EngineError, ModelFileError
from app.engine.events import LoadedModel
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.engine import LlamaEngine
from app.engine.requests import Adapter, LoadRequest
from app.settings.values import LoadSettings
from tests.engine.conftest import ignore
from tests.engine.kept_stories import AFTER, BEFORE, keep, turn
from tests.engine.state_stories import kept
from tests.engine.stories import ask, loaded_set, user
from tests.gguf_files import TinyAdapter, TinyModel, write_vocabulary_only

SETTINGS = LoadSettings(context=1024, threads=1, kept_memory_mib=0, kept_disk_mib=64)
QUESTION = user("Tell me of the llamas at the fence.")
Wear: TypeAlias = Callable[..., LoadedModel]


@pytest.fixture
def engine() -> Iterator[LlamaEngine]:
    """An engine in this process, with nothing loaded."""
    engine = LlamaEngine(ignore)
    yield engine
    engine.close()


@pytest.fixture
def wear(engine: LlamaEngine, tiny_llama: Path) -> Wear:
    """Load the tiny model with adapters."""

    def load(*adapters: Adapter, **options: Any) -> LoadedModel:  # noqa: ANN401 - whatever a request takes
        request = LoadRequest(tiny_llama, SETTINGS, adapters=adapters, **options)
        return engine.load(request, ignore, Interruption())

    return load


@pytest.fixture
def poet(tmp_path: Path) -> Path:
    """An adapter for the tiny model."""
    return TinyAdapter().write(tmp_path / "poet.gguf")


def logits(engine: LlamaEngine) -> tuple[float, ...]:
    """What the model thinks of every token after a question."""
    loaded = loaded_set(engine)
    loaded.abort.arm(Interruption())
    for _ in loaded.cache.read(range(5, 60)):
        pass
    row: Any = api.llama_get_logits_ith(loaded.context, -1)
    return tuple(row[: loaded.vocabulary.size])


def test_an_adapter_speaks_as_strongly_as_was_wished(engine: LlamaEngine, wear: Wear, poet: Path) -> None:
    """At strength 0 the model is as it was; half and full are each something else, and the same each time."""
    seen: list[tuple[float, ...]] = []
    for adapters in ((), (Adapter(poet, 0.0),), (Adapter(poet, 0.5),), (Adapter(poet),), (Adapter(poet),)):
        wear(*adapters)
        seen.append(logits(engine))
    assert seen[0] == seen[1]
    assert len({seen[0], seen[2], seen[3]}) == 3
    assert seen[3] == seen[4]


def test_an_adapter_in_half_precision(engine: LlamaEngine, wear: Wear, poet: Path, tmp_path: Path) -> None:
    """As most are: it says nearly the same as in full."""
    wear(Adapter(poet))
    full = logits(engine)
    wear(Adapter(TinyAdapter(number="float16").write(tmp_path / "half.gguf")))
    half = logits(engine)
    wear()
    assert _distance(half, full) * 5 < _distance(logits(engine), full)


def _distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def test_two_adapters_speak_together(engine: LlamaEngine, wear: Wear, tmp_path: Path, poet: Path) -> None:
    """Both are heard, and the receipt names both; one's name shows how strong it is when that is not fully."""
    other = TinyAdapter(seed=6, name="blk.1.attn_v.weight").write(tmp_path / "lawyer.gguf")
    seen: set[tuple[float, ...]] = set()
    for adapters in ((Adapter(poet),), (Adapter(other, 0.5),), (Adapter(poet), Adapter(other, 0.5))):
        described = wear(*adapters)
        seen.add(logits(engine))
    assert len(seen) == 3
    assert described.adapters == ("poet.gguf", "lawyer.gguf (0.5)")
    receipt = ask(engine, QUESTION).finished.receipt
    assert receipt is not None
    assert receipt.adapters == described.adapters


def test_the_draft_model_wears_none(
    engine: LlamaEngine, wear: Wear, poet: Path, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It guesses as it was made: only the model's own context is given adapters."""
    changed: list[object] = []
    put_on = api.llama_set_adapters_lora  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - ctypes' arrays

    def watch(context: Any, *rest: Any) -> int:  # noqa: ANN401 - of ctypes
        changed.append(context)
        return put_on(context, *rest)

    monkeypatch.setattr(api, "llama_set_adapters_lora", watch)
    described = wear(Adapter(poet), draft=tiny_llama)
    assert not described.concessions  # the draft model is there
    assert changed == [loaded_set(engine).context]
    assert ask(engine, QUESTION).text


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (TinyAdapter("gemma3"), "is an adapter for models of the kind gemma3, and Tiny is of the kind llama"),
        (TinyAdapter(kind="control_vector"), "is an adapter of the kind “control_vector”"),
        (TinyAdapter(invocation=(7, 8)), "only some words switch on"),
        (TinyAdapter(alpha=16), "does not add up"),
        (TinyAdapter(alpha=math.nan), "does not add up"),
        (TinyAdapter(name="blk.0.attn_norm.weight", halves=()), "does not add up"),
        (TinyAdapter(number="int8"), "does not add up"),
        (TinyAdapter(number="int32"), "does not add up"),
        (TinyAdapter(number="float64"), "does not add up"),
        (TinyAdapter(layers=(2,)), "does not add up"),
        (TinyAdapter(embedding=32), "does not fit this model"),
        (TinyAdapter(name="blk.7.attn_q.weight"), "does not fit this model"),
        (TinyAdapter(halves=("lora_a",)), "does not fit this model"),
    ],
)
def test_a_foreign_adapter_is_named(
    engine: LlamaEngine, wear: Wear, tmp_path: Path, made: TinyAdapter, said: str
) -> None:
    """For another kind of model, another size, or of another sort: a sentence says so, and nothing is loaded."""
    path = made.write(tmp_path / "stranger.gguf")
    with pytest.raises(ModelFileError, match=said) as caught:
        wear(Adapter(path))
    assert str(caught.value).startswith("stranger.gguf ")
    assert str(caught.value).endswith("Remove the adapter stranger.gguf from this conversation, or choose another.")
    assert engine.loaded is None
    wear()
    assert ask(engine, QUESTION).text


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def _cut_header(path: Path) -> None:
    os.truncate(path, 60)


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _make_model(path: Path) -> None:
    TinyModel().write(path)


def _make_vocabulary(path: Path) -> None:
    write_vocabulary_only(path)


def _make_page(path: Path) -> None:
    path.write_text("<!DOCTYPE html>")


def _make_empty(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cut, "is incomplete"),
        (_cut_header, "ends in the middle"),
        (Path.unlink, "There is no file "),
        (_make_folder, "is a folder"),
        (_make_model, "is not an adapter"),
        (_make_vocabulary, "is not an adapter"),
        (_make_page, "is a web page"),
        (_make_empty, "is empty"),
    ],
)
def test_a_broken_adapter_is_named(wear: Wear, poet: Path, spoil: Callable[[Path], None], said: str) -> None:
    """Whatever became of the file, it never loads in silence, and the next step is about the adapter."""
    spoil(poet)
    with pytest.raises(ModelFileError, match=said) as caught:
        wear(Adapter(poet))
    assert str(caught.value).endswith("Remove the adapter poet.gguf from this conversation, or choose another.")


@pytest.mark.parametrize("scale", [math.nan, math.inf, -0.1, 2.5])
def test_a_strength_that_cannot_be_is_refused(wear: Wear, poet: Path, scale: float) -> None:
    """It has to be from 0 to 2, as in the window."""
    with pytest.raises(EngineError, match=r"The strength of the adapter poet.gguf must be from 0 to 2"):
        wear(Adapter(poet, scale))


def test_damaged_numbers_are_the_adapters_fault(engine: LlamaEngine, wear: Wear, tmp_path: Path) -> None:
    """The model was sound before it wore this."""
    wear(Adapter(TinyAdapter(poisoned=True).write(tmp_path / "noise.gguf")))
    with pytest.raises(ModelFileError, match=r"computes no numbers with noise.gguf.*Remove the adapters"):
        ask(engine, QUESTION)


def test_two_conversations_with_their_own_adapters_are_two_loads(
    child: ChildProcessEngine, tiny_llama: Path, tmp_path: Path, poet: Path
) -> None:
    """Through the sandbox: each adapter can be read there, and each load says what it would say by itself."""
    other = TinyAdapter(seed=6).write(tmp_path / "lawyer.gguf")
    plain = LoadRequest(tiny_llama, SETTINGS)
    spoken: list[tuple[int, ...]] = []
    for adapters in ((), (Adapter(poet, 2.0),), (Adapter(other, 2.0),), (Adapter(poet, 2.0),)):
        request = replace(plain, adapters=adapters)
        described = child.load(request, ignore, Interruption())
        assert child.loaded == request
        assert described.adapters == tuple(adapter.label for adapter in adapters)
        spoken.append(ask(child, QUESTION).tokens)
    assert len({*spoken}) == 3
    assert spoken[1] == spoken[3]


def test_a_missing_adapter_is_a_sentence_from_the_sandbox_too(
    child: ChildProcessEngine, tiny_llama: Path, poet: Path
) -> None:
    """The process lives on, and loads the model without it when that is asked."""
    poet.unlink()
    request = LoadRequest(tiny_llama, SETTINGS, adapters=(Adapter(poet),))
    with pytest.raises(ModelFileError, match=r"There is no file .*poet.gguf.*Remove the adapter poet.gguf"):
        child.load(request, ignore, Interruption())
    child.load(replace(request, adapters=()), ignore, Interruption())
    assert ask(child, QUESTION).text


def test_a_state_is_used_only_with_the_adapters_that_computed_it(
    engine: LlamaEngine, wear: Wear, poet: Path, tmp_path: Path
) -> None:
    """Neither another file nor another strength goes on from it, nor another file in the same place, size and time."""
    folder = tmp_path / "states"
    wear(Adapter(poet), state_folder=folder)
    turn(engine, BEFORE)
    keep(engine)
    assert len(kept(folder)) == 1

    for adapters in ((), (Adapter(poet, 0.5),)):
        wear(*adapters, state_folder=folder)
        assert turn(engine, AFTER).prompt.reused == 0
    wear(Adapter(poet), state_folder=folder)
    assert turn(engine, AFTER).prompt.reused > 0

    time = poet.stat().st_mtime_ns
    TinyAdapter(seed=9).write(poet)
    os.utime(poet, ns=(time, time))
    wear(Adapter(poet), state_folder=folder)
    assert turn(engine, AFTER).prompt.reused == 0
