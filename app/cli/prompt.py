"""`prompt`: the exact prompt that a model would be given."""

from __future__ import annotations

import argparse

from app.cli.answer_notices import note_sentence, say_concessions
from app.cli.messages_file import read_messages
from app.cli.printing import print_json, print_line, print_table, print_text
from app.engine.events import ModelLoaded, PromptDescription
from app.engine.requests import LoadRequest, PromptMessage, PromptRequest
from app.engine.worker import Inspection, WorkerEvent
from app.parts import ModelParts
from app.settings.arguments import settings_from_arguments
from app.translation import tr, trn
from app.workshop.engine_jobs import EngineJobs


def prompt(parts: ModelParts, arguments: argparse.Namespace) -> int:
    """Print the prompt of the messages in a file, and give the exit status."""
    messages = read_messages(arguments.messages)
    settings = settings_from_arguments(arguments, parts.settings.settings)
    model = parts.models.find(arguments.model)
    load = LoadRequest(
        model.loadable_path(),
        settings.load,
        template=model.template_source,
        even_if_memory_is_short=arguments.load_anyway,
    )
    longest = settings.sampling.max_tokens
    shown = _described(parts, load, PromptRequest(messages, reasoning=settings.reasoning, max_tokens=longest))
    if arguments.json:
        print_json(
            {
                "text": shown.text,
                "tokens": shown.tokens,
                "spans": [{"message": span.message, "start": span.start, "end": span.end} for span in shown.spans],
                "left_out": shown.left_out,
                "notes": shown.notes,
            }
        )
    else:
        _print(shown, messages)
    return 0


def _described(parts: ModelParts, load: LoadRequest, request: PromptRequest) -> PromptDescription:
    """Have the engine process make the prompt."""
    parts.engine.start()
    return EngineJobs(parts.engine, load).last_event(Inspection(request), PromptDescription, _say)


def _say(event: WorkerEvent, _at_s: float) -> None:
    if isinstance(event, ModelLoaded):
        say_concessions(event.model)


def _print(shown: PromptDescription, messages: tuple[PromptMessage, ...]) -> None:
    print_text(shown.text if shown.text.endswith("\n") else shown.text + "\n")
    print_line()
    counts = {span.message: span.end - span.start for span in shown.spans}
    print_table(
        [
            [str(index), message.role.value, _what_became(index, counts, shown.left_out)]
            for index, message in enumerate(messages)
        ]
    )
    print_line(
        tr(
            "{tokens} tokens in all; the context window holds {n_ctx}, of which {reserve} are kept for the reply.",
            tokens=f"{len(shown.tokens):,}",
            n_ctx=f"{shown.n_ctx:,}",
            reserve=f"{shown.reserve:,}",
        )
    )
    for note in shown.notes:
        print_line(note_sentence(note))


def _what_became(index: int, counts: dict[int, int], left_out: tuple[int, ...]) -> str:
    if index in left_out:
        return tr("left out")
    count = counts.get(index)
    return tr("in the prompt") if count is None else trn("{count} token", "{count} tokens", count)
