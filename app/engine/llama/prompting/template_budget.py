"""What one run of a chat template may take: steps, time, and the size of all that it makes."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, TypeVar, cast

_MAX_STEPS: Final = 1_000_000
_MAX_SECONDS: Final = 0.7
_CLOCK_TO_PROCESSOR: Final = 3
"""On a busy machine an honest template takes longer on the clock than of the processor's time; but not for ever."""
_SMALLEST_VALUE: Final = 1024 * 1024
_VALUE_TO_GIVEN: Final = 8
_ALL_TO_VALUE: Final = 32
_MAX_DEPTH: Final = 40
_MAX_INTEGER_BITS: Final = 60
"""From 61 on, many numbers have one hash, and a table of them takes the square of the time."""
_SLOT: Final = 8
_MAX_WIDTH: Final = 10_000
_MAX_SOUGHT: Final = 256
_WIDE_FIELD: Final = re.compile(r"\d{5,}|\*")
_NESTED_FIELD: Final = re.compile(r"\{[^{}]*\{")
_DIGITS: Final = re.compile(r"\d+")

_Value = TypeVar("_Value")


class LimitReachedError(Exception):
    """A template did more than any honest one does. The words go after a colon."""


class Allowance:
    """How long something may take: so many seconds of the processor's time in this thread, and more on the clock."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        began_s = time.monotonic()
        self._first_look_s = began_s + seconds  # no thread works longer than the clock runs
        self._clock_end_s = began_s + seconds * _CLOCK_TO_PROCESSOR
        self._worked_end_s = time.thread_time() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it took as long. Quick to ask."""
        now_s = time.monotonic()
        return now_s > self._first_look_s and (now_s > self._clock_end_s or time.thread_time() > self._worked_end_s)


class Budget:
    """Counts what a run takes. No value in a template is larger than this allows, so no single step takes long."""

    def __init__(self) -> None:
        """Begin a run that is given nothing."""
        self._shared: Allowance | None = None
        self.begin(None)

    @contextmanager
    def sharing(self, allowance: Allowance) -> Generator[None]:
        """Let the runs that are begun meanwhile take no longer than `allowance` together."""
        before, self._shared = self._shared, allowance
        try:
            yield
        finally:
            self._shared = before

    def begin(self, given: object) -> None:
        """Begin a run: what it is `given` decides how much it may make."""
        self._steps = 0
        self._made = 0
        self._largest = _SMALLEST_VALUE + _VALUE_TO_GIVEN * weight(given, most=None)
        self._time = Allowance(_MAX_SECONDS)

    def step(self, written: int = 0) -> None:
        """Count a step that writes so many characters. Raises `LimitReachedError`, as all else here."""
        self._steps += 1
        self._made += written
        if self._steps > _MAX_STEPS:
            raise LimitReachedError("it takes too many steps.")
        if self._made > _ALL_TO_VALUE * self._largest:
            raise LimitReachedError("it makes too much text.")
        if self._time.is_over or (self._shared is not None and self._shared.is_over):
            raise LimitReachedError("it takes too long.")

    def taken(self, value: _Value) -> _Value:
        """Count a value that was made."""
        size = weight(value, self._largest)
        self.may_make(size)
        self.step(size)
        return value

    def listed(self, values: Iterator[Any]) -> list[Any]:
        """Make all that `values` would give, now: a chain of things that wait for each other could be of any length."""
        made: list[Any] = []
        size = 0
        for value in values:
            size += _SLOT + weight(value, self._largest)
            self.may_make(size)
            self.step(_SLOT)
            made.append(value)
        return made

    def may_make(self, size: int) -> None:
        """Allow a value of this size."""
        if size > self._largest:
            raise LimitReachedError("it makes too long a text.")

    def may_combine(self, sign: str, left: object, right: object) -> None:
        """Allow an operator."""
        if isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * right if sign == "**" else left.bit_length() + right.bit_length()
            if bits > 2 * _MAX_INTEGER_BITS:
                raise LimitReachedError("it makes too large a number.")
        elif sign == "*":
            times = right if isinstance(right, int) else left
            whole = left if isinstance(right, int) else right
            self.may_make(weight(whole, self._largest) * max(0, times if isinstance(times, int) else 0))
        elif sign == "+":
            self.may_make(weight(left, self._largest) + weight(right, self._largest))
        elif sign == "%" and isinstance(left, str):
            self.may_fill(left, (right,))

    def may_fill(self, form: str, values: Sequence[object]) -> None:
        """Allow `values` in the fields of `form`: each of them could stand in every field."""
        if _WIDE_FIELD.search(form) or _NESTED_FIELD.search(form):
            raise LimitReachedError("it makes too wide a text.")
        fields = form.count("{") + form.count("%")
        widths = sum(int(digits) for digits in _DIGITS.findall(form))
        longest = max((weight(value, self._largest) for value in values), default=0)
        self.may_make(len(form) + widths + 4 * fields * longest)

    def may_replace(self, text: str, old: str, new: str) -> None:
        """Allow `new` in place of each `old`."""
        self.may_make(len(text) + text.count(old) * max(0, len(new) - len(old)))

    def may_join(self, between: str, parts: object) -> None:
        """Allow `between` in all gaps."""
        count = len(parts) if isinstance(parts, Sized) else 0
        self.may_make(weight(parts, self._largest) + len(between) * count)


def may_be_wide(values: Sequence[object]) -> None:
    """Allow these widths."""
    if any(isinstance(value, int) and value > _MAX_WIDTH for value in values):
        raise LimitReachedError("it makes too wide a text.")


def may_be_sought(values: Sequence[object]) -> None:
    """Allow to look for these texts in another from behind, or for each of their signs."""
    if any(isinstance(value, str) and len(value) > _MAX_SOUGHT for value in values):
        raise LimitReachedError("it looks for too long a text.")


def weight(value: object, most: int | None, depth: int = 0) -> int:
    """Say about how many bytes a value is, counting what it holds as often as it is held; a little over `most` at most.

    Raises `LimitReachedError` where it is too deep, or a number too large: other code goes down into it, too.
    """
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, int):
        if value.bit_length() > _MAX_INTEGER_BITS:
            raise LimitReachedError("it makes too large a number.")
        return _SLOT
    if not isinstance(value, list | tuple | dict | set | frozenset):
        return _SLOT
    if depth > _MAX_DEPTH:
        raise LimitReachedError("it makes too deep a structure.")
    held = cast("Sequence[object] | Mapping[object, object]", value)
    total = _SLOT * len(held)
    for child in chain.from_iterable(held.items()) if isinstance(held, Mapping) else held:
        if most is not None and total > most:
            break
        total += weight(child, most, depth + 1)
    return total
