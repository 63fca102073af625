"""Prompts as an engine makes them: what is in the memory is not read again, and the template may be the user's."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.events import PromptNote
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.memory.memory_policy import common_prefix
from app.engine.requests import LoadRequest, PromptMessage, PromptRequest
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.conftest import Run, ignore
from tests.engine.kept_stories import KINDS
from tests.engine.stories import Reply, ask, assistant, loaded_set, system, user
from tests.gguf_files import TinyModel

WILD = SamplingSettings(temperature=1.5, top_k=0, top_p=1.0, min_p=0.0, seed=3, max_tokens=24)


def told(reply: Reply) -> PromptMessage:
    """A reply as it is told in the next turn."""
    return replace(assistant(reply.text), tokens=reply.tokens)


def test_a_turn_reads_only_what_is_new(run: Run) -> None:
    """Even of wild text, which no tokenizer would part as the model wrote it, nothing is read twice."""
    engine = run(TinyModel())
    messages = [system("Be kind."), user("Hello")]
    for _ in range(4):
        reply = ask(engine, *messages, sampling=WILD)
        memory = list(loaded_set(engine).cache.tokens)
        messages += [told(reply), user("And then?")]
        following = loaded_set(engine).prompts.fit(PromptRequest(tuple(messages))).tokens
        assert common_prefix(following, memory) > len(memory) - 4  # half a character at its end is no text


def test_the_users_template_stands_in_for_the_files(tmp_path: Path) -> None:
    """What the request says is used, and the receipt names it."""
    engine = LlamaEngine(ignore)
    source = "{% for m in messages %}({{ m.role }}) {{ m.content }} {% endfor %}{% if enable_thinking %}!{% endif %}"
    request = LoadRequest(
        TinyModel().write(tmp_path / "tiny.gguf"), LoadSettings(context=256, threads=1), template=source
    )
    described = engine.load(request, ignore, Interruption())
    assert described.has_template
    assert described.reasoning_efforts == ("off", "on")
    assert engine.describe_prompt(PromptRequest((user("Hello"),))).text == "(user) Hello "
    receipt = ask(engine, user("Hello")).finished.receipt
    assert receipt is not None
    assert receipt.template_sha256 == hashlib.sha256(source.encode()).hexdigest()
    engine.close()


def test_a_prompt_is_described_as_it_would_be_read(run: Run) -> None:
    """Text, tokens, spans, what was left out and why: the same tokens that a generation reports."""
    engine = run(TinyModel(template=None))
    messages = (user("word " * 900), assistant("Yes."), user("And now?"))
    shown = engine.describe_prompt(PromptRequest(messages))
    assert shown.left_out == (0, 1)
    assert [span.message for span in shown.spans] == [2]
    assert shown.notes == (PromptNote.PLAIN_TRANSCRIPT,)
    assert shown.n_ctx == 1024
    evaluated = ask(engine, *messages).prompt
    assert evaluated.tokens == len(shown.tokens)
    assert (evaluated.left_out, evaluated.notes) == (shown.left_out, shown.notes)


def test_what_was_read_ahead_is_reused(run: Run) -> None:
    """The beginning that is sure of a draft is not read again when the message is sent."""
    engine = run(TinyModel())
    draft = "The llama looks over the fence. " * 5
    list(engine.warm(PromptRequest((user(draft + "And th"),)), Interruption()))
    warmed = len(loaded_set(engine).cache.tokens)
    prompt = ask(engine, user(draft + "And then?")).prompt
    assert prompt.reused >= warmed > len(draft) // 10


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize(
    "sent", ["What is behind the fence?", "Does it sleep?"], ids=["another reply", "another question"]
)
def test_in_a_conversation_that_was_opened_one_can_go_back(run: Run, kind: TinyModel, sent: str) -> None:
    """Its last reply is written anew, or its last question is put differently: what came before is not read again."""
    engine = run(kind)
    before = (user("The llama stands at the fence and looks. " * 4), assistant("It looks."))
    opened = (*before, user("What is behind the fence?"), assistant("A meadow, a brook. " * 27))
    list(engine.warm(PromptRequest(opened), Interruption()))
    memory = list(loaded_set(engine).cache.tokens)
    prompts = loaded_set(engine).prompts
    known = common_prefix(prompts.fit(PromptRequest((*before, user(sent)))).tokens, memory)
    assert 150 < known < len(memory) - 500
    assert ask(engine, *before, user(sent)).prompt.reused >= known - 1
