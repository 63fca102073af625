"""What somebody who asked may want to know beside the answer: on standard error, a sentence a line."""

from __future__ import annotations

from dataclasses import dataclass

from app.cli.printing import print_notice
from app.conversation import FinishReason
from app.engine.events import GenerationFinished, LoadedModel, ModelLoaded, PromptEvaluated, PromptNote
from app.engine.requests import Grammar, GrammarKind
from app.engine.worker import WorkerEvent
from app.translation import tr, trn


@dataclass(frozen=True, slots=True)
class AnswerWishes:
    """What was asked of the answer in so many words.

    `grammar` is what it must fit; `effort` how long to reason, None when nothing was said.
    """

    grammar: Grammar | None = None
    effort: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is of use only with its end, as JSON is."""
        return self.grammar is not None


def say_about(event: WorkerEvent, wishes: AnswerWishes) -> None:
    """Say what `event` means for the wishes, if it means anything."""
    match event:
        case ModelLoaded(model=model):
            say_concessions(model)
            if wishes.effort not in (None, "auto", *model.reasoning_efforts):
                print_notice(
                    tr("This model has no switch for its reasoning: “{effort}” changes nothing.", effort=wishes.effort)
                )
        case PromptEvaluated(notes=notes, left_out_messages=count):
            for note in notes:
                print_notice(note_sentence(note))
            if count:
                print_notice(_forgotten_sentence(count))
        case _:
            pass


def say_concessions(model: LoadedModel) -> None:
    """Say what is smaller than was wished."""
    for concession in model.concessions:
        print_notice(tr(concession.message, **concession.values))


def is_cut_off(end: GenerationFinished) -> bool:
    """Whether the model would have written on."""
    return end.reason is FinishReason.LENGTH


def cut_off_sentence(end: GenerationFinished, wishes: AnswerWishes) -> str:
    """Say why the reply ends where it does, and what that means for what it must fit."""
    reached = (
        tr("The reply reached the end of the context window.")
        if end.receipt is not None and end.receipt.filled_window
        else tr("The reply reached its longest length.")
    )
    if wishes.grammar is None:
        return reached
    is_json = wishes.grammar.kind is GrammarKind.JSON_SCHEMA
    lacks = tr("Its JSON is not complete.") if is_json else tr("By its grammar it may not be complete.")
    return f"{reached} {lacks}"


def _forgotten_sentence(count: int) -> str:
    return trn(
        "{count:,} message did not fit in the context window: the model did not see it.",
        "{count:,} messages did not fit in the context window: the model did not see them.",
        count,
    )


def note_sentence(note: PromptNote) -> str:
    """Say what was done to make a prompt."""
    match note:
        case PromptNote.SYSTEM_FOLDED:
            return tr("This model takes no system message: the first message of the user says what it would.")
        case PromptNote.PLAIN_TRANSCRIPT:
            return tr("This model has no chat template: the prompt is a plain transcript.")
        case PromptNote.SPECIAL_TEXT:
            return tr("A message holds the name of a control token, which may have been read as the token.")
