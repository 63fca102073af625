"""`ask`: one question, its answer as it is written."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.chat.model_choice import is_another_file, model_for, settings_for
from app.chat.turn import TurnStore
from app.chat.turn_settings import turn_settings
from app.chat.unsaved import UnsavedTurns
from app.cli.answer_notices import AnswerWishes
from app.cli.ask_output import JsonOutput, TextOutput
from app.cli.asking import Asking
from app.cli.named_model import model_of_before
from app.cli.printing import print_notice
from app.cli.replay import replay
from app.cli.schema_file import grammar_from_file
from app.conversation import Conversation, ConversationOptions
from app.errors import Fault, PaddockError
from app.given_text import standard_input, whole_characters
from app.models.installed import InstalledModel
from app.models.model_files import FileState
from app.parts import Parts
from app.settings.arguments import settings_from_arguments
from app.translation import tr

LONGEST_QUESTION_MB: Final = 8
_log = logging.getLogger(__name__)


class QuestionError(PaddockError):
    """What was asked cannot be asked."""

    fault = Fault.USER


def ask(parts: Parts, arguments: argparse.Namespace) -> int:
    """Send the question, print what comes, and give the exit status."""
    if arguments.replay is not None:
        return replay(parts, arguments)
    text = _question(arguments.text)
    conversation = parts.store.conversation(arguments.conversation) if arguments.conversation else None
    wanted: str | None = arguments.model
    model = _model(parts, conversation) if wanted is None else parts.models.find(wanted)
    if model.state is FileState.CHANGED:
        print_notice(
            tr(
                "The file of {name} has changed since it was added, or is damaged. “models verify” checks it.",
                name=model.name,
            )
        )
    settings = settings_from_arguments(arguments, settings_for(model, parts.settings))
    schema: Path | None = arguments.schema
    options = conversation.options if conversation else ConversationOptions()
    states = None if arguments.no_save else parts.paths.states
    how = turn_settings(model, parts.hashes, settings, options, states, parts.models.draft_for(model))
    how = replace(
        how,
        load=replace(how.load, even_if_memory_is_short=arguments.load_anyway),
        reasoning=settings.reasoning if "reasoning.effort" in arguments else how.reasoning,
        system_prompt=how.system_prompt if arguments.system is None else arguments.system,
        grammar=None if schema is None else grammar_from_file(schema),
    )
    store: TurnStore = UnsavedTurns() if arguments.no_save else parts.store
    parts.engine.start()
    wishes = AnswerWishes(
        grammar=how.grammar, effort=settings.reasoning.effort if "reasoning.effort" in arguments else None
    )
    output = JsonOutput(wishes, named=not arguments.no_save) if arguments.json else TextOutput(wishes)
    began_at = datetime.now(UTC)
    status = Asking(parts, store, conversation, output).run(text, how)
    if not arguments.no_save:
        _remember_use(parts, model, began_at)
    return status


def _remember_use(parts: Parts, model: InstalledModel, at: datetime) -> None:
    """Keep when the model was used last, behind the answer, so that nobody waits for it."""
    try:
        parts.models.used(model.id, at)
    except PaddockError as error:  # the answer is there all the same
        _log.warning("%s (%s)", error, error.details)


def _model(parts: Parts, conversation: Conversation | None) -> InstalledModel:
    """Give the model that answers where none was named."""

    def find() -> InstalledModel:
        return model_for(parts.models, parts.hashes, parts.store, conversation)

    if conversation is None or conversation.model is None:
        return find()
    model = model_of_before(find, conversation.model)
    if is_another_file(model, parts.hashes, parts.store, conversation):
        print_notice(tr("The file of {name} is not the one that wrote here before.", name=model.name))
    return model


def _question(text: str) -> str:
    given = _standard_input() if text == "-" else text
    question = whole_characters(given)  # a terminal in another encoding leaves halves of characters behind
    if not question.strip():
        raise QuestionError("There is nothing to ask.", next_step="Write the question behind “ask”.")
    return question


def _standard_input() -> str:
    longest = LONGEST_QUESTION_MB * 1_000_000
    given = standard_input(longest)
    if len(given) > longest:
        raise QuestionError(
            "The question is more than {size} MB long; a model reads at most a few pages.",
            next_step="Ask about a part of it.",
            size=LONGEST_QUESTION_MB,
        )
    return given.decode("utf-8", "replace")
