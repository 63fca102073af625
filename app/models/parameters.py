"""How many parameters a model has, as the names of models say it."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ((10**9, 1, "B"), (10**6, 0, "M"))


def shown_parameters(count: int | None) -> str:
    """`4B`, `1.7B`, `135M`: never less than a million; "" for unknown."""
    if not count:
        return ""
    for unit, digits, letter in _UNITS:
        number = f"{count / unit:.{digits}f}".removesuffix(".0")
        if float(number) >= 1:
            return f"{number}{letter}"
    return "1M"
