"""Replies of tiny models, run in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conversation import FinishReason
from app.engine.engine import ChatTemplateError, EngineError, InterruptedLoadError, ModelFileError, PromptTooLongError
from app.engine.events import (
    GenerationEvent,
    GenerationFinished,
    LoadProgress,
    PieceGenerated,
    PromptEvaluated,
    PromptProgress,
)
from app.engine.interruption import Interruption
from app.engine.llama.abort import AbortSwitch
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.loading.loaded_set import LoadedSet
from app.engine.llama.prompting.tokens import TextDecoder
from app.engine.llama.sampling.sampler import Sampler, used_settings
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.conftest import Run, ignore, load
from tests.engine.stories import GREEDY, Reply, ask, assistant, loaded_set, system, user
from tests.gguf_files import LONG_PIECES, SPECIAL, TEMPLATE, TinyModel, byte_tokens, vocabulary

WARM = SamplingSettings(temperature=1.5, max_tokens=32, seed=3)


@pytest.fixture
def engine(run: Run) -> LlamaEngine:
    """A tiny dense model, loaded."""
    return run(TinyModel())


def test_the_events_come_in_their_order(engine: LlamaEngine) -> None:
    """Progress, one report of the prompt, pieces, one end; the numbers agree with each other."""
    reply = ask(engine, user("word " * 60))
    kinds = [type(event).__name__ for event in reply.events]
    order = [PromptProgress, PromptEvaluated, PieceGenerated, type(reply.finished)]
    assert kinds == sorted(kinds, key=[kind.__name__ for kind in order].index)
    steps = [event.done for event in reply.events if isinstance(event, PromptProgress)]
    assert steps == sorted(steps)
    assert steps[-1] == reply.prompt.tokens
    assert reply.finished.tokens == len(reply.tokens) == GREEDY.max_tokens
    assert reply.finished.reason is FinishReason.LENGTH


def test_the_receipt_tells_all_that_is_needed_to_write_it_again(engine: LlamaEngine) -> None:
    """Settings, seed, build, counts and times are on it; a seed that was drawn is told, and gives the same words."""
    unsown = SamplingSettings(temperature=1.5, max_tokens=32)
    first = ask(engine, user("Tell."), sampling=unsown)
    receipt = first.finished.receipt
    assert receipt is not None
    assert receipt.sampling == used_settings(unsown)
    assert receipt.sampling["max_tokens"] == 32
    assert "llama-cpp-python 0.3.36, llama.cpp " in receipt.engine_build
    assert (receipt.model.name, receipt.device, receipt.n_ctx, receipt.threads) == ("Tiny", "CPU", 1024, 1)
    assert (receipt.tokens_in, receipt.tokens_out) == (first.prompt.tokens, first.finished.tokens)
    assert receipt.template_sha256 is not None
    assert receipt.timings.keys() == {"prompt", "generation", "first_token"}
    again = ask(engine, user("Tell."), sampling=SamplingSettings(temperature=1.5, max_tokens=32, seed=receipt.seed))
    assert again.tokens == first.tokens
    assert ask(engine, user("Tell."), sampling=unsown).tokens != first.tokens


def test_the_same_seed_gives_the_same_words(engine: LlamaEngine) -> None:
    """Twice the same, and with another seed something else."""
    first = ask(engine, user("Tell."), sampling=WARM)
    assert ask(engine, user("Tell."), sampling=WARM).tokens == first.tokens
    other = SamplingSettings(temperature=1.5, max_tokens=32, seed=4)
    assert ask(engine, user("Tell."), sampling=other).tokens != first.tokens


def test_sampling_settings_do_what_they_say(engine: LlamaEngine) -> None:
    """Top-k 1 and a tiny top-p are greedy at any temperature; a penalty changes what a repeating model writes."""
    greedy = SamplingSettings(temperature=0.0, max_tokens=24, seed=1, repeat_penalty=1.0)
    plain = ask(engine, user("Tell."), sampling=greedy).tokens
    warm = replace(greedy, temperature=2.0)
    for narrow in (replace(warm, top_k=1), replace(warm, top_p=1e-6), replace(warm, min_p=1.0)):
        assert ask(engine, user("Tell."), sampling=narrow).tokens == plain
    wide = replace(warm, top_k=0, top_p=1.0, min_p=0.0)
    assert ask(engine, user("Tell."), sampling=wide).tokens != plain
    harsh = replace(greedy, repeat_penalty=2.0, repeat_last_n=4096)
    assert len(set(ask(engine, user("Tell."), sampling=harsh).tokens)) > len(set(plain))


def test_penalties_know_the_prompt(engine: LlamaEngine) -> None:
    """What stands at the end of the prompt counts as just used."""
    penalised = SamplingSettings(temperature=0.0, repeat_penalty=2.0, repeat_last_n=8)
    ask(engine, user("Tell."), sampling=SamplingSettings(temperature=0.0, max_tokens=1))
    context, words = loaded_set(engine).context, loaded_set(engine).vocabulary
    with closing(Sampler(penalised, 1, words, 512)) as forgetful, closing(Sampler(penalised, 1, words, 512)) as primed:
        likeliest = forgetful.sample(context)
        primed.prime([likeliest])
        assert primed.sample(context) != likeliest


def test_pieces_of_any_length_survive(engine: LlamaEngine) -> None:
    """Tokens of 33 to 512 bytes, which others lose, are text like any other."""
    words = loaded_set(engine).vocabulary
    for piece in LONG_PIECES:
        token = vocabulary().index(piece)
        assert words.piece(token) == piece.encode()
    assert b"".join(words.piece(t) for t in byte_tokens("a🦙b")) == "a🦙b".encode()


@given(st.text(max_size=200))
def test_text_is_the_same_after_tokens_and_back(tiny_words: LoadedSet, text: str) -> None:
    """Whatever somebody writes comes back from its tokens, byte for byte."""
    words = tiny_words.vocabulary
    tokens = words.tokens(text, add_special=False, parse_special=False)
    assert b"".join(words.piece(token) for token in tokens).decode() == text


@pytest.fixture(scope="module")
def tiny_words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedSet]:
    """A tiny model for many examples."""
    engine = LlamaEngine(ignore)
    load(engine, TinyModel().write(tmp_path_factory.mktemp("words") / "words.gguf"))
    yield loaded_set(engine)
    engine.close()


def test_names_of_control_tokens_are_read_as_these_in_a_template_only(tiny_words: LoadedSet) -> None:
    """The template's markers are tokens, and the beginning of text is there once."""
    tokens = tiny_words.prompts.fit(PromptRequest((user("Hi"),))).tokens
    assert tokens[:2] == (SPECIAL.index("<s>"), SPECIAL.index("<|user|>"))
    assert tokens.count(SPECIAL.index("<s>")) == 1
    assert tokens[-1] == SPECIAL.index("<|assistant|>")


