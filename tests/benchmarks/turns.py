"""That nothing is evaluated twice, with the starter model, as somebody who chats feels it.

Each ratio is of two times to the first word, both taken in this run: with what was read before, and of the same prompt
in an engine that has read nothing (cold). Run it on a quiet machine: `python -m tests.benchmarks.turns`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.engine.requests import PromptRequest
from tests.benchmarks.chat_desk import ChatDesk

TURNS = 20
SENTENCE = "The llama looked over the fence and saw hay bale number {number} in the evening sun. "
TOKENS_OF_SENTENCE = 20
KEY_EVERY_S = 0.15
CONTEXT = 8192


def text_of(tokens: int, first: int = 100) -> str:
    """Text of about so many tokens, no two sentences the same."""
    return "".join(SENTENCE.format(number=first + number) for number in range(tokens // TOKENS_OF_SENTENCE))


@contextmanager
def fresh_desk() -> Generator[ChatDesk]:
    """An engine that has read nothing, and a home of its own."""
    with tempfile.TemporaryDirectory() as home, ChatDesk(Path(home), context=CONTEXT) as desk:
        yield desk


def cold_s(prompt: PromptRequest) -> float:
    """Seconds to the first word of the reply to `prompt` in such an engine."""
    with fresh_desk() as desk:
        return desk.first_word_of(prompt)


def say(what: str, warm: float, cold: float, limit: float) -> None:
    """Print one ratio."""
    print(f"{what}: {warm:.2f} s / {cold:.2f} s cold = {warm / cold:.3f} (at most {limit})", flush=True)


def measure_turns() -> None:
    """Twenty turns: from the second on only what is new is read."""
    with fresh_desk() as desk:
        opened = desk.open()
        known, beyond, warm = 0, 0, 0.0
        prompt = opened.prompt(desk.how)
        for number in range(1, TURNS + 1):
            question = f"Question {number}: what did the llama see? " + text_of(80, number * 100)
            prompt = opened.prompt(desk.how, question)
            warm = desk.send(opened, question)
            read = desk.prompt
            assert read is not None
            beyond = max(beyond, read.evaluated - (read.tokens - known)) if number > 1 else 0
            known = read.tokens + sum(len(part.token_ids) for part in opened.messages[-1].generations)
            print(f"  turn {number:2}: prompt {read.tokens:5}, evaluated {read.evaluated:4}, first word {warm:.2f} s")
    print(f"evaluated beyond the new tokens: at most {beyond} (at most 8)")
    say(f"turn {TURNS}", warm, cold_s(prompt), 0.15)


def measure_typing() -> None:
    """A pasted text, typing behind it for 1.5 times the cold time, then send."""
    pasted = text_of(2000)
    with fresh_desk() as desk:
        opened = desk.open()
        cold = cold_s(opened.prompt(desk.how, pasted))
        draft, ends = pasted, time.monotonic() + 1.5 * cold
        for letter in "What does the llama think of all this? " * 1000:
            if time.monotonic() > ends:
                break
            draft += letter
            desk.read_ahead(opened, draft)
            time.sleep(KEY_EVERY_S)
        warm = desk.send(opened, draft)
        print(f"  typed {len(draft) - len(pasted)} letters; {desk.prompt}")
    say("2,000 tokens pasted, typed on, sent", warm, cold, 0.1)


def measure_switching() -> None:
    """Two conversations of 2,000 tokens; a sentence in the one that was left before."""
    with fresh_desk() as desk:
        first, second = desk.open(), desk.open()
        desk.send(first, text_of(2000, 100))
        desk.send(second, text_of(2000, 900))
        prompt = first.prompt(desk.how, "And what did you make of it?")
        warm = desk.send(first, "And what did you make of it?")
    say("back to the other conversation", warm, cold_s(prompt), 0.1)


def measure_restart() -> None:
    """A conversation of 4,000 tokens after a restart; then the same with one byte of its state flipped."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with ChatDesk(home, context=CONTEXT) as desk:
            opened = desk.open()
            desk.send(opened, text_of(4000))
            desk.keep(opened)
        with ChatDesk(home, context=CONTEXT) as desk:
            opened = desk.open(desk.parts.store.conversations()[0])
            prompt = opened.prompt(desk.how, "And what did you make of it?")
            warm = desk.send(opened, "And what did you make of it?")
            read = desk.prompt
            desk.keep(opened)
            states = desk.parts.paths.states
        say("after a restart", warm, cold_s(prompt), 0.15)
        print(f"  {read}")
        (state,) = states.glob("*.state")
        flip_a_byte(state)
        with ChatDesk(home, context=CONTEXT) as desk:
            desk.send(desk.open(desk.parts.store.conversations()[0]), "And then?")
            assert desk.prompt is not None
            print(f"after a flipped byte: {desk.prompt.reused} tokens reused (none)")


def flip_a_byte(file: Path) -> None:
    """Change one byte in the middle."""
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        byte = opened.read(1)[0]
        opened.seek(-1, 1)
        opened.write(bytes([byte ^ 0x10]))


MEASURES = {
    "turns": measure_turns,
    "typing": measure_typing,
    "switching": measure_switching,
    "restart": measure_restart,
}


if __name__ == "__main__":
    for name in sys.argv[1:] or MEASURES:
        MEASURES[name]()
