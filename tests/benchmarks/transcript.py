"""How long the transcript holds the window up: opening conversations, and a reply of 300 tokens a second.

Run as `python -m tests.benchmarks.transcript`. Figures are milliseconds of this thread's own processor time.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from app.conversation import Message, MessageStatus, Role
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.markdown_texts import CODE_REPLY, CONVERSATION_REPLY

_PIECE = 41
"""Characters in 33 ms at 300 tokens a second."""
_WORDS = "the reply of a model has words that follow one another, some longer than others, and now and then a number"


def main() -> None:
    """Print the figures."""
    app = QApplication([])
    theme = Theme("light")
    theme.apply(app)
    view = Transcript(theme, Icons(theme))
    view.resize(1000, 800)
    view.show()
    app.processEvents()
    for count in (10, 200, 2000):
        messages = conversation(count)
        times = [spent(lambda messages=messages: open_at_end(app, view, messages)) for _ in range(5)]
        print(f"open {count:5d} messages: {statistics.median(times):6.1f} ms, {len(view.live)} live widgets")
    for name, text in replies().items():
        print(f"stream {name:18s}: {summary(stream(app, view, text))}")


def open_at_end(app: QApplication, view: Transcript, messages: list[Message]) -> None:
    """Open a conversation until its end is painted."""
    view.show_messages(messages)
    view.repaint()


def stream(app: QApplication, view: Transcript, text: str) -> list[float]:
    """The time of each update of a reply that grows by some ten tokens, with its painting."""
    view.show_messages([*conversation(20), message(20, Role.ASSISTANT, "", MessageStatus.STREAMING)])
    app.processEvents()
    times: list[float] = []
    for at in range(0, len(text), _PIECE):
        view.append_piece("20", text[at : at + _PIECE])
        times.append(spent(lambda: update(app, view)))
    return times


def update(app: QApplication, view: Transcript) -> None:
    """One drawing of what was appended."""
    view.flush()
    app.processEvents()


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of processor time of this thread."""
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1000


def summary(times: list[float]) -> str:
    """Median, 95th and 99th percentile, and the worst."""
    ordered = sorted(times)
    marks = {
        name: ordered[int(part * (len(ordered) - 1))] for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }
    return ", ".join(f"{name} {value:5.1f}" for name, value in {**marks, "max": ordered[-1]}.items())


def replies() -> dict[str, str]:
    """Replies as they come, and the shapes that are hardest to draw."""
    draw = random.Random(7)  # noqa: S311 - not a secret

    def words(count: int) -> str:
        return " ".join(draw.choice(_WORDS.split()) for _ in range(count))

    mixed = "\n\n".join(draw.choice([CODE_REPLY, CONVERSATION_REPLY, words(80), f"## {words(4)}"]) for _ in range(24))
    return {
        "mixed 8 kB": mixed[:8000],
        "mixed 40 kB": (mixed * 6)[:40000],
        "one list 8 kB": "".join(f"- {words(12)}\n" for _ in range(120)),
        "one code 8 kB": "```python\n" + "".join(f"value_{at} = compute({at}, 'text')\n" for at in range(230)),
        "one table 8 kB": "| a | b | c |\n|---|---|---|\n"
        + "".join(f"| {at} | {words(6)} | {at} |\n" for at in range(170)),
        "one paragraph 4 kB": words(800),
    }


def conversation(count: int) -> list[Message]:
    """Turns of a question and a reply."""
    texts = (CODE_REPLY, CONVERSATION_REPLY)
    return [
        message(at, Role.ASSISTANT, texts[at // 2 % 2]) if at % 2 else message(at, Role.USER, _WORDS)
        for at in range(count)
    ]


def message(at: int, role: Role, text: str, status: MessageStatus = MessageStatus.COMPLETE) -> Message:
    """One message."""
    return Message(str(at), "c", None, role, text, status, datetime.now(UTC), model_name="A model")


if __name__ == "__main__":
    main()
