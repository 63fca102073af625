"""A fenced block of code that is still being written: its lines are only appended, never parsed again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from app.ui.transcript.blocks import Code

_OPENING: Final = re.compile(r"(`{3,}|~{3,})[^\n]*\n")


class OpenFence:
    """The lines behind a fence that begins at the left edge. A line that may yet close it is held back."""

    def __init__(self, fence: str, language: str) -> None:
        self._end = re.compile(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*")
        self._may_end = re.compile(rf" {{0,3}}{fence[0]}*[ \t]*")
        self._lines: list[str] = []
        self._open_line = ""
        self.code = Code("", language)

    @staticmethod
    def begun(source: str, language: str) -> tuple[OpenFence, str] | None:
        """Give the fence that `source` begins with and the text behind its first line, once that line is complete."""
        opening = _OPENING.match(source)
        return (OpenFence(opening.group(1), language), source[opening.end() :]) if opening else None

    def feed(self, text: str) -> str | None:
        """Take more text; give what follows the closing line once there is one."""
        *complete, self._open_line = (self._open_line + text).split("\n")
        for at, line in enumerate(complete):
            if self._end.fullmatch(line):
                rest = "\n".join((*complete[at + 1 :], self._open_line))
                self._open_line = ""
                self._show("")
                return rest
            self._lines.append(line)
        self._show("" if self._may_end.fullmatch(self._open_line) else self._open_line)
        return None

    def finished(self) -> Code:
        """The code if nothing more comes."""
        self._show("" if self._end.fullmatch(self._open_line) else self._open_line)
        return self.code

    def _show(self, open_line: str) -> None:
        text = "".join(f"{line}\n" for line in self._lines) + open_line
        self.code = replace(self.code, text=text.removesuffix("\n"))
