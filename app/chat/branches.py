"""What a branch takes over from the reply it leaves."""

from __future__ import annotations

from dataclasses import replace

from app.conversation import Message, TokenChoice


def choices_before(reply: Message, token_index: int, alternative: int) -> tuple[TokenChoice, ...]:
    """Give the choices of the tokens that stay and of the alternative; none where not all of them are known.

    The index counts the tokens of all the reply's generations.
    """
    if any(len(part.choices) != len(part.token_ids) for part in reply.generations):
        return ()
    choices = [choice for part in reply.generations for choice in part.choices]
    if not 0 <= token_index < len(choices):
        return ()
    replaced = choices[token_index]
    for other in replaced.alternatives:
        if other.token == alternative:
            chosen = replace(replaced, token=other.token, text=other.text, probability=other.probability)
            return (*choices[:token_index], chosen)
    return ()
