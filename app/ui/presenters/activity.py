"""The quiet line under a reply while it is made."""

from __future__ import annotations

from typing import Final

from app.chat.reply_progress import ReplyProgress, Stage
from app.chat.title import title_of
from app.translation import tr, trn

_PATIENCE_S: Final = 3.0
"""A shorter wait needs no words."""


def activity_words(progress: ReplyProgress, ahead: str | None) -> str:
    """Put into words what is being done for a reply; "" while there is nothing to say.

    `ahead` is the title of the conversation whose reply is written before; None where no other one is.
    """
    match progress.stage:
        case Stage.WAITING:
            return _waiting(ahead) if progress.age_s >= _PATIENCE_S else ""
        case Stage.LOADING:
            return tr("Loading the model, {percent} %", percent=round(progress.loaded * 100))
        case Stage.READING if not progress.to_read:
            return ""
        case Stage.READING:
            return tr("Reading, {done:,} of {total:,} tokens", done=progress.read, total=progress.to_read)
        case Stage.THINKING:
            return tr("Thinking") + _counted(progress)
        case Stage.WRITING:
            return tr("Writing") + _counted(progress)


def _waiting(ahead: str | None) -> str:
    if ahead is None:
        return tr("Waits until the engine is ready")
    return tr("Waits until the reply in “{title}” is written", title=title_of(ahead))


def _counted(progress: ReplyProgress) -> str:
    if not progress.tokens:
        return ""
    counted = trn(" · {count:,} token", " · {count:,} tokens", progress.tokens)
    speed = progress.tokens_per_s
    return counted if speed is None else counted + tr(" · {speed:,.0f} tok/s", speed=speed)