def test_a_template_that_forgets_the_beginning_gets_it(run: Run) -> None:
    """The tokenizer's rule puts the beginning-of-text token there when the template does not."""
    engine = run(TinyModel(template=TEMPLATE.replace("{{ bos_token }}", "")))
    tokens = loaded_set(engine).prompts.fit(PromptRequest((user("Hi"),))).tokens
    assert tokens[:2] == (SPECIAL.index("<s>"), SPECIAL.index("<|user|>"))


def test_a_character_split_over_tokens_arrives_whole() -> None:
    """The bytes of an emoji come one by one, and the emoji comes once."""
    decoder = TextDecoder()
    assert [decoder.feed(bytes([byte])) for byte in "a🦙".encode()] == ["a", "", "", "", "🦙"]
    assert decoder.feed(b"\xf0\x9f") == ""
    assert decoder.flush() == "\ufffd"


def test_no_piece_holds_half_a_character(engine: LlamaEngine) -> None:
    """Pieces are text even when tokens are bytes; those held back come with the one that completes them."""
    reply = ask(engine, user("Tell."), sampling=SamplingSettings(temperature=2.0, max_tokens=200, seed=5, top_k=0))
    words = loaded_set(engine).vocabulary
    written = b"".join(words.piece(token) for token in reply.tokens)
    assert written.decode("utf-8", errors="replace").startswith(reply.text)
    assert len(reply.tokens) == 200


