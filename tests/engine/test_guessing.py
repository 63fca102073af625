"""Guessing ahead makes a reply faster and leaves it as it is, whatever was guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.engine.engine import EngineError
from app.engine.events import LoadedModel
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.memory.evaluation import EvaluationAbortedError
from app.engine.llama.reply import generation
from app.engine.llama.speed import guessing
from app.engine.llama.speed.draft_model import DraftModel
from app.engine.llama.speed.guessing_gain import Bet
from app.engine.llama.speed.steps import GuessingSteps, PlainSteps
from app.engine.requests import GenerationRequest, Grammar, GrammarKind, LoadRequest, PromptRequest, Repetition
from app.memory.slices import rows_for
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.conftest import ignore
from tests.engine.memories import Bench, Logits, Memory, largest_difference, open_bench, random_tokens
from tests.engine.stories import Reply, loaded_set, sentences_of, user
from tests.gguf_files import HYBRID, TinyModel

MOST = 5
NEAR = 0.02
"""How far apart the probabilities of two tokens are at most that rounding may exchange."""


@dataclass
class Oracle:
    """Guesses what it was told to guess, and notes what it hears."""

    guesses: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    judgements: list[int] = field(default_factory=list[int])
    rows: list[int] = field(default_factory=list[int])

    def begin(self, text: Sequence[int]) -> None:
        """Nothing to learn."""

    def follows(self, token: int) -> None:
        """Nothing to learn."""

    def guess(self, most: int) -> tuple[int, ...]:
        """Give the next guess."""
        return self.guesses.pop(0)[: max(0, most)] if self.guesses else ()

    def evaluated(self, rows: int, seconds: float) -> None:
        """Note how many rows there were."""
        self.rows.append(rows)

    def judged(self, right: int) -> None:
        """Note how many were right."""
        self.judgements.append(right)


@pytest.fixture(params=["dense", "sliding"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A model whose memory can be cut."""
    yield from open_bench(request.param, tmp_path)


def expected_logits(bench: Bench, prompt: Sequence[int], reply: Sequence[int]) -> list[Logits]:
    """The logits after each token of a reply, read one by one; the last entry is the rounding floor."""
    memory = bench.memory()
    memory.read(prompt)
    rows: list[Logits] = []
    for token in reply:
        memory.append([token])
        rows.append(memory.logits())
    return rows


def read_guessed(memory: Memory, oracle: Oracle, reply: Sequence[int], room: int = 2048) -> list[Logits]:
    """Read a reply with guesses, and give the logits after each token."""
    steps = GuessingSteps(memory.cache, memory.context, oracle, room)
    rows: list[Logits] = []
    for token in reply:
        steps.read(token)
        rows.append(memory.logits(steps.row))
    steps.close()
    return rows


@pytest.mark.parametrize("length", [40, 200])
def test_each_row_holds_what_one_evaluation_a_token_computes(bench: Bench, length: int) -> None:
    """Right guesses, wrong ones and half right ones: the logits after each token are those without guesses."""
    prompt, reply = random_tokens(length, 1), random_tokens(24, 2)
    expected = expected_logits(bench, prompt, reply)
    floor = max(largest_difference(expected[-1], bench.fresh(prompt + reply, n_batch=size)) for size in (16, 64))
    guesses = [
        tuple(reply[1:6]),  # all right: the next evaluation is that of the seventh token
        (1, 2, 3, 4, 5),  # all wrong
        (*reply[8:10], 1, 2),  # half right
        (),
        tuple(reply[12:17]),
        *[(1,)] * 10,
    ]
    oracle, memory = Oracle(guesses), bench.memory(outputs=MOST + 1)
    memory.read(prompt)
    got = read_guessed(memory, oracle, reply)
    assert max(map(largest_difference, expected, got)) <= max(2 * floor, 1e-3)
    assert oracle.judgements[1:6] == [5, 0, 2, 0, 5]
    assert oracle.rows[:5] == [6, 6, 5, 1, 6]
    assert memory.cache.tokens == prompt + reply
    assert api.llama_memory_seq_pos_max(api.llama_get_memory(memory.context), 0) + 1 == len(prompt + reply)  # pyright: ignore[reportArgumentType] - it has one


def test_what_was_guessed_and_not_written_is_taken_back(bench: Bench) -> None:
    """A reply that ends among guesses leaves its own tokens, and the next prompt goes on behind them."""
    prompt = random_tokens(90, 1)
    memory = bench.memory(outputs=MOST + 1)
    memory.read(prompt)
    reply = random_tokens(3, 2)
    read_guessed(memory, Oracle([(*reply[1:], 9, 9, 9)]), reply)
    assert memory.cache.tokens == prompt + reply
    following = [*prompt, *reply, *random_tokens(20, 3)]
    assert memory.read(following) == len(prompt + reply)
    assert largest_difference(memory.logits(), bench.fresh(following)) < 1e-2


