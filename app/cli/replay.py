"""`ask --replay`: a reply is written once more by its receipt, and compared. Nothing is kept."""

from __future__ import annotations

import argparse
from dataclasses import replace
from queue import SimpleQueue

from app.chat.pieces import Pieces
from app.chat.turn import TurnSettings
from app.cli.ask_output import AskOutput, JsonOutput, TextOutput
from app.cli.exit_status import FAILED, STOPPED_BY_USER
from app.cli.interrupt import first_interrupt
from app.cli.printing import print_line
from app.cli.replay_source import ReplaySource, find_replay, model_of, request_of, settings_of
from app.cli.replay_verdict import Difference, WrittenRun, first_difference
from app.conversation import FinishReason, Receipt
from app.engine.events import GenerationFinished, LoadedModel, ModelLoaded, PromptEvaluated
from app.engine.interruption import Interruption
from app.engine.worker import EngineFailed, Job, LoadCancelled, WorkerEvent
from app.parts import Parts
from app.translation import tr


def replay(parts: Parts, arguments: argparse.Namespace) -> int:
    """Repeat the reply, print it and what became of it, and give the exit status."""
    wanted = find_replay(parts, arguments.replay)
    model = model_of(parts, wanted.receipt, arguments.model)
    how = settings_of(parts, wanted, model)
    how = replace(how, load=replace(how.load, even_if_memory_is_short=arguments.load_anyway))
    output = JsonOutput(named=True) if arguments.json else TextOutput()
    output.conversation_id = wanted.conversation.id
    output.message_added(wanted.message)
    parts.engine.start()
    return Repeating(parts, wanted, output).run(how)


class Repeating:
    """Has the engine write the reply, on the main thread, and says what became of it."""

    def __init__(self, parts: Parts, wanted: ReplaySource, output: AskOutput) -> None:
        self._parts = parts
        self._wanted = wanted
        self._output = output
        self._pieces = Pieces()
        self._doubts = _Doubts(wanted.receipt)
        self._events: SimpleQueue[WorkerEvent | None] = SimpleQueue()
        """None is Ctrl-C."""

    def run(self, how: TurnSettings) -> int:
        """Repeat it. Ctrl-C ends that without a verdict."""
        interruption = Interruption()
        summary = self._parts.store.summary(self._wanted.conversation.id)
        request = request_of(self._wanted, summary, how)
        self._parts.engine.submit(Job(how.load, self._events.put, request, interruption))
        with first_interrupt(lambda: self._events.put(None)):
            while True:
                event = self._events.get()
                if event is None:
                    interruption.request()
                elif (status := self._take(event)) is not None:
                    return status

    def _take(self, event: WorkerEvent) -> int | None:
        """Print and compare what came; the exit status, if that was the last."""
        self._pieces.take(event)
        self._doubts.note(event)
        self._output.progressed(self._named(event))
        match event:
            case GenerationFinished(reason=reason):
                return self._end(reason)
            case EngineFailed():
                self._output.ended()
                return FAILED
            case LoadCancelled():
                self._output.ended()
                return STOPPED_BY_USER
            case _:
                return None

    def _named(self, event: WorkerEvent) -> WorkerEvent:
        """Let the receipt name the model as the reply's own does: it is the same file."""
        if isinstance(event, GenerationFinished) and event.receipt is not None:
            return replace(event, receipt=replace(event.receipt, model=self._wanted.receipt.model))
        return event

    def _end(self, reason: FinishReason) -> int:
        if reason is FinishReason.CANCELLED:
            self._output.ended()
            return STOPPED_BY_USER
        original, come = self._wanted.original, self._pieces
        is_only = len(self._wanted.message.generations) == 1  # what each of several thought is not kept apart
        reasoning = come.reasoning if is_only else original.reasoning
        self._say(first_difference(original, WrittenRun(come.text, reasoning, come.tokens, come.choices)))
        return 0

    def _say(self, difference: Difference | None) -> None:
        if isinstance(self._output, JsonOutput):
            first = difference.as_json() if difference else None
            self._output.more_at_end["replay"] = {
                "identical": difference is None,
                "first_difference": first,
                "doubts": self._doubts.sentences,
            }
            self._output.ended()
            return
        self._output.ended()
        print_line()
        print_line(tr("The text is identical.") if difference is None else difference.sentence())
        for doubt in self._doubts.sentences:
            print_line(doubt)


class _Doubts:
    """What makes it uncertain that a reply can be the same."""

    def __init__(self, receipt: Receipt) -> None:
        self._receipt = receipt
        self.sentences: list[str] = []

    def note(self, event: WorkerEvent) -> None:
        """Compare what the event tells with the receipt."""
        match event:
            case ModelLoaded(model=model):
                self._compare_model(model)
            case PromptEvaluated(tokens=tokens) if tokens != self._receipt.tokens_in:
                self.sentences.append(
                    tr(
                        "The prompt is not the same any more: {now} tokens, {then} then.",
                        now=tokens,
                        then=self._receipt.tokens_in,
                    )
                )
            case GenerationFinished(receipt=Receipt() as now):
                self._compare_receipt(now)
            case _:
                pass

    def _compare_model(self, model: LoadedModel) -> None:
        receipt = self._receipt
        if receipt.model.sha256 is None:
            self.sentences.append(
                tr("It is not certain that this model file wrote it: the file had not been hashed when it was written.")
            )
        if not receipt.n_batch or not receipt.kv_type:
            self.sentences.append(tr("The receipt is too old to be sure: it does not tell all that would be needed."))
        elif model.n_batch < receipt.n_batch or (model.n_ctx, model.kv_type) != (receipt.n_ctx, receipt.kv_type):
            self.sentences.append(tr("The model could not be loaded as it was then."))

    def _compare_receipt(self, now: Receipt) -> None:
        receipt = self._receipt
        if now.template_sha256 != receipt.template_sha256:
            self.sentences.append(tr("The chat template is another one now."))
        if (now.engine_build, now.device) != (receipt.engine_build, receipt.device):
            self.sentences.append(tr("Another build of the engine, or another device, wrote it then."))
        if now.adapters != receipt.adapters:
            self.sentences.append(tr("Other adapters were used then."))