def test_a_stop_string_ends_the_reply_and_is_not_part_of_it(engine: LlamaEngine) -> None:
    """Also when it lies across several tokens."""
    whole = ask(engine, user("Tell."), sampling=WARM)
    stop = whole.text[5:8]
    reply = ask(engine, user("Tell."), sampling=WARM, stop=(stop,))
    assert reply.finished.reason is FinishReason.STOP
    assert reply.text == whole.text[: whole.text.index(stop)]
    assert reply.finished.tokens == len(reply.tokens)


def test_a_model_without_a_template_writes_a_transcript(run: Run) -> None:
    """It is told that there is none, and the user's next turn is a stop string."""
    engine = run(TinyModel(template=None))
    described = loaded_set(engine).described
    assert not described.has_template
    assert loaded_set(engine).prompts.stops == ("\nUser:",)
    assert ask(engine, system("Be kind."), user("Hello")).finished.tokens == GREEDY.max_tokens


def test_a_reply_goes_on_where_it_was_stopped(engine: LlamaEngine) -> None:
    """Continuing reads the reply's own words as its beginning, and reuses what was read of the prompt."""
    first = ask(engine, user("Tell me a story."))
    going_on = ask(engine, user("Tell me a story."), assistant("Once upon"))
    assert going_on.prompt.reused == first.prompt.tokens
    assert going_on.prompt.evaluated == len("Once upon")


def test_what_does_not_fit_is_left_out_and_told(engine: LlamaEngine) -> None:
    """The oldest turns fall out; the report says how many messages."""
    old = [user("old " * 60), assistant("older " * 40)] * 4
    reply = ask(engine, *old, user("New?"))
    assert reply.prompt.left_out_messages >= 2
    assert reply.prompt.left_out_messages % 2 == 0
    receipt = reply.finished.receipt
    assert receipt is not None
    assert receipt.left_out_messages == reply.prompt.left_out_messages


def test_a_message_longer_than_the_window_is_an_error_and_no_harm(engine: LlamaEngine) -> None:
    """The engine is usable after it."""
    with pytest.raises(PromptTooLongError, match="the context window holds 1,024"):
        ask(engine, user("much " * 400))
    assert ask(engine, user("Little.")).finished.tokens == GREEDY.max_tokens


def test_interrupting_between_two_pieces(engine: LlamaEngine) -> None:
    """The words so far stay, the end says cancelled, and the next reply is that of a fresh engine."""
    interruption = Interruption()
    request = GenerationRequest(PromptRequest((user("Tell."),)), SamplingSettings(temperature=1.5, seed=3))
    events: list[GenerationEvent] = []
    for event in engine.generate(request, interruption):
        events.append(event)
        if isinstance(event, PieceGenerated) and len(events) > 8:
            interruption.request()
    stopped = Reply(tuple(events))
    assert stopped.finished.reason is FinishReason.CANCELLED
    again = ask(engine, user("Tell."), sampling=WARM)
    assert again.tokens[: len(stopped.tokens)] == stopped.tokens


