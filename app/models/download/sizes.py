"""Sizes as people read them."""

from __future__ import annotations

from typing import Final

_STEP: Final = 1000
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def told_apart(one_bytes: int, other_bytes: int) -> tuple[str, str]:
    """Give two sizes so that they read as two: by the byte where they are close."""
    one, other = shown_size(one_bytes), shown_size(other_bytes)
    return (f"{one_bytes:,} B", f"{other_bytes:,} B") if one == other else (one, other)


def shown_size(size_bytes: float) -> str:
    """`4.1 GB`, as disks and download pages count: a thousand to a step."""
    unit = 0
    while size_bytes >= _STEP and unit < len(_UNITS) - 1:
        size_bytes /= _STEP
        unit += 1
    digits = 1 if unit > _UNITS.index("MB") else 0
    return f"{size_bytes:.{digits}f} {_UNITS[unit]}"
