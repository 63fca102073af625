"""What stands below the words of a reply: what is being done for it, how it ended, what it took."""

from __future__ import annotations

from app.conversation import Message, MessageStatus, Receipt
from app.translation import tr
from app.ui.transcript.statistics import of_whole_reply
from app.ui.transcript.strips import Activity, Footer, Notice, Strip, TroubleStrip


def ending_of(
    message: Message, *, activity: str, is_newest: bool, is_stuck: bool, has_answer: bool, has_thoughts: bool
) -> list[Strip]:
    """Give the last strips of a reply.

    Only the newest can go on, as what was answered since stands on the others; and one that `is_stuck` never can.
    """
    if message.status is MessageStatus.STREAMING:
        return [Activity(activity)]
    thinking = sum(generation.reasoning_tokens for generation in message.generations)
    footer = Footer(message.id, of_whole_reply(message.generations), is_newest, thinking, message.pinned)
    has_words = bool(message.text.strip())
    if message.trouble is not None:
        card = TroubleStrip(message.id, message.trouble, has_words, is_newest and not is_stuck)
        return [card, footer] if has_words else [card]
    sentence = _why_it_ended(message, has_answer=has_answer, has_thoughts=has_thoughts)
    if is_stuck and sentence and _filled_the_window(message.receipt):
        sentence = f"{sentence} {tr('A new conversation has room again.')}"
    was_cut_off = message.status is not MessageStatus.COMPLETE or _reached_limit(message.receipt)
    can_go_on = is_newest and was_cut_off and not is_stuck
    return [Notice(message.id, sentence, can_go_on), footer] if sentence else [footer]


def fills_window_alone(message: Message, before: int) -> bool:
    """Whether the last reading of a reply filled the context window with none left of the messages `before` its turn.

    Nothing more can fall out then, so that nothing can be added.
    """
    receipts = [generation.receipt for generation in message.generations if generation.receipt is not None]
    return bool(receipts) and receipts[-1].filled_window and receipts[-1].left_out_messages >= before


def _why_it_ended(message: Message, *, has_answer: bool, has_thoughts: bool) -> str:
    """Why a reply is not finished, though nothing went wrong; "" when it is."""
    if has_answer:
        return _why_after_words(message)
    return _why_while_thinking(message) if has_thoughts else _why_before_words(message)


def _why_after_words(message: Message) -> str:
    if message.status is MessageStatus.INTERRUPTED:
        return tr("Interrupted when Paddock closed. The words above are saved.")
    if message.status is MessageStatus.CANCELLED:
        return tr("Stopped. The words above are saved.")
    if _filled_the_window(message.receipt):
        return tr("The context window is full, so this reply ends here.")
    return tr("This reply has reached its longest length.") if _reached_limit(message.receipt) else ""


def _why_while_thinking(message: Message) -> str:
    if message.status is MessageStatus.INTERRUPTED:
        return tr("Interrupted when Paddock closed, while the model was still thinking.")
    if message.status is MessageStatus.CANCELLED:
        return tr("Stopped while the model was still thinking.")
    if _filled_the_window(message.receipt):
        return tr("The context window was full before the model had thought to its end.")
    if _reached_limit(message.receipt):
        return tr("The model was still thinking when the reply reached its longest length.")
    return tr("The model thought, and ended without an answer.")


def _why_before_words(message: Message) -> str:
    if message.status is MessageStatus.INTERRUPTED:
        return tr("Interrupted when Paddock closed, before the first word.")
    if message.status is MessageStatus.CANCELLED:
        return tr("Stopped before the first word.")
    return _why_after_words(message)


def _reached_limit(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.reached_limit


def _filled_the_window(receipt: Receipt | None) -> bool:
    return receipt is not None and receipt.filled_window
