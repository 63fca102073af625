"""What a command asks before it does something: answered by `--yes`, on the terminal, or not at all."""

from __future__ import annotations

import sys
import threading
from typing import Final

from app.cli.printing import one_line, print_notice
from app.network.gate import Answer, Asker
from app.network.purpose import Purpose
from app.translation import tr

_YES: Final = frozenset({"y", "yes"})
_TEXT: Final = "t"
_CLEARED: Final = "\r\033[K"
"""The line of a progress that stands there; a question is put to terminals only."""


class Consent:
    """Puts questions on the terminal. With `yes` each is answered so; with no terminal there is nobody to ask."""

    def __init__(self, *, yes: bool) -> None:
        self._yes = yes
        self._lock = threading.Lock()

    @property
    def can_ask(self) -> bool:
        """Whether there is an answer to be had."""
        return self._yes or (sys.stdin.isatty() and sys.stderr.isatty())

    @property
    def asker(self) -> Asker | None:
        """What the gate of the network asks; None where nobody can be."""
        return self._connect if self.can_ask else None

    def agree(self, question: str, text: str = "") -> bool:
        """Ask `question`; whoever says nothing has not agreed. `text`, if there is one, is shown to who wants it."""
        if self._yes:
            return True
        with self._lock:
            answer = self._answer(question, tr("[y/N, t: the full text]") if text else tr("[y/N]"))
            while text and answer == _TEXT:
                for line in text.splitlines():
                    print_notice(line)
                answer = self._answer(question, tr("[y/N]"))
            return answer in _YES | {tr("yes").casefold()}

    @staticmethod
    def _answer(question: str, choice: str) -> str:
        sys.stderr.write(f"{_CLEARED}{one_line(question)} {choice} ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().casefold()

    def _connect(self, purpose: Purpose, host: str) -> Answer:
        question = tr(
            "Connect to {host}? {purpose}. For this, nothing has been sent there yet.",
            host=host,
            purpose=purpose.sentence,
        )
        return Answer.ONCE if self.agree(question) else Answer.NO
