"""What a reply took, in the words of its footer."""

from __future__ import annotations

from app.conversation import Receipt
from app.translation import tr, trn


def statistics_of(receipt: Receipt) -> list[str]:
    """Give the figures of a receipt, the most telling first; what was not measured is left out."""
    parts = [trn("{count:,} token", "{count:,} tokens", receipt.tokens_out)]
    generation_s = receipt.timings.get("generation", 0.0)
    if receipt.tokens_out > 1 and generation_s > 0:
        parts.append(tr("{rate:.1f} tok/s", rate=receipt.tokens_out / generation_s))
    first_s = receipt.timings.get("first_token")
    if first_s is not None:
        parts.append(tr("first word after {seconds:.1f} s", seconds=first_s))
    if receipt.reused:
        parts.append(tr("{count:,} reused", count=receipt.reused))
    return parts