def test_stopping_where_the_abort_switch_does_nothing(engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A graphics processor cannot be stopped inside of a token or a slice; the reply ends after it all the same."""
    monkeypatch.setattr(AbortSwitch, "arm", ignore_all)
    for kind in (PromptProgress, PieceGenerated):
        interruption = Interruption()
        events: list[GenerationEvent] = []
        for event in engine.generate(GenerationRequest(PromptRequest((user("much " * 150),)), GREEDY), interruption):
            events.append(event)
            if isinstance(event, kind):
                interruption.request()
        assert Reply(tuple(events)).finished.reason is FinishReason.CANCELLED
        assert len(Reply(tuple(events)).tokens) < 3
        assert ask(engine, user("Why?")).finished.tokens == GREEDY.max_tokens


def ignore_all(*_: object) -> None:
    """Do nothing."""


def test_a_request_before_the_beginning_is_not_lost(engine: LlamaEngine) -> None:
    """Nothing is read when somebody changed their mind in time."""
    interruption = Interruption()
    interruption.request()
    reply = ask(engine, user("Tell."), interruption=interruption)
    assert [type(event) for event in reply.events] == [GenerationFinished]
    assert reply.finished.reason is FinishReason.CANCELLED
    assert ask(engine, user("Tell.")).finished.tokens == GREEDY.max_tokens


def test_a_late_request_does_not_reach_the_next_reply(engine: LlamaEngine) -> None:
    """Stop pressed just after the end belongs to the reply that ended."""
    late = Interruption()
    ask(engine, user("Tell."), interruption=late)
    request = GenerationRequest(PromptRequest((user("More."),)), GREEDY)
    events = engine.generate(request, Interruption())
    next(events)
    threading.Thread(target=late.request).start()
    assert Reply(tuple(events)).finished.reason is FinishReason.LENGTH


def test_damaged_weights_are_named(run: Run) -> None:
    """A file whose weights compute no numbers says so, instead of writing nonsense."""
    engine = run(TinyModel(poisoned=True))
    with pytest.raises(ModelFileError, match="weights in the file of Tiny are damaged"):
        ask(engine, user("Tell."))


def test_without_a_model_nothing_is_written() -> None:
    """Asking an empty engine is an error, not a crash."""
    engine = LlamaEngine(ignore)
    with pytest.raises(EngineError, match="No model is loaded"):
        ask(engine, user("Tell."))
    engine.close()


def test_loading_reports_and_can_be_stopped(tiny_llama: Path) -> None:
    """Fractions grow from nothing to all; a stop in between leaves nothing loaded."""
    engine = LlamaEngine(ignore)
    fractions: list[float] = []
    request = LoadRequest(tiny_llama, LoadSettings(context=512))
    model = engine.load(request, lambda event: fractions.append(event.fraction), Interruption())
    assert (model.n_ctx, model.n_ctx_train, model.name) == (512, 2048, "Tiny")
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert engine.loaded == request
    interruption = Interruption()

    def stop_half_way(event: LoadProgress) -> None:
        if event.fraction > 0:
            interruption.request()

    with pytest.raises(InterruptedLoadError):
        engine.load(request, stop_half_way, interruption)
    assert engine.loaded is None
    load(engine, tiny_llama)
    engine.close()
    engine.close()


def test_a_window_is_never_longer_than_what_the_model_was_trained_on(run: Run) -> None:
    """More would be nonsense."""
    assert loaded_set(run(TinyModel(n_ctx_train=512))).described.n_ctx == 512


@pytest.mark.parametrize(
    ("model", "error", "sentence"),
    [
        (TinyModel("zebra"), ModelFileError, "a model of the kind zebra, which this Paddock does not know"),
        (TinyModel(template="{% if %}"), ChatTemplateError, "has a mistake in it"),
        (TinyModel(extra={"llama.attention.head_count": 7}), ModelFileError, "llama.cpp refuses it"),
    ],
)
def test_what_llama_cpp_refuses_is_a_sentence_with_its_words_as_details(
    run: Run, model: TinyModel, error: type[EngineError], sentence: str
) -> None:
    """A model of an unknown kind, a broken template and contradictory keys are told apart."""
    with pytest.raises(error, match=sentence) as caught:
        run(model)
    assert caught.value.details
