"""The chat template that the user chose fails: it is said to be theirs, and not the model file's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest

from app.engine.engine import ChatTemplateError, ChosenTemplateError, EngineError, ModelFileError
from app.engine.llama.chat_template import ChatTemplate, left_out_error
from app.engine.requests import LoadRequest
from app.engine.worker import EngineFailed, EngineWorker, Job, WorkerEvent
from app.errors import Fault
from app.settings.values import LoadSettings
from tests.fakes import FakeEngine

OWN = LoadRequest(Path("/models/tiny.gguf"), LoadSettings())
CHOSEN = replace(OWN, template="{% for %}")


def failure(source: str) -> ChatTemplateError:
    """What the engine says of a template."""
    with pytest.raises(ChatTemplateError) as caught:
        ChatTemplate(source)
    return caught.value


def told(load: LoadRequest, error: EngineError) -> EngineError:
    """What the worker says when a load ends so."""
    engine = FakeEngine()
    engine.will_fail_to_load(error)
    worker = EngineWorker(engine)
    events: SimpleQueue[WorkerEvent] = SimpleQueue()
    worker.submit(Job(load, events.put))
    worker.start()
    while not isinstance(event := events.get(timeout=20), EngineFailed):
        pass
    worker.close()
    return event.error


@pytest.mark.parametrize("source", ["{% for %}", "x" * 300_000])
def test_a_chosen_template_that_fails_is_named_as_such(source: str) -> None:
    """The reason is kept, and the next step is about the template."""
    error = told(CHOSEN, failure(source))
    assert isinstance(error, ChosenTemplateError)
    assert error.fault is Fault.USER
    assert str(error).startswith("The chat template that you chose cannot be used")
    assert str(error).endswith("or use its file's own.")
    assert str(failure(source).values.get("reason", "")) in str(error)


def test_a_chosen_template_that_leaves_out_the_question_is_named_as_such() -> None:
    """It can be loaded, and fails at the first message."""
    error = str(told(CHOSEN, left_out_error()))
    assert error.startswith("The chat template that you chose cannot be used: “it leaves out your message”. Choose")


def test_any_other_error_stays_what_it_is() -> None:
    """The file's own template is the file's fault; and so is a damaged file, whatever template it is used with."""
    own, damaged = failure("{% for %}"), ModelFileError("It is damaged.")
    assert told(OWN, own) is own
    assert told(CHOSEN, damaged) is damaged
