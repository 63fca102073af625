"""How the next token is chosen, on the logits of a tiny model."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conversation import FinishReason
from app.engine.engine import EngineError, GrammarError
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.loading.loaded_set import LoadedSet
from app.engine.llama.sampling.sampler import Sampler, used_settings
from app.engine.requests import GenerationRequest, Grammar, GrammarKind, PromptRequest
from app.errors import Fault
from app.settings.values import SETTINGS, SamplingSettings
from tests.engine.conftest import ignore, load
from tests.engine.stories import Reply, loaded_set, user
from tests.gguf_files import TinyModel, byte_tokens

NEUTRAL: Final = SamplingSettings(1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0)
SCHEMA: Final[Any] = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["llama", 'Esel "é" \\']},
        "age": {"type": "integer", "minimum": 0, "maximum": 40},
        "names": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 3},
        "home": {"type": "object", "properties": {"fenced": {"type": "boolean"}}, "required": ["fenced"]},
    },
    "required": ["kind", "age", "names", "home"],
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    """A tiny dense model that has read something."""
    engine = LlamaEngine(ignore)
    load(engine, TinyModel().write(tmp_path_factory.mktemp("sampler") / "tiny.gguf"))
    write(engine, replace(NEUTRAL, max_tokens=1, seed=1))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def loaded(engine: LlamaEngine) -> LoadedSet:
    """What it has in memory."""
    return loaded_set(engine)


def test_every_stage_can_be_alone_in_the_chain_and_all_together(engine: LlamaEngine, loaded: LoadedSet) -> None:
    """Each changes the draw or leaves it; none of them harms the process, at the ends of its range either."""
    for setting in SETTINGS:
        name = setting.name
        if not setting.key.startswith("sampling.") or name in ("seed", "max_tokens", "logit_bias"):
            continue
        for value in (setting.minimum, setting.maximum):
            assert value is not None
            masters = replace(NEUTRAL, dry_multiplier=0.8, xtc_probability=0.5, temperature_range=0.5)
            for base in (NEUTRAL, masters, replace(masters, mirostat=2)):
                assert 0 <= draw(loaded, replace(base, **{name: setting.kind(value)})) < loaded.vocabulary.size


@pytest.mark.parametrize("narrow", [{"top_n_sigma": 0.01}, {"typical_p": 1e-6}, {"top_k": 1}, {"temperature": 0.0}])
def test_a_narrow_stage_leaves_one_token(engine: LlamaEngine, loaded: LoadedSet, narrow: dict[str, Any]) -> None:
    """The same one at every seed."""
    assert len({draw(loaded, replace(NEUTRAL, **narrow), seed) for seed in range(12)}) == 1


def test_penalties_count_what_was_used(engine: LlamaEngine, loaded: LoadedSet) -> None:
    """A token that was primed is taken less by frequency and presence; a passage that was begun again by DRY."""
    greedy = replace(NEUTRAL, temperature=0.0)
    likeliest = draw(loaded, greedy)
    for name in ("frequency_penalty", "presence_penalty"):
        assert draw(loaded, replace(greedy, **{name: 2.0}), primed=[likeliest] * 8) != likeliest
    passage = [*byte_tokens("abcd"), likeliest, *byte_tokens("xyabcd")]
    dry = replace(greedy, dry_multiplier=10.0, dry_base=4.0)
    assert draw(loaded, dry, primed=passage) != likeliest
    assert draw(loaded, replace(dry, dry_last_n=4), primed=passage) == likeliest


def test_xtc_takes_the_likeliest_out(engine: LlamaEngine, loaded: LoadedSet) -> None:
    """Wherever at least two are probable enough."""
    plain = Counter(draw(loaded, replace(NEUTRAL, top_k=2), seed) for seed in range(40))
    xtc = replace(NEUTRAL, top_k=2, xtc_probability=1.0, xtc_threshold=0.001)
    assert len(plain) == 2
    (only,) = {draw(loaded, xtc, seed) for seed in range(12)}
    assert only != draw(loaded, replace(NEUTRAL, temperature=0.0))


def test_a_bias_names_tokens_by_text_or_number(engine: LlamaEngine, loaded: LoadedSet) -> None:
    """100 makes a token sure, never makes it impossible, also at temperature 0."""
    (wanted,) = loaded.vocabulary.tokens("q", add_special=False, parse_special=True)
    assert draw(loaded, replace(NEUTRAL, logit_bias="q = 100")) == wanted
    assert draw(loaded, replace(NEUTRAL, logit_bias=f"{wanted} = 100", temperature=0.0)) == wanted
    likeliest = draw(loaded, replace(NEUTRAL, temperature=0.0))
    assert draw(loaded, replace(NEUTRAL, logit_bias=f"{likeliest} = never", temperature=0.0)) != likeliest


@pytest.mark.parametrize(
    ("bias", "sentence"),
    [("qq = 1", "which is 2 tokens"), ("999999 = 1", "names token 999999"), ("= 1", "cannot be read")],
)
def test_a_bias_for_what_is_no_token_is_the_users_to_mend(loaded: LoadedSet, bias: str, sentence: str) -> None:
    """With the token in the sentence."""
    with pytest.raises(GrammarError, match=sentence) as caught:
        Sampler(replace(NEUTRAL, logit_bias=bias), 1, loaded.vocabulary, 512)
    assert caught.value.fault is Fault.USER


def test_not_every_token_can_be_forbidden(loaded: LoadedSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """There would be nothing to choose from."""
    monkeypatch.setattr(loaded.vocabulary, "size", 2)
    with pytest.raises(EngineError, match="no token over"):
        Sampler(replace(NEUTRAL, logit_bias="0 = never, 1 = never"), 1, loaded.vocabulary, 512)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "settings", [replace(NEUTRAL, temperature=2.0), replace(NEUTRAL, mirostat=1), SamplingSettings()]
)
def test_even_a_model_of_noise_writes_json_that_fits(
    engine: LlamaEngine, settings: SamplingSettings, seed: int
) -> None:
    """The grammar is in force at every token, and the reply ends by itself."""
    reply = write(engine, replace(settings, seed=seed, max_tokens=400), schema=SCHEMA)
    assert reply.finished.reason is FinishReason.STOP
    written = json.loads(reply.text)
    assert written["kind"] in SCHEMA["properties"]["kind"]["enum"]
    assert 0 <= written["age"] <= 40
    assert len(written["names"]) <= 3
    assert isinstance(written["home"]["fenced"], bool)


def test_a_reply_ends_where_nothing_is_allowed_any_more(engine: LlamaEngine, loaded: LoadedSet) -> None:
    """The one word of the grammar is forbidden: the reply is empty and done, and the engine lives."""
    grammar = Grammar(GrammarKind.GBNF, 'root ::= "q"')
    (byte,) = byte_tokens("q")  # the letter is in the vocabulary twice
    reply = write(engine, replace(NEUTRAL, logit_bias=f"q = never, {byte} = never"), grammar=grammar)
    assert (reply.text, reply.finished.reason, reply.finished.tokens) == ("", FinishReason.STOP, 0)
    assert write(engine, NEUTRAL, grammar=grammar).text == "q"


def test_a_refused_grammar_leaves_the_engine_usable(engine: LlamaEngine) -> None:
    """The sentence comes in place of the reply."""
    with pytest.raises(GrammarError, match="“not” at the top"):
        write(engine, NEUTRAL, schema={"not": {}})
    assert write(engine, NEUTRAL, schema={"enum": ["yes"]}).text == '"yes"'


def test_a_grammar_can_wait_for_the_end_of_reasoning(engine: LlamaEngine, loaded: LoadedSet) -> None:
    """While it waits anything may come; then its first character must."""
    grammar = Grammar(GrammarKind.GBNF, 'root ::= "q"')
    with closing(Sampler(replace(NEUTRAL, temperature=0.0), 1, loaded.vocabulary, 512, grammar)) as sampler:
        sampler.hold_grammar()
        assert loaded.vocabulary.piece(sampler.sample(loaded.context)) != b"q"
        sampler.begin_grammar()
        assert loaded.vocabulary.piece(sampler.sample(loaded.context)) == b"q"
        assert loaded.vocabulary.ends_generation(sampler.sample(loaded.context))


def test_receipts_name_what_was_in_use(engine: LlamaEngine) -> None:
    """Stages in the chain with all of their settings, and nothing of those that were left out."""
    assert used_settings(SamplingSettings()) == {
        "temperature": 0.7, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "repeat_penalty": 1.1, "repeat_last_n": 64,
        "frequency_penalty": 0.0, "presence_penalty": 0.0,
    }  # fmt: skip
    assert used_settings(SamplingSettings(0.0, repeat_penalty=1.0)) == {"temperature": 0.0, "repeat_penalty": 1.0}
    assert used_settings(NEUTRAL) == {
        "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0
    }  # fmt: skip
    rare = replace(NEUTRAL, xtc_probability=0.5, dry_multiplier=0.8, logit_bias="a = 1", dry_last_n=256)
    assert used_settings(rare).items() >= {
        "xtc_threshold": 0.1, "dry_base": 1.75, "dry_last_n": 256, "logit_bias": "a = 1"
    }.items()  # fmt: skip
    assert used_settings(replace(rare, mirostat=2)).keys() == {
        "temperature", "mirostat", "mirostat_tau", "mirostat_eta", "logit_bias"
    }  # fmt: skip


@st.composite
def settings_of_any_kind(draw: st.DrawFn) -> SamplingSettings:
    """Any sampling settings that the registry takes."""
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        if setting.key.startswith("sampling.") and setting.kind in (int, float) and setting.name != "max_tokens":
            numbers = st.integers if setting.kind is int else st.floats
            values[setting.name] = draw(numbers(setting.minimum, setting.maximum))  # pyright: ignore[reportArgumentType, reportUnknownVariableType] - both fit the kind
    return SamplingSettings(**values)


@given(settings_of_any_kind())
def test_a_receipt_is_enough_to_choose_the_same_again(loaded: LoadedSet, settings: SamplingSettings) -> None:
    """Defaults for what it does not name give the same chain."""
    names = {field.name for field in fields(SamplingSettings)}
    used = used_settings(settings)
    assert used.keys() <= names
    again = SamplingSettings(**used)  # pyright: ignore[reportArgumentType] - as they were
    assert used_settings(again) == used
    assert draw(loaded, again, 7) == draw(loaded, settings, 7)


def draw(loaded: LoadedSet, settings: SamplingSettings, seed: int = 1, primed: list[int] | None = None) -> int:
    """Choose one token from the logits that are there."""
    with closing(Sampler(settings, seed, loaded.vocabulary, 512)) as sampler:
        sampler.prime(primed or [])
        return sampler.sample(loaded.context)


def write(
    engine: LlamaEngine, settings: SamplingSettings, *, schema: object = None, grammar: Grammar | None = None
) -> Reply:
    """Let the model write a reply to the same words."""
    if schema is not None:
        grammar = Grammar(GrammarKind.JSON_SCHEMA, json.dumps(schema))
    request = GenerationRequest(PromptRequest((user("Tell."),)), settings, grammar=grammar)
    return Reply(tuple(engine.generate(request, Interruption())))
