"""Names of files that are too long for their place."""

from __future__ import annotations


def short_name(name: str, longest: int) -> str:
    """Give `name` in at most `longest` letters: a file's name keeps its beginning and its end."""
    half = (longest - 1) // 2
    return name if len(name) <= longest else f"{name[:half]}…{name[-half:]}"