def test_an_abort_among_guesses_leaves_a_right_ledger(bench: Bench) -> None:
    """An interruption in the middle of an evaluation with guesses leaves what was read before it."""
    prompt = random_tokens(90, 1)
    memory = bench.memory(outputs=MOST + 1)
    memory.read(prompt)
    steps = GuessingSteps(memory.cache, memory.context, Oracle([(7, 8), (1, 2, 3)]), 2048)
    steps.read(5)
    with memory.aborting(nodes=5), pytest.raises(EvaluationAbortedError):
        steps.read(6)
    steps.close()
    assert memory.cache.tokens == [*prompt, 5]
    memory.append([6])
    assert largest_difference(memory.logits(), bench.fresh([*prompt, 5, 6])) < 1e-2


def test_guesses_end_where_the_context_window_does(bench: Bench) -> None:
    """The last token that there is room for is read without a guess."""
    memory = bench.memory(outputs=MOST + 1)
    memory.read(random_tokens(20, 1))
    oracle = Oracle([(1, 2, 3, 4, 5)] * 3)
    read_guessed(memory, oracle, [300, 301, 302], room=23)
    assert oracle.rows == [3, 2, 1]


def test_a_memory_that_cannot_be_cut_is_read_again(tmp_path: Path) -> None:
    """Should a cut ever be refused, the text is read anew rather than continued behind wrong guesses."""
    bench = Bench("recurrent", tmp_path / "model.gguf")
    prompt, reply = random_tokens(40, 1), random_tokens(6, 2)
    memory = bench.memory(outputs=MOST + 1)
    memory.read(prompt)
    got = read_guessed(memory, Oracle([(1, 2), (), (3,)]), reply)
    assert largest_difference(got[-1], bench.fresh(prompt + reply)) < 1e-2
    bench.close()


# Whole replies of tiny models: with `always` everything that can be guessed is.

