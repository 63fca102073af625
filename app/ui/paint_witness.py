"""Tells another process what has been on the screen, and when: how the promise about killed applications is tested."""

from __future__ import annotations

import os
import time
from typing import Final

VARIABLE: Final = "PADDOCK_PAINT_WITNESS"


class PaintWitness:
    """Writes a line for each painted state of a message: its id, the characters shown, the monotonic time in s."""

    def __init__(self, descriptor: int) -> None:
        """Write to an inherited pipe."""
        self._descriptor = descriptor

    def painted(self, message_id: str, length: int) -> None:
        """Say that `length` characters of the message are on the screen now."""
        os.write(self._descriptor, f"{message_id} {length} {time.monotonic():.6f}\n".encode())


def find_witness() -> PaintWitness | None:
    """Give the witness whose pipe the environment names, if it does."""
    descriptor = os.environ.get(VARIABLE, "")
    return PaintWitness(int(descriptor)) if descriptor.isdecimal() else None
