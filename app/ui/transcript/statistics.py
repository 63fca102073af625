"""What a reply took, in the words of its footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.conversation import Generation, Receipt
from app.translation import tr, trn


def statistics_of(receipt: Receipt, thinking_tokens: int = 0) -> list[str]:
    """Give the figures of a receipt, the most telling first; what was not measured is left out."""
    parts = [_tokens(receipt.tokens_out, thinking_tokens)] if receipt.tokens_out else []
    generation_s = receipt.timings.get("generation", 0.0)
    if receipt.tokens_out > 1 and generation_s > 0:
        parts.append(tr("{rate:.1f} tok/s", rate=receipt.tokens_out / generation_s))
    first_s = receipt.timings.get("first_token")
    if first_s is not None and receipt.tokens_out:
        parts.append(tr("first word after {seconds:.1f} s of reading", seconds=first_s))
    if receipt.left_out_messages:
        parts.append(trn("{count:,} message left out", "{count:,} messages left out", receipt.left_out_messages))
    if receipt.reused:
        parts.append(tr("{reused:,} of {count:,} tokens reused", reused=receipt.reused, count=receipt.tokens_in))
    return parts


def of_whole_reply(generations: Sequence[Generation]) -> Receipt | None:
    """Give the last receipt with what all generations took: a reply that was continued is one reply."""
    receipts = [generation.receipt for generation in generations if generation.receipt is not None]
    if not receipts:
        return None
    first, last = receipts[0], receipts[-1]
    timings = {**last.timings, "generation": sum(receipt.timings.get("generation", 0.0) for receipt in receipts)}
    if "first_token" in first.timings:
        timings["first_token"] = first.timings["first_token"]
    return replace(last, tokens_out=sum(receipt.tokens_out for receipt in receipts), timings=timings)


def further_details_of(receipt: Receipt) -> list[str]:
    """Give what only somebody asks for who wants the same reply again: it stands in the tooltip."""
    return [tr("seed {seed}", seed=receipt.seed), tr("on {device}", device=receipt.device)]


def _tokens(count: int, thinking: int) -> str:
    if thinking:
        return trn(
            "{count:,} token, {thinking:,} of them thinking",
            "{count:,} tokens, {thinking:,} of them thinking",
            count,
            thinking=thinking,
        )
    return trn("{count:,} token", "{count:,} tokens", count)