WORDS = "The llama stands at the fence and looks. The llama stands at the gate and looks. " * 3
LONG = SamplingSettings(temperature=0.0, max_tokens=80, repeat_penalty=1.0)
MODELS = {"dense": TinyModel(), "sliding": TinyModel("gemma3", layers=6, sliding_window=64)}


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have every guess evaluated, draw the same seed each time, and give how many guesses there were at a time."""
    counts: list[int] = []

    def bet(_times: object, chances: Sequence[float], *_seconds: float) -> Bet:
        counts.append(len(chances))
        return Bet(len(chances), 2.0 if chances else 1.0)

    monkeypatch.setattr(guessing, "best_bet", bet)
    monkeypatch.setattr(generation, "draw_seed", lambda: 7)
    return counts


def load(path: Path, *, speculates: bool = True, draft: Path | None = None) -> tuple[LlamaEngine, LoadedModel]:
    """Load a model."""
    engine = LlamaEngine(ignore)
    settings = LoadSettings(context=1024, threads=1, speculates=speculates)
    return engine, engine.load(LoadRequest(path, settings, draft=draft), ignore, Interruption())


def reply(engine: LlamaEngine, request: GenerationRequest) -> Reply:
    """Let it write."""
    return Reply(tuple(engine.generate(request, Interruption())))


def same_or_tie(plain: Reply, guessed: Reply) -> None:
    """The same tokens; or they first differ where two were as good as equally likely. `plain` has alternatives."""
    choices = [choice for piece in plain.pieces for choice in piece.choices]
    for choice, token in zip(choices, guessed.tokens, strict=False):
        if choice.token != token:
            other = {alternative.token: alternative.probability for alternative in choice.alternatives}
            assert abs(other[token] - choice.probability) < NEAR, "a first difference that is no tie"
            return
    assert plain.tokens == guessed.tokens


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_text_is_what_it_is_without_guesses(
    tmp_path: Path, always: list[int], model: TinyModel, temperature: float
) -> None:
    """At temperature 0 and above, with probabilities: the same tokens, and of each the same choices."""
    path = model.write(tmp_path / "model.gguf")
    sampling = replace(LONG, temperature=temperature)
    request = GenerationRequest(PromptRequest((user(WORDS),)), sampling, alternatives=3)
    without, _ = load(path, speculates=False)
    plain = reply(without, request)
    without.close()
    assert not always
    engine, _ = load(path)
    guessed = reply(engine, request)
    assert sum(always) >= 10, "nothing was guessed"
    same_or_tie(plain, guessed)
    again = reply(engine, request)  # what the reply before left behind is reused
    same_or_tie(plain, again)
    if plain.tokens == guessed.tokens:
        pairs = zip(plain.pieces, guessed.pieces, strict=True)
        for one, other in pairs:
            for first, second in zip(one.choices, other.choices, strict=True):
                assert first.token == second.token
                assert first.probability == pytest.approx(second.probability, abs=NEAR)
    engine.close()


def test_a_grammar_holds_among_guesses(tmp_path: Path, always: list[int]) -> None:
    """What a grammar allows is asked token by token, with the same result."""
    path = TinyModel().write(tmp_path / "model.gguf")
    grammar = Grammar(GrammarKind.GBNF, 'root ::= ("abc" [a-z]){20}')
    request = GenerationRequest(PromptRequest((user("abcabcabcabc"),)), LONG, grammar=grammar, alternatives=3)
    without, _ = load(path, speculates=False)
    engine, _ = load(path)
    plain, guessed = reply(without, request), reply(engine, request)
    assert sum(always) > 20
    same_or_tie(plain, guessed)
    assert guessed.text.startswith("abc")
    without.close()
    engine.close()


def test_where_nothing_can_or_shall_be_guessed_tokens_are_read_one_by_one(tmp_path: Path, always: list[int]) -> None:
    """A recurrent and a hybrid model, the setting switched off, a repetition and a chosen seed: none guesses."""
    for number, model in enumerate((TinyModel("mamba"), TinyModel(HYBRID), TinyModel())):
        engine, _ = load(model.write(tmp_path / f"{number}.gguf"), speculates=number < 2)
        loaded = loaded_set(engine)
        steps = loaded.guessing.steps(loaded.cache, loaded.context, "", Interruption())
        assert isinstance(steps, PlainSteps)
        engine.close()
    engine, described = load(tmp_path / "2.gguf")
    repetition = Repetition(described.threads, described.n_batch)
    request = GenerationRequest(PromptRequest((user(WORDS),)), LONG, repetition=repetition)
    assert len(reply(engine, request).tokens) == LONG.max_tokens
    seeded = replace(request, repetition=None, sampling=replace(LONG, seed=7))
    assert len(reply(engine, seeded).tokens) == LONG.max_tokens
    assert not always
    assert len(reply(engine, replace(seeded, sampling=LONG)).tokens) == LONG.max_tokens
    assert always
    engine.close()


def test_a_draft_model_guesses(tmp_path: Path, always: list[int]) -> None:
    """A model guesses all that it writes itself; another one of the same vocabulary changes nothing in the text."""
    path = TinyModel().write(tmp_path / "model.gguf")
    other = TinyModel(layers=1, seed=2).write(tmp_path / "other.gguf")
    request = GenerationRequest(PromptRequest((user("Tell."),), "one"), LONG, alternatives=3)
    without, _ = load(path, speculates=False)
    plain = reply(without, request)
    without.close()
    for draft, least in ((path, 0.9), (other, 0.0)):
        engine, described = load(path, draft=draft)
        assert described.concessions == ()
        same_or_tie(plain, reply(engine, request))
        experience = loaded_set(engine).guessing.experience("one")
        assert experience.draft.seen > 20
        assert experience.draft.value >= least
        following = GenerationRequest(PromptRequest((user("Tell. And then?"),), "one"), LONG, alternatives=3)
        assert len(reply(engine, following).tokens) == LONG.max_tokens
        engine.close()


def test_a_draft_model_that_fails_is_done_without(
    tmp_path: Path, always: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It has no memory left in the middle of a reply: the reply goes on, and the log says why it is slower."""
    path = TinyModel().write(tmp_path / "model.gguf")
    request = GenerationRequest(PromptRequest((user("Tell."),)), LONG, alternatives=3)
    without, _ = load(path, speculates=False)
    plain = reply(without, request)
    without.close()
    engine, _ = load(path, draft=path)
    guess, calls = DraftModel.guess, [1, 2, 3]

    def fail_in_the_end(draft: DraftModel, text: Sequence[int], count: int) -> tuple[int, ...]:
        calls.pop()
        if not calls:
            raise EngineError("The model could not read the prompt.", details="llama_decode: -3")
        return guess(draft, text, count)

    monkeypatch.setattr(DraftModel, "guess", fail_in_the_end)
    same_or_tie(plain, reply(engine, request))
    assert not calls, "the draft model was not asked"
    assert "this reply goes on without it: The model could not read the prompt. llama_decode: -3" in caplog.text
    engine.close()


def test_a_draft_model_of_another_vocabulary_is_done_without(tmp_path: Path) -> None:
    """The load succeeds, and says why nothing is guessed by that model."""
    path = TinyModel().write(tmp_path / "model.gguf")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)
    strange = TinyModel(extra={"tokenizer.ggml.eot_token_id": 70}).write(tmp_path / "strange.gguf")
    drafts = {
        strange: "knows other tokens",
        TinyModel("mamba").write(tmp_path / "mamba.gguf"): "cannot take back",
        broken: "",
        tmp_path / "missing.gguf": "",
    }
    for draft, reason in drafts.items():
        engine, described = load(path, draft=draft)
        sentence, *reasons = sentences_of(described.concessions)
        assert sentence == "It goes on without the draft model."
        assert reason in " ".join(reasons)
        assert reasons
        engine.close()


def test_large_vocabularies_get_fewer_rows() -> None:
    """The logits of all rows stay below 16 MiB, and there is always one."""
    assert rows_for(49_152) == 16
    assert rows_for(262_144) == 8
    assert rows_for(10_000_000) == 1
