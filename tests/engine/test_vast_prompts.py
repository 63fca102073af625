"""Somebody pastes a book: what cannot fit is told at once, and nothing stands still meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from app.conversation import FinishReason
from app.engine.engine import PromptTooLongError
from app.engine.events import PromptEvaluated
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.long_calls import announce_long_calls
from app.engine.llama.prompting.prompt import PromptFormat
from app.engine.llama.prompting.prompts import Prompts
from app.engine.requests import PromptMessage, PromptRequest
from tests.engine.conftest import Run
from tests.engine.stories import ask, assistant, system, user
from tests.engine.test_prompt import CHATML
from tests.engine.vocabularies import vocabulary
from tests.gguf_files import TinyModel

N_CTX, TRAINED = 4096, 32_768
BOOK = "The llama looks over the fence and wonders what is there. " * 95_000
WORD = "qzxj" * 250_000
SHORT = tuple(message for number in range(50_000) for message in (user(f"Hello {number}"), assistant("Hi")))


def made(name: str = "qwen2", trained: int = TRAINED) -> Prompts:
    """The prompts of a model that has not read anything yet."""
    return Prompts(PromptFormat(vocabulary(name), CHATML), N_CTX, trained)


@pytest.mark.parametrize("name", ["qwen2", "llama-spm"])
@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ((user(BOOK),), r"Your message is at least 32,769 tokens long; .* holds 4,096\. Shorten it: this model"),
        ((user(WORD),), r"Your message is at least 32,769 tokens long"),
        ((system(BOOK), user("So?")), r"The system prompt, .* are at least 32,77\d tokens long together"),
    ],
    ids=["book", "word", "system"],
)
def test_what_can_never_fit_is_told_at_once(name: str, messages: tuple[PromptMessage, ...], sentence: str) -> None:
    """Nobody counts a book to its end to know that it is too long; nor is it read ahead."""
    prompts = made(name)
    for read in (prompts.describe, prompts.sure_beginning):
        began_s = time.thread_time()
        with pytest.raises(PromptTooLongError, match=sentence):
            read(PromptRequest(messages))
        assert time.thread_time() - began_s < 2


def test_a_reply_that_became_a_book_cannot_go_on() -> None:
    """It is told as what it is; the next question can be asked all the same."""
    with pytest.raises(PromptTooLongError, match="The unfinished reply and its question are at least 32,7"):
        made().fit(PromptRequest((user("Go on."), assistant(BOOK))))
    assert made().fit(PromptRequest((user("Go on."), assistant(BOOK), user("So?")))).left_out == (0, 1)


def test_a_book_in_the_past_falls_out() -> None:
    """The conversation goes on without it."""
    fitted = made().fit(PromptRequest((system("Be kind."), user(BOOK), assistant("Ah."), user("So?"))))
    assert fitted.left_out == (1, 2)
    assert [span.message for span in fitted.spans] == [0, 3]


def test_a_conversation_of_years_is_fitted() -> None:
    """Of 100,000 messages those that fit are there, the last ones; and the same for some turns in a row."""
    prompts = made()
    began_s = time.thread_time()
    fitted = prompts.fit(PromptRequest((*SHORT, user("So?"))))
    assert time.thread_time() - began_s < 10
    assert N_CTX // 3 < len(fitted.tokens) < N_CTX
    kept = len(SHORT) + 1 - len(fitted.left_out)
    assert fitted.left_out == tuple(range(len(fitted.left_out)))
    assert [span.message for span in fitted.spans] == list(range(len(SHORT) + 1))[-kept:]
    later = prompts.fit(PromptRequest((*SHORT, user("So?"), assistant("Hi"), user("And?"))))
    assert later.left_out == fitted.left_out


def test_reading_a_book_counts_as_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of a text is a step of the pulse."""
    for name in ("llama_decode", "llama_encode", "llama_synchronize", "llama_tokenize"):
        monkeypatch.setattr(api, name, getattr(api, name))  # what they are is put back
    steps: list[str] = []

    def announced(function: Callable[..., Any], what: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:  # noqa: ANN401 - a function of C
            steps.append(what)
            return function(*arguments)

        return call

    announce_long_calls(announced)
    made().fit(PromptRequest((user(BOOK[:15_000]),)))
    assert set(steps) == {"prompt"}
    few = len(steps)
    with pytest.raises(PromptTooLongError):
        made().fit(PromptRequest((user(BOOK[:200_000]),)))
    assert len(steps) - few > 10


def test_stop_works_while_a_text_is_made_into_tokens(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply is cancelled, and reading ahead ends, after the part that is at work."""
    engine = run(TinyModel())
    interruptions: list[Interruption] = []
    calls: list[int] = []

    def tokenize(*arguments: Any, function: Callable[..., Any] = api.llama_tokenize) -> Any:  # noqa: ANN401 - a function of C
        calls.append(1)
        interruptions[-1].request()
        return function(*arguments)

    monkeypatch.setattr(api, "llama_tokenize", tokenize)
    interruptions.append(Interruption())
    stopped = ask(engine, user(BOOK[:200_000]), interruption=interruptions[-1])
    assert stopped.finished.reason is FinishReason.CANCELLED
    assert len(calls) < 5
    interruptions.append(Interruption())
    events = list(engine.warm(PromptRequest((user(BOOK[1000:200_000]),)), interruptions[-1]))
    assert not any(isinstance(event, PromptEvaluated) for event in events)
    assert len(calls) < 10
    with pytest.raises(PromptTooLongError):
        engine.describe_prompt(PromptRequest((user(BOOK[:200_000]),)))
