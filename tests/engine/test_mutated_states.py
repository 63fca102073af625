"""Files of states that somebody or something has changed: nothing worse comes of them than reading everything again."""

from __future__ import annotations

import contextlib
import random
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import pytest

from app.confined.process import own_command
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import EngineDiedError
from app.engine.llama.memory.sequence_states import Bytes, Checkpoint, SequenceState
from app.engine.llama.memory.state_files import forget_conversation
from app.engine.llama.memory.state_format import StateRecord, read_state
from app.engine.llama.memory.state_key import StateKey
from tests.conftest import Campaign
from tests.engine.kept_stories import AFTER, BEFORE, KINDS, keep, key_of, load_keeping, turn
from tests.engine.state_stories import FIRST, always, kept, names
from tests.engine.stories import user
from tests.gguf_files import TinyModel

Dice: TypeAlias = random.Random
Damage: TypeAlias = Callable[[bytearray, Dice], None]
Forgery: TypeAlias = Callable[[SequenceState, Dice], SequenceState]

SHARED = 8
"""Fewer tokens than this are all that any two conversations of these models begin with."""
PATIENCE_S = 20
EXTREMES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
HEAD_BYTES = 4096
"""How far at most llama.cpp's own numbers reach into the data of a tiny model; then come those of the model."""


def flip_a_bit(content: bytearray, dice: Dice) -> None:
    """The least there is."""
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)


def overwrite(content: bytearray, dice: Dice) -> None:
    """A block of the disk went bad."""
    begin = dice.randrange(len(content))
    noise = dice.randbytes(min(dice.randrange(1, 4096), len(content) - begin))
    content[begin : begin + len(noise)] = noise


def cut_off(content: bytearray, dice: Dice) -> None:
    """The disk was full."""
    del content[dice.randrange(len(content)) :]


def lose_the_end(content: bytearray, dice: Dice) -> None:
    """The power failed before the last blocks were written."""
    begin = dice.randrange(len(content) - 64)
    content[begin:] = bytes(len(content) - begin)


def insert(content: bytearray, dice: Dice) -> None:
    """Something slipped in."""
    place = dice.randrange(len(content))
    content[place:place] = dice.randbytes(dice.randrange(1, 64))


