"""How an answer is printed while it is written: as text, or as one JSON object a line."""

from __future__ import annotations

import dataclasses
import sys
import time
from typing import Final, Protocol, cast

import msgspec

from app.cli.answer_notices import AnswerWishes, cut_off_sentence, is_cut_off, say_about
from app.cli.printing import Json, print_error, print_json, print_line, print_notice, print_text
from app.conversation import FinishReason, Message, Receipt, Role
from app.engine.events import (
    GenerationFinished,
    LoadProgress,
    ModelLoaded,
    PieceGenerated,
    PromptEvaluated,
    ReasoningGenerated,
)
from app.engine.worker import EngineFailed, LoadCancelled, WorkerEvent
from app.errors import PaddockError
from app.translation import tr

_DIM: Final = "\x1b[2m"
_PLAIN: Final = "\x1b[0m"
_CLEAR_LINE: Final = "\x1b[2K"


class AskOutput(Protocol):
    """Prints one answer."""

    conversation_id: str | None

    def message_added(self, message: Message) -> None:
        """A message of the turn exists."""
        ...

    def progressed(self, event: WorkerEvent) -> None:
        """The engine reports."""
        ...

    def ended(self) -> bool:
        """The answer is safe on the disk, or was to be kept nowhere. False when it is of no use as it is."""
        ...

    def waits(self, sentence: str) -> None:
        """Something is waited for behind the last word."""
        ...

    def failed(self, error: PaddockError) -> None:
        """The answer could not be kept."""
        ...


class TextOutput:
    """The words as they come; how the load goes on standard error, where somebody looks at it."""

    def __init__(self, wishes: AnswerWishes | None = None) -> None:
        """Print to the process's own streams."""
        self.conversation_id: str | None = None
        self._wishes = wishes or AnswerWishes()
        self._cut_off: GenerationFinished | None = None
        self._says_progress = sys.stderr.isatty()
        self._sign = ""
        self._ends_with_newline = True
        self._error: PaddockError | None = None

    def message_added(self, message: Message) -> None:
        """Print nothing: the question stands in the terminal already."""

    def progressed(self, event: WorkerEvent) -> None:
        """Print a piece, or note a failure for the end."""
        say_about(event, self._wishes)
        match event:
            case LoadProgress(fraction=fraction) if self._says_progress:
                percent = round(fraction * 100)
                self._show(tr("Loading the model, {percent} %", percent=percent) if fraction < 1 else "")
            case ReasoningGenerated() if self._says_progress:
                self._show(f"{_DIM}{tr('Reasoning…')}{_PLAIN}")
            case PieceGenerated(text=text) if text:
                self._show("")
                print_text(text)
                self._ends_with_newline = text.endswith("\n")
            case EngineFailed(error=error):
                self._error = error
            case GenerationFinished() if is_cut_off(event):
                self._cut_off = event
            case _:
                pass

    def _show(self, sign: str) -> None:
        """Have `sign` stand in the line that tells what is going on, in place of what stood there."""
        if sign != self._sign:
            sys.stderr.write((f"\r{_CLEAR_LINE}" if self._sign else "") + sign)
            sys.stderr.flush()
            self._sign = sign

    def ended(self) -> bool:
        """End the line, and say what went wrong if something did."""
        self._end_line()
        if self._error is not None:
            print_error(self._error)
        if self._cut_off is not None:
            print_notice(cut_off_sentence(self._cut_off, self._wishes))
        return self._cut_off is None or not self._wishes.whole

    def waits(self, sentence: str) -> None:
        """Say it below the answer."""
        self._end_line()
        print_notice(sentence)

    def failed(self, error: PaddockError) -> None:
        """Say it on standard error."""
        self._end_line()
        print_error(error)

    def _end_line(self) -> None:
        self._show("")
        if not self._ends_with_newline:
            print_line()
            self._ends_with_newline = True


