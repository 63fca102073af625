"""What a conversation is called before somebody gives it a name."""

from __future__ import annotations

from typing import Final

LONGEST_TITLE: Final = 48


def title_of(first_message: str) -> str:
    """Make a title of the first line of the user's first message, cut between words."""
    line = next((line for line in first_message.splitlines() if line.strip()), "")
    words = line.split()
    title = " ".join(words)
    if len(title) <= LONGEST_TITLE:
        return title
    cut = title[: LONGEST_TITLE - 1]
    between_words = cut.rfind(" ")
    return (cut[:between_words] if between_words > LONGEST_TITLE // 2 else cut).rstrip(" ,.;:") + "…"
