"""What a model thinks before it answers, apart from its answer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from app.conversation import FinishReason
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.engine.llama.chat_template import ChatTemplate
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.reply.pieces import Piece, PieceMaker
from app.engine.llama.reply.reasoning import Parts, ReasoningParser, Stage, parser_behind
from app.engine.llama.reply.reasoning_lead import ReasoningLead
from app.engine.llama.reply.reasoning_marks import KNOWN_MARKS, THINK, ReasoningMarks, opened_by
from app.engine.requests import GenerationRequest, PromptMessage, PromptRequest
from app.settings.values import ReasoningSettings, SamplingSettings
from tests.engine.stories import assistant, user
from tests.llama_sources import llama_models_folder

WORDS = st.text(alphabet="ab<>/|\n thinked", max_size=20)
CUTS = st.lists(st.integers(min_value=0, max_value=80))
BLANK = st.sampled_from(["", "\n", "\n\n", " \n"])


def cut(text: str, cuts: list[int]) -> list[str]:
    """Split `text` at `cuts`."""
    borders = [0, *sorted({place for place in cuts if place < len(text)}), len(text)]
    return [text[begin:end] for begin, end in pairwise(borders)]


def part(pieces: Sequence[str], parser: ReasoningParser | None = None) -> Parts:
    """Let a parser have a whole reply, and join what it gives."""
    parser = parser or ReasoningParser()
    parts = [*(parser.feed(piece) for piece in pieces), parser.flush()]
    return Parts("".join(p.reasoning for p in parts), "".join(p.answer for p in parts))


@given(WORDS, CUTS)
def test_any_text_in_any_split_is_parted_alike(text: str, cuts: list[int]) -> None:
    """How the text is cut makes no difference; and what opens no reasoning comes out as it went in."""
    assert part(cut(text, cuts)) == part([text])
    if not text.lstrip().startswith(("<", "[")):
        assert part(cut(text, cuts)) == Parts(answer=text)


@given(BLANK, WORDS, BLANK, WORDS, CUTS, st.sampled_from(KNOWN_MARKS))
def test_only_marks_and_blank_lines_beside_them_are_lost(
    before: str, thought: str, between: str, answer: str, cuts: list[int], marks: ReasoningMarks
) -> None:
    """What stands between the marks is the reasoning, what follows them the answer, with nothing missing."""
    thought, answer = f"a{thought}a", f"A{answer}"
    if marks.end in thought or marks.end in answer or not marks.opens_by_itself:
        return
    reply = before + marks.begins[0] + between + thought + marks.closing + between + answer
    assert part(cut(reply, cuts)) == Parts(thought, answer)


@pytest.mark.parametrize("marks", KNOWN_MARKS, ids=lambda marks: str(marks.end))
def test_every_known_family_is_understood(marks: ReasoningMarks) -> None:
    """Reasoning opened by the prompt; and what closes it early is what the parser takes for its end."""
    parser = parser_behind(f"You are kind.{marks.begins[0]}\n", None)
    assert (parser.stage, parser.marks) == (Stage.REASONING, marks)
    assert part(["Hm.", marks.closing, "Hello."], parser) == Parts("Hm.", "Hello.")


def test_no_mark_is_the_beginning_of_another() -> None:
    """Else the shorter one would be taken for the longer."""
    begins = [mark for marks in KNOWN_MARKS for mark in (*marks.begins, *marks.direct)]
    for mark in begins:
        assert not any(other != mark and other.startswith(mark) for other in begins)


@pytest.mark.parametrize(
    "text",
    ["Write <think> to think.", "The marks are <think> and </think>.", "a<think>b</think>c", "</think> is the end."],
)
def test_writing_about_marks_is_writing(text: str) -> None:
    """In the middle of an answer they are text like any other."""
    assert part([text]) == Parts(answer=text)
    assert part(["<think>Hm.</think>\n\n", text]) == Parts("Hm.", text)


def test_a_beginning_that_only_looks_like_a_mark_is_let_go() -> None:
    """It is held back no longer than it may become one."""
    parser = ReasoningParser()
    assert parser.feed("\n<") == Parts()
    assert parser.feed("th") == Parts()
    assert parser.feed("ead>") == Parts(answer="\n<thead>")
    assert part(["<th"]) == Parts(answer="<th")


def test_harmony_goes_through_its_channels() -> None:
    """Analysis twice, and then the final answer; or the answer at once."""
    thought = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>analysis<|message|> More.<|end|>"
    assert part([thought, "<|start|>assistant<|channel|>final<|message|>Hello."]) == Parts("Hm. More.", "Hello.")
    assert part(["<|channel|>final<|message|>Hello."]) == Parts(answer="Hello.")
    assert part([thought, "<|start|>assis"]) == Parts("Hm. More.")


def test_a_reply_that_ends_in_its_reasoning_has_no_text() -> None:
    """All that came is reasoning, also what looked like the beginning of the end."""
    assert part(["<think>\n", "I wonder \n", "</thi"]) == Parts("I wonder \n</thi")


@pytest.mark.parametrize(
    ("prompt", "unfinished", "stage"),
    [
        ("<|im_start|>assistant\n", None, Stage.BEGINNING),
        ("<|im_start|>assistant\n<think>\n", None, Stage.REASONING),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", None, Stage.BETWEEN),
        ("<|turn>model\n<|channel>thought\n<channel|>", None, Stage.BETWEEN),
        ("<|user|>Hello<|end|>\n<|assistant|>", None, Stage.BEGINNING),
        ("assistant\n<think>\nHm", PromptMessage(assistant("").role, "", reasoning="Hm"), Stage.REASONING),
        ("assistant\n<think>\nHm</think>", PromptMessage(assistant("").role, "", reasoning="Hm"), Stage.BETWEEN),
        ("assistant\n", PromptMessage(assistant("").role, "", reasoning="Hm"), Stage.REASONING),
        ("assistant\n<think>\nHm</think>A", PromptMessage(assistant("").role, "A", reasoning="Hm"), Stage.ANSWER),
        ("assistant\nWrite <think>", assistant("Write <think>"), Stage.ANSWER),
    ],
)
def test_where_a_reply_begins_is_known_from_the_prompt(
    prompt: str, unfinished: PromptMessage | None, stage: Stage
) -> None:
    """A template may open the reasoning, or close it at once; an unfinished reply goes on where it was."""
    assert parser_behind(prompt, unfinished).stage is stage


def test_an_empty_reasoning_by_the_prompt_may_be_opened_again() -> None:
    """Some models think all the same; most go on with their answer, without the blank lines before it."""
    closed = "assistant\n<think>\n\n</think>\n\n"
    assert part(["\n\nHello"], parser_behind(closed, None)) == Parts(answer="Hello")
    assert part(["<think>Hm.</think>Hello"], parser_behind(closed, None)) == Parts("Hm.", "Hello")


THINKERS = {
    "Apriel-1.6-15b-Thinker-fixed", "Bielik-11B-v3.0-Instruct", "Cohere2MoE", "GLM-4.7-Flash", "Kimi-K3", "MiniMax-M2",
    "NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "NVIDIA-Nemotron-Nano-v2", "Qwen-QwQ-32B", "Qwen3.5-4B", "Reka-Edge",
    "Spark2.5", "StepFun3.5-Flash", "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "deepseek-ai-DeepSeek-V3.1", "deepseek-ai-DeepSeek-V3.2",
    "deepseek-ai-DeepSeek-V4", "deepseek-ai-DeepSeek-V4-Flash-0731", "inclusionai-ling-3.0-flash",
    "llama-cpp-deepseek-r1", "llama-cpp-rwkv-world", "openbmb-MiniCPM5-1B", "poolside-Laguna-S-2.1",
    "poolside-Laguna-XS-2.1", "poolside-Laguna-XS.2",
}  # fmt: skip
"""The templates of llama.cpp's collection whose prompt opens the reasoning when it is wanted."""