class JsonOutput:
    """The event stream of the stable surface. Nothing is printed before the prompt has been read."""

    def __init__(self, wishes: AnswerWishes | None = None, *, named: bool) -> None:
        """`named` tells whether the ids mean something, that is, whether the turn is kept."""
        self.conversation_id: str | None = None
        self._wishes = wishes or AnswerWishes()
        self._named = named
        self._message_id: str | None = None
        self._waiting: list[Json] = []
        self._prompt_printed = False
        self._end: GenerationFinished | EngineFailed | LoadCancelled | None = None
        self._speed = _Speed()
        self.more_at_end: dict[str, Json] = {}
        """What else the last line tells of a generation that came to its end."""

    def message_added(self, message: Message) -> None:
        """Note the reply's id."""
        if message.role is Role.ASSISTANT:
            self._message_id = message.id

    def progressed(self, event: WorkerEvent) -> None:
        """Print what may be printed now."""
        say_about(event, self._wishes)
        match event:
            case LoadProgress(fraction=fraction):
                # Held back: a load that fails must leave standard output empty.
                self._waiting.append({"event": "loading", "fraction": round(fraction, 3)})
            case PromptEvaluated():
                self._print_prompt(event)
            case PieceGenerated(text=text, tokens=tokens) | ReasoningGenerated(text=text, tokens=tokens):
                self._speed.piece_came(len(tokens))
                if text:
                    kind = "piece" if isinstance(event, PieceGenerated) else "reasoning"
                    print_json({"event": kind, "text": text})
            case ModelLoaded():
                self._speed.generation_begins()
            case GenerationFinished() | EngineFailed() | LoadCancelled():
                self._end = event
            case _:
                pass

    def _print_prompt(self, event: PromptEvaluated) -> None:
        for line in self._waiting:
            print_json(line)
        self._prompt_printed = True
        print_json(
            {
                "event": "prompt",
                "tokens": event.tokens,
                "reused": event.reused,
                "evaluated": event.evaluated,
                "left_out_messages": event.left_out_messages,
                "notes": event.notes,
            }
        )

    def ended(self) -> bool:
        """Print how it ended, if it had begun."""
        if isinstance(self._end, EngineFailed):
            print_error(self._end.error)
        if not self._prompt_printed:
            return True
        match self._end:
            case GenerationFinished() as end:
                self._print_finished(end, **self.more_at_end)
                if self._wishes.whole and is_cut_off(end):
                    print_notice(cut_off_sentence(end, self._wishes))
                    return False
            case EngineFailed(error=error):
                self._print_finished(self._speed.cut_off(), message_text=str(error))
            case _:
                pass
        return True

    def waits(self, sentence: str) -> None:
        """Say it on standard error."""
        print_notice(sentence)

    def failed(self, error: PaddockError) -> None:
        """Say it on standard error, and as the stream's end if it had begun."""
        print_error(error)
        if self._prompt_printed:
            self._print_finished(self._speed.cut_off(), message_text=str(error))

    def _print_finished(self, end: GenerationFinished, **more: Json) -> None:
        print_json(
            {
                "event": "finished",
                "reason": end.reason.value,
                "conversation": self.conversation_id if self._named else None,
                "message": self._message_id if self._named else None,
                "tokens": end.tokens,
                "tokens_per_s": end.tokens_per_s,
                "time_to_first_token_s": end.time_to_first_token_s,
                "receipt": receipt_json(end.receipt),
                **more,
            }
        )


class _Speed:
    """How fast pieces come, seen from here: the engine tells it at the end, but one that dies tells nothing."""

    def __init__(self) -> None:
        self._tokens = 0
        self._first_tokens = 0
        self._first_s = 0.0
        self._last_s = 0.0
        self._began_s = time.monotonic()

    def generation_begins(self) -> None:
        self._began_s = time.monotonic()

    def piece_came(self, tokens: int) -> None:
        self._last_s = time.monotonic()
        if not self._tokens:
            self._first_tokens, self._first_s = tokens, self._last_s
        self._tokens += tokens

    def cut_off(self) -> GenerationFinished:
        """Give the end of a generation that came without one; rates need two tokens, as everywhere."""
        rest, spent_s = self._tokens - self._first_tokens, self._last_s - self._first_s
        return GenerationFinished(
            FinishReason.ERROR,
            self._tokens,
            None,
            tokens_per_s=rest / spent_s if rest and spent_s > 0 else None,
            time_to_first_token_s=self._first_s - self._began_s if self._tokens > 1 else None,
        )


def receipt_json(receipt: Receipt | None) -> Json:
    """Give a receipt as the stable surface prints it."""
    return None if receipt is None else cast("Json", msgspec.to_builtins(dataclasses.asdict(receipt)))
