"""Tokens of prompts: control tokens come from the template alone, and all the rest is what llama.cpp makes of it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.interruption import Interruption
from app.engine.llama.prompting.prompt_tokens import PromptInterruptedError, PromptTokenizer, Run, RunKind
from tests.engine.vocabularies import BYTE_PAIRS, SENTENCE_PIECES, text_of, vocabulary

ALL = (*BYTE_PAIRS, *SENTENCE_PIECES)
TURNS = {
    "llama-bpe": ("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
    "qwen2": ("<|im_start|>user\n", "<|im_end|>\n"),
    "gpt-2": ("User: ", "<|endoftext|>\n"),
    "gemma-4": ("<|turn>user\n", "<turn|>\n"),
    "command-r": ("<|START_OF_TURN_TOKEN|><|USER_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
    "deepseek-llm": ("User: ", "\n\n<\uff5cend▁of▁sentence\uff5c>"),
    "gpt-neox": ("User:\n", "<|endoftext|>"),
    "llama-spm": ("<s>[INST] ", " [/INST]</s>"),
    "phi-3": ("<|user|>\n", "<|end|>\n"),
    "baichuan": ("<s>User: ", "</s>"),
}
"""What a template of each family writes around a message."""

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = st.lists(
    st.sampled_from(
        ["a", "Hello", " world", "\n", "\n\n", "  ", "   ", "\t", "<", ">", "|", "<|", "</", "s>", "é", "漢字", "😀",
         "0x0A", "1234", "im_end", "it's", "...", "-----", "{", "}", "def f():\n        ", "_", "\u200d", "\u00a0"]
    )
).map("".join)  # fmt: skip


@cache
def tokenizer(name: str) -> PromptTokenizer:
    """The tokenizer of a family, with a template that says its marks."""
    return PromptTokenizer(vocabulary(name), "".join(TURNS[name]))


def turns(name: str, *contents: str) -> list[Run]:
    """Messages between the template's words."""
    before, behind = TURNS[name]
    runs: list[Run] = []
    for content in contents:
        runs += [Run(RunKind.TEMPLATE, before), Run(RunKind.WORDS, content), Run(RunKind.TEMPLATE, behind)]
    return runs


def written(name: str, *contents: str) -> str:
    """The text of these messages, as their tokens should spell it."""
    text = "".join(run.text for run in turns(name, *contents)).removeprefix("<s>")
    return text.replace("<|user|>\n", "<|user|>").replace("<|end|>\n", "<|end|>") if name == "phi-3" else text


def spelled(name: str, tokens: tuple[int, ...]) -> str:
    """What tokens say, without the one that begins a text."""
    known = vocabulary(name)
    return text_of(known, tokens[1:] if tokens[:1] == (known.bos,) else tokens)


def at_once(name: str, runs: list[Run]) -> list[int]:
    """What llama.cpp makes of the whole text."""
    known = vocabulary(name)
    tokens = known.tokens("".join(run.text for run in runs), add_special=False, parse_special=True)
    return [known.bos, *tokens] if known.adds_bos and tokens[:1] != [known.bos] else tokens


@FEW
@given(st.sampled_from(ALL), st.lists(WORDS, max_size=3))
def test_words_without_names_are_read_as_llama_cpp_reads_them(name: str, contents: list[str]) -> None:
    """Where no message holds a control token's name, the tokens are those of the whole text at once."""
    if name == "phi-3":  # its names drop the blank space behind them; we keep what a message says
        contents = [content.strip() for content in contents]
    runs = turns(name, *contents)
    if any(tokenizer(name).special.found_in(run.text) for run in runs if run.kind is RunKind.WORDS):
        return
    assert list(tokenizer(name).tokenize(runs).tokens) == at_once(name, runs)


@pytest.mark.parametrize("name", ALL)
def test_a_long_text_is_parted_where_no_token_is(name: str) -> None:
    """It is read in parts that nobody has to wait for, and the tokens are those of the whole text at once."""
    words = ["The llama", "looks over", "fence.\n\n", "  12,5", "über", "def f():\n    x", "漢字", "it's"]
    text = " ".join(words[(number * number) % len(words)] for number in range(12_000))
    runs = [Run(RunKind.WORDS, text)]
    made = tokenizer(name).tokenize(runs)
    assert list(made.tokens) == at_once(name, runs)
    assert made.ends[-1] == len(text.encode())
    assert tokenizer(name).count(text, 10**9) == len(made.tokens) - int(vocabulary(name).adds_bos)
    assert tokenizer(name).count(text, 500) == 500


@pytest.mark.parametrize("name", ["qwen2", "llama-spm"])
def test_one_endless_word_is_parted_anyway(name: str) -> None:
    """Nothing of it is lost; and what is written at its end changes nothing before."""
    word = "漢字かな0" * 20_000
    made = tokenizer(name).tokenize([Run(RunKind.WORDS, word)])
    assert spelled(name, made.tokens) == word
    longer = tokenizer(name).tokenize([Run(RunKind.WORDS, word + "かな")])
    assert longer.tokens[: len(made.tokens) - 4] == made.tokens[:-4]


def test_reading_a_long_text_can_be_stopped() -> None:
    """Between two parts; afterwards all is as before."""
    text, interruption = "The llama looks over the fence. " * 5000, Interruption()
    made = PromptTokenizer(vocabulary("qwen2"), "")
    interruption.request()
    with pytest.raises(PromptInterruptedError), made.until(interruption):
        made.tokenize([Run(RunKind.WORDS, text)])
    assert made.tokenize([Run(RunKind.WORDS, text)]).tokens


@pytest.mark.parametrize("name", ALL)
def test_the_names_of_all_control_tokens_stay_text(name: str) -> None:
    """A message that holds every name, or all in one, has none of the tokens, and all of the text."""
    known, made = vocabulary(name), tokenizer(name)
    framing = made.tokenize(turns(name, "")).tokens
    names = [token.text for token in known.special_tokens() if token.id in made.special.ids][:150]
    for content in (*names, " ".join(names), "".join(names)):
        tokens = made.tokenize(turns(name, content)).tokens
        special = [token for token in tokens if token in made.special.ids]
        assert special == [token for token in framing if token in made.special.ids], content
        assert spelled(name, tokens) == written(name, content)


@FEW
@given(st.sampled_from(ALL), st.data())
def test_no_message_can_say_a_control_token(name: str, data: st.DataObject) -> None:
    """Whatever is pasted, whole or in halves that meet the template's words, only the template's tokens are there."""
    known, made = vocabulary(name), tokenizer(name)
    names = [token.text for token in known.special_tokens() if token.id in made.special.ids]
    hostile = st.lists(st.one_of(WORDS, st.sampled_from(names), st.sampled_from(names).map(lambda word: word[:3])))
    contents = data.draw(st.lists(hostile.map("".join), min_size=1, max_size=2))
    runs = turns(name, *contents)
    tokens = made.tokenize(runs).tokens
    expected = [t for t in made.tokenize(turns(name, *[""] * len(contents))).tokens if t in made.special.ids]
    assert [token for token in tokens if token in made.special.ids] == expected
    assert spelled(name, tokens) == written(name, *contents)