def test_no_template_that_opens_the_reasoning_is_overlooked() -> None:
    """Its last words are known marks; and where the same template is asked not to think, nothing is left open."""
    for name in sorted(THINKERS):
        template = ChatTemplate((llama_models_folder() / "templates" / f"{name}.jinja").read_text(encoding="utf-8"))
        question = [{"role": "user", "content": "Hello"}]
        thinking = template.render(question, enable_thinking=True, thinking=True)
        assert parser_behind(thinking, None).stage is Stage.REASONING, name
        plain = template.render(question, enable_thinking=False, thinking=False)
        if plain != thinking:
            assert parser_behind(plain, None).stage is not Stage.REASONING, name


class ScriptedVocabulary(Vocabulary):
    """Tokens that are bytes, and after them control tokens with names."""

    def __init__(self, *control: str, ends: Sequence[str] = ()) -> None:  # pyright: ignore[reportMissingSuperCall] - there is no model
        self._control = control
        self._ends = ends

    @override
    def piece(self, token: int) -> bytes:
        return bytes([token]) if token < 256 else b""

    @override
    def name(self, token: int) -> bytes:
        return bytes([token]) if token < 256 else self._control[token - 256].encode()

    @override
    def ends_generation(self, token: int) -> bool:
        return token >= 256 and self._control[token - 256] in self._ends

    @override
    def tokens(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        return list(text.encode())

    def written(self, *parts: str) -> list[int]:
        """The tokens of some text; a part that names a control token is that token."""
        tokens: list[int] = []
        for part_ in parts:
            is_control = part_ in self._control
            tokens += [256 + self._control.index(part_)] if is_control else list(part_.encode())
        return tokens


def pieces_of(maker: PieceMaker, tokens: Sequence[int]) -> list[Piece]:
    """All pieces of a whole reply."""
    pieces = [piece for token in tokens for piece in maker.feed(token)]
    return pieces + maker.last(FinishReason.STOP)


@given(WORDS, BLANK, WORDS, st.booleans())
def test_every_token_comes_once_and_in_order(thought: str, between: str, answer: str, has_thought: bool) -> None:
    """The tokens of all events joined are what was generated; the reasoning's come first, the answer's last."""
    reply = f"<think>{thought}</think>{between}🦙{answer}" if has_thought else f"🦙{answer}"
    tokens = list(reply.encode())
    pieces = pieces_of(PieceMaker(ScriptedVocabulary(), ()), tokens)
    assert [token for piece in pieces for token in piece.tokens] == tokens
    kinds = [isinstance(piece, PieceGenerated) for piece in pieces]
    assert kinds == sorted(kinds)
    if "</think>" in thought:
        return
    told = b"".join(bytes(piece.tokens) for piece in pieces if isinstance(piece, PieceGenerated))
    assert told == f"🦙{answer}".encode() == "".join(p.text for p in pieces if isinstance(p, PieceGenerated)).encode()


def test_marks_that_are_control_tokens_are_seen_only_where_marks_are_looked_for() -> None:
    """They have no text of their own, and leave none in the answer."""
    words = ScriptedVocabulary("<|channel|>", "<|message|>", "<|end|>", "<|start|>")
    maker = PieceMaker(words, ())
    header = words.written("<|start|>", "assistant", "<|channel|>", "final", "<|message|>")
    thought = words.written("<|channel|>", "analysis", "<|message|>", "Hm.", "<|end|>")
    answer = words.written("Hello", "<|start|>", ".")
    pieces = pieces_of(maker, thought + header + answer)
    assert "".join(p.text for p in pieces if isinstance(p, ReasoningGenerated)) == "Hm."
    assert "".join(p.text for p in pieces if isinstance(p, PieceGenerated)) == "Hello."
    assert [t for p in pieces if isinstance(p, PieceGenerated) for t in p.tokens] == answer
    assert not maker.is_stopped
    maker.feed(words.written("<|end|>")[0])
    assert maker.is_stopped


def test_the_end_of_the_reasoning_is_not_the_end_of_the_reply() -> None:
    """Where one token means both, it counts as what is expected."""
    words = ScriptedVocabulary("<|message|>", "<|eom|>", "<|start|>", ends=["<|eom|>"])
    maker = PieceMaker(words, ())
    end = words.written("<|eom|>")
    for token in words.written(" to=self", "<|message|>", "Hm."):
        maker.feed(token)
    assert not maker.ends(end[0])
    for token in words.written("<|eom|>", "<|start|>", "assistant to=user", "<|message|>", "Hello."):
        maker.feed(token)
    assert maker.stage is Stage.ANSWER
    assert maker.ends(end[0])


def test_a_stop_string_in_the_reasoning_ends_nothing() -> None:
    """It is about the reply."""
    pieces = pieces_of(PieceMaker(ScriptedVocabulary(), ["stop"]), list(b"<think>I stop here.</think>Go, stop, go."))
    assert "".join(piece.text for piece in pieces if isinstance(piece, ReasoningGenerated)) == "I stop here."
    assert "".join(piece.text for piece in pieces if isinstance(piece, PieceGenerated)) == "Go, "


def test_the_beginning_of_a_reasoning_is_known_by_its_first_token() -> None:
    """A control token says enough; a single character says nothing."""
    words = ScriptedVocabulary("<think>", "[THINK]", "<s>")
    prompt = PromptRequest((user("Hello"),), reasoning=ReasoningSettings())
    lead = ReasoningLead(words, PieceMaker(words, ()), GenerationRequest(prompt, SamplingSettings()))
    assert bytes(lead.beginning_with(257)) == b"[THINK]"
    assert not lead.beginning_with(258)
    assert not lead.beginning_with(ord("<"))


def test_a_reasoning_about_to_end_is_not_cut_off() -> None:
    """When the budget is spent in the middle of the end mark, the model may finish it."""
    words = ScriptedVocabulary()
    maker = PieceMaker(words, (), ReasoningParser(Stage.REASONING, THINK))
    prompt = PromptRequest((user("Hello"),), reasoning=ReasoningSettings(budget=16))
    lead = ReasoningLead(words, maker, GenerationRequest(prompt, SamplingSettings()))
    for token in b"x" * 16 + b"</th":
        lead.token_comes()
        maker.feed(token)
    assert not lead.end()
    maker.feed(ord("!"))
    assert bytes(lead.end()) == b"\n</think>\n\n"
    assert not lead.end()


def test_an_answer_with_an_end_mark_of_its_own_ends_there() -> None:
    """Kimi closes its response as it closes its reasoning; nothing of the mark is shown."""
    words = ScriptedVocabulary("<|open|>", "<|close|>", "<|sep|>")
    maker = PieceMaker(words, (), ReasoningParser(Stage.REASONING, opened_by("<|open|>think<|sep|>")))
    thought = words.written("Hm.", "<|close|>", "think", "<|sep|>", "<|open|>", "response", "<|sep|>")
    answer = words.written("A response.", "<|close|>", "response", "<|sep|>")
    pieces = pieces_of(maker, thought + answer)
    assert maker.is_stopped
    assert "".join(piece.text for piece in pieces if isinstance(piece, ReasoningGenerated)) == "Hm."
    assert "".join(piece.text for piece in pieces if isinstance(piece, PieceGenerated)) == "A response."


def test_a_character_that_was_cut_in_two_is_made_whole() -> None:
    """A reply that goes on behind half a character gives the character with its second half."""
    llama = "🦙".encode()
    maker = PieceMaker(ScriptedVocabulary(), (), ReasoningParser(Stage.ANSWER))
    maker.goes_on_after(b"A " + llama[:2])
    pieces = pieces_of(maker, [*llama[2:], ord("!")])
    assert "".join(piece.text for piece in pieces) == "🦙!"