def exchange_blocks(content: bytearray, dice: Dice) -> None:
    """All the bytes are there, some of them elsewhere."""
    first, second = sorted(dice.sample(range(len(content) // 512), 2))
    here, there = slice(first * 512, first * 512 + 512), slice(second * 512, second * 512 + 512)
    if content[here] == content[there]:
        content[here] = bytes(512) if any(content[here]) else b"\1" * 512
    else:
        content[here], content[there] = content[there], content[here]


DAMAGES: tuple[Damage, ...] = (flip_a_bit, overwrite, cut_off, lose_the_end, insert, exchange_blocks)


def some_bytes(state: SequenceState, dice: Dice) -> SequenceState:
    """A few wrong bytes among llama.cpp's own numbers."""
    data = bytearray(state.data)
    for _ in range(dice.randrange(1, 4)):
        data[dice.randrange(min(HEAD_BYTES, len(data)))] = dice.randrange(256)
    return replace(state, data=data)


def an_extreme(state: SequenceState, dice: Dice) -> SequenceState:
    """One of llama.cpp's own numbers is as large or as small as can be."""
    data = bytearray(state.data)
    place = dice.randrange(min(HEAD_BYTES, len(data)) // 4)
    struct.pack_into("<I", data, place * 4, dice.choice(EXTREMES))
    return replace(state, data=data)


def noise(state: SequenceState, dice: Dice) -> SequenceState:
    """Nothing is as it was."""
    return replace(state, data=dice.randbytes(dice.choice((0, 1, 16, len(state.data)))))


def wrong_numbers(state: SequenceState, dice: Dice) -> SequenceState:
    """What was computed is replaced by anything, infinities and what is no number included."""
    data = bytearray(state.data)
    begin = dice.randrange(len(data))
    data[begin:] = dice.randbytes(len(data) - begin)
    return replace(state, data=data)


def another_size(state: SequenceState, dice: Dice) -> SequenceState:
    """It ends early, or goes on."""
    length = dice.randrange(len(state.data))
    return replace(state, data=bytes(state.data[:length]) if dice.random() < 0.5 else bytes(state.data) + bytes(length))


def other_tokens(state: SequenceState, dice: Dice) -> SequenceState:
    """More, fewer or impossible ones."""
    more = tuple(dice.choice((-(2**31), -1, 0, 5, 2**31 - 1)) for _ in range(dice.randrange(1, 40)))
    fewer = state.tokens[: dice.randrange(len(state.tokens))]
    return replace(state, tokens=dice.choice((state.tokens + more, fewer, more, ())), checkpoints=())


def other_checkpoints(state: SequenceState, dice: Dice) -> SequenceState:
    """Places to go back to that are none, where the next turn wants to go back to."""
    data: tuple[Bytes, ...] = tuple(checkpoint.data for checkpoint in state.checkpoints) or (state.data,)
    places = [checkpoint.n_tokens for checkpoint in state.checkpoints] or [len(state.tokens) - 20]
    forged = [some_bytes(replace(state, data=dice.choice(data)), dice).data if data[0] else b"" for _ in places]
    return replace(state, checkpoints=tuple(map(Checkpoint, places, forged)))


FORGERIES: tuple[Forgery, ...] = (
    some_bytes,
    an_extreme,
    noise,
    wrong_numbers,
    another_size,
    other_tokens,
    other_checkpoints,
)


@dataclass
class Bench:
    """An engine process with one kind of model, and a conversation of it that was kept."""

    child: ChildProcessEngine
    model: Path
    folder: Path
    sound: bytes
    path: Path
    key: StateKey
    state: SequenceState
    right: tuple[int, ...]

    def say(self) -> tuple[int, tuple[int, ...]]:
        """Go on with the conversation after another one: give how many tokens were reused, and what was said."""
        began = time.monotonic()
        turn(self.child, (user("Why?"),), name="")
        reply = turn(self.child, AFTER)
        assert time.monotonic() - began < PATIENCE_S
        return reply.prompt.reused, reply.tokens

    def put(self, content: bytes) -> None:
        """Have `content` on the disk in place of the state."""
        forget_conversation(self.folder, FIRST)
        self.path.write_bytes(content)

    def start_again(self) -> None:
        """Bring the engine up after it has died."""
        load_keeping(self.child, self.model, self.folder)


@contextlib.contextmanager
def open_bench(kind: TinyModel, folder: Path) -> Generator[Bench]:
    """Keep a conversation of a model of `kind`."""
    model, states = kind.write(folder / "model.gguf"), folder / "states"
    with closing(ChildProcessEngine(own_command("--engine"), folder / "engine.log")) as child:
        load_keeping(child, model, states)
        right = turn(child, AFTER, name="").tokens
        turn(child, BEFORE)
        keep(child)
        (path,) = kept(states)
        with path.open("rb") as file:
            state = read_state(file, FIRST, key := key_of(path), always)
        bench = Bench(child, model, states, path.read_bytes(), path, key, state, right)
        reused, said = bench.say()
        assert reused > 300
        assert said == right
        yield bench


def forged_header(sound: bytes, dice: Dice) -> bytes:
    """Change a few characters of the header, and make the checksum right again."""
    content = bytearray(sound[:-4])
    (length,) = struct.unpack_from("<I", content, 10)
    for _ in range(dice.randrange(1, 3)):
        content[14 + dice.randrange(length)] = dice.choice(b'0123456789"{}[],:\\\xff\x00')
    return bytes(content) + struct.pack("<I", zlib.crc32(content))


def forged(bench: Bench, dice: Dice) -> bytes:
    """Change the state, and make the checksum right again."""
    change = dice.choice(FORGERIES)
    record = StateRecord(FIRST, bench.key, change(bench.state, dice))
    target = bench.folder / "forged"
    with target.open("wb") as file:
        record.write(file, always)
    content = target.read_bytes()
    target.unlink()
    return content


def meet_damage(bench: Bench, dice: Dice) -> str:
    """An accident is always noticed: everything is read, and the reply is right."""
    content = bytearray(bench.sound)
    dice.choice(DAMAGES)(content, dice)
    assert content != bench.sound
    bench.put(bytes(content))
    reused, said = bench.say()
    assert reused < SHARED
    assert said == bench.right
    assert not names(bench.folder)
    return "damaged: read anew"


def meet_forgery(bench: Bench, content: bytes) -> str:
    """The checksum is right: whatever llama.cpp makes of it, the next try without it is right."""
    bench.put(content)
    try:
        reused, said = bench.say()
    except EngineDiedError:
        bench.start_again()
        assert not names(bench.folder), "the state that ended the process would be tried again"
        outcome = "forged: ended the engine process, once"
    else:
        was_taken = reused >= SHARED
        outcome = "forged: taken" if was_taken else "forged: read anew"
        assert was_taken or said == bench.right
        forget_conversation(bench.folder, FIRST)
        if was_taken:  # and so its first tokens are in the memory, with which the next conversation begins too
            bench.start_again()
    reused, said = bench.say()
    assert reused < SHARED
    assert said == bench.right
    return outcome


@pytest.mark.campaign
def test_no_state_does_worse_than_none(tmp_path: Path, campaign: Campaign) -> None:
    """By accident or on purpose: the window's process lives, and the next reply is right."""
    dice = random.Random(20261123)  # noqa: S311 - damage, not a secret
    outcomes: Counter[str] = Counter()
    for name, kind in KINDS.items():
        (tmp_path / name).mkdir()
        with open_bench(kind, tmp_path / name) as bench:
            for number in range(campaign.rounds(sample=6, full=50)):
                if number % 2 == 0:
                    outcomes[meet_damage(bench, dice)] += 1
                elif number % 10 == 9:
                    outcomes[meet_forgery(bench, forged_header(bench.sound, dice))] += 1
                else:
                    outcomes[meet_forgery(bench, forged(bench, dice))] += 1
    print(f"{outcomes.total()} mutated states: {dict(outcomes)}")  # noqa: T201 - the figures are worth seeing
    assert outcomes["damaged: read anew"] == outcomes.total() // 2
