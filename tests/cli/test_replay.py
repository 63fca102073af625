"""`ask --replay`: a reply is written once more, and compared."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.chat.turn import TurnSettings
from app.cli.replay_source import ReplaySource, request_of
from app.cli.replay_verdict import WrittenRun, first_difference
from app.conversation import (
    Alternative,
    Conversation,
    Generation,
    Message,
    MessageStatus,
    ModelIdentity,
    Receipt,
    Role,
    Summary,
    TokenChoice,
)
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.requests import BranchPoint, GenerationRequest, LoadRequest, PromptMessage, PromptRequest
from app.settings.values import LoadSettings, SamplingSettings
from tests.chat.stories import RECEIPT
from tests.cli.running import run
from tests.engine.conftest import ignore, load
from tests.engine.stories import Reply, user
from tests.gguf_files import TinyModel

NOW = datetime.now(UTC)
PLACE = Conversation("c", "", NOW, NOW)
QUESTION = Message("q", "c", None, Role.USER, "Tell me.", MessageStatus.COMPLETE, NOW)
WARM = SamplingSettings(temperature=1.2, max_tokens=12, seed=5)
HOW = TurnSettings(ModelIdentity("Tiny"), LoadRequest(Path("tiny.gguf"), LoadSettings()), WARM)


def said(text: str, *tokens: int, choices: tuple[TokenChoice, ...] = ()) -> WrittenRun:
    """What some run wrote."""
    return WrittenRun(text, "", tokens, choices)


def test_the_same_words_are_no_difference() -> None:
    """Even when other tokens spell them."""
    assert first_difference(said("abc", 1, 2), said("abc", 1, 2)) is None
    assert first_difference(said("abc", 1, 2), said("abc", 3)) is None


def test_a_difference_is_told_with_both_candidates() -> None:
    """Where it is, what came and what comes, and how likely each is now."""
    choice = TokenChoice(5, "y", 0.4, (Alternative(4, "x", 0.5), Alternative(5, "y", 0.4)))
    original, repeated = said("abx", 1, 2, 4), said("aby", 1, 2, 5, choices=(choice,))
    difference = first_difference(original, repeated)
    assert difference is not None
    assert (difference.token_index, difference.character) == (2, 2)
    assert (difference.original, difference.repeated) == ("x", "y")
    assert (difference.probability_original, difference.probability_repeated) == (0.5, 0.4)
    assert difference.sentence() == ("It first differs at character 3, token 3: “x” (50.00%) then, “y” (40.00%) now.")


def test_an_end_that_comes_earlier_is_a_difference() -> None:
    """In either of the two."""
    shorter = first_difference(said("abc", 1, 2), said("ab", 1))
    assert shorter is not None
    assert (shorter.original, shorter.repeated, shorter.token_index) == ("c", None, 1)
    choice = TokenChoice(2, "c", 0.9)
    longer = first_difference(said("ab", 1), said("abc", 1, 2, choices=(choice,)))
    assert longer is not None
    assert (longer.original, longer.repeated, longer.probability_repeated) == (None, "c", 0.9)
    assert "the end then, “c” (90.00%) now" in longer.sentence()


def test_what_is_far_from_likely_has_no_number() -> None:
    """Only the likeliest tokens are known; what came then is shown by its words."""
    choice = TokenChoice(5, "y", 0.9, (Alternative(5, "y", 0.9),))
    difference = first_difference(said("abxyz", 1, 4), said("aby", 1, 5, choices=(choice,)))
    assert difference is not None
    assert (difference.original, difference.probability_original) == ("xyz", None)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LlamaEngine]:
    """A tiny model, and the place of its file."""
    engine = LlamaEngine(ignore)
    load(engine, TinyModel().write(tmp_path / "tiny.gguf"))
    yield engine
    engine.close()


def generate(engine: LlamaEngine, request: GenerationRequest) -> Reply:
    """Let `engine` write."""
    return Reply(tuple(engine.generate(request, Interruption())))


def generation(reply: Reply, ordinal: int = 0, first_character: int = 0) -> Generation:
    """What storage keeps of a reply."""
    return Generation(ordinal, first_character, reply.tokens, receipt=receipt_of(reply))


def receipt_of(reply: Reply) -> Receipt:
    """Its receipt."""
    assert reply.finished.receipt is not None
    return reply.finished.receipt


def repeated(engine: LlamaEngine, message: Message) -> Reply:
    """Repeat the last generation of `message` by its receipt."""
    last = message.generations[-1]
    assert last.receipt is not None
    source = ReplaySource(PLACE, (QUESTION,), message, last, last.receipt)
    return generate(engine, request_of(source, None, HOW))


def message_with(text: str, *generations: Generation) -> Message:
    """A reply to the question."""
    return Message("m", "c", "q", Role.ASSISTANT, text, MessageStatus.COMPLETE, NOW, "Tiny", generations=generations)


def test_a_plain_reply_is_repeated(engine: LlamaEngine) -> None:
    """From an empty memory, with everything that its receipt says."""
    first = generate(engine, GenerationRequest(PromptRequest((user(QUESTION.text),)), WARM))
    again = repeated(engine, message_with(first.text, generation(first)))
    assert again.tokens == first.tokens
    assert again.prompt.reused == 0


def test_a_branched_reply_is_repeated_from_where_it_branched(engine: LlamaEngine) -> None:
    """What was taken over is not generated again: it stands there."""
    first = generate(engine, GenerationRequest(PromptRequest((user(QUESTION.text),)), WARM))
    reply = PromptMessage(Role.ASSISTANT, first.text, first.tokens)
    prompt = PromptRequest((user(QUESTION.text), reply))
    branched = generate(engine, GenerationRequest(prompt, WARM, branch=BranchPoint(4, 300)))
    again = repeated(engine, message_with(branched.text, generation(branched)))
    assert again.tokens == branched.tokens
    assert again.finished.tokens == branched.finished.tokens == len(branched.tokens) - 5


def test_a_reply_that_went_on_is_repeated_from_there(engine: LlamaEngine) -> None:
    """Only its last generation, behind the words of the earlier one."""
    first = generate(engine, GenerationRequest(PromptRequest((user(QUESTION.text),)), WARM))
    reply = PromptMessage(Role.ASSISTANT, first.text, first.tokens)
    longer = generate(engine, GenerationRequest(PromptRequest((user(QUESTION.text), reply)), WARM))
    parts = (generation(first), generation(longer, 1, len(first.text)))
    again = repeated(engine, message_with(first.text + longer.text, *parts))
    assert again.prompt.tokens == longer.prompt.tokens
    assert again.tokens == longer.tokens


@pytest.mark.parametrize(
    ("covers", "left_out", "told"),
    [("q", 1, "Of before."), ("q", 0, ""), ("m", 1, ""), ("later", 1, "")],
    ids=["what fell out then", "nothing had fallen out", "the reply itself", "what came later"],
)
def test_a_summary_is_repeated_where_it_can_have_been_told(covers: str, left_out: int, told: str) -> None:
    """Today's may stand for messages that the model still saw then, or tell of what came only afterwards."""
    receipt = replace(RECEIPT, left_out_messages=left_out)
    message = message_with("Hm.", Generation(0, 0, (1, 2), receipt=receipt))
    source = ReplaySource(PLACE, (QUESTION,), message, message.generations[0], receipt)
    assert request_of(source, Summary(covers, "Of before."), HOW).prompt.summary == told


@pytest.mark.parametrize("longest", [300, None])
def test_a_reply_that_was_cut_short_had_more_room(longest: int | None) -> None:
    """It ended early, but as much was left out of its prompt as for the reply that it might have become."""
    receipt = replace(RECEIPT, sampling={} if longest is None else {"max_tokens": longest})
    message = message_with("Hm.", Generation(0, 0, (1, 2), receipt=receipt))
    source = ReplaySource(PLACE, (QUESTION,), message, message.generations[0], receipt)
    request = request_of(source, None, HOW)
    assert (request.prompt.max_tokens, request.sampling.max_tokens) == (longest, WARM.max_tokens)


@pytest.fixture
def written() -> tuple[str, str]:
    """A reply of the starter model: the ids of its conversation and its message."""
    asked = run("ask", "Tell me of llamas.", "--json", "--max-tokens", "12", "--temperature", "0.9", "--seed", "3")
    end = json.loads(asked.stdout.splitlines()[-1])
    return end["conversation"], end["message"]


def change(paddock_home: Path, statement: str) -> None:
    """Change what is on the disk."""
    with closing(sqlite3.connect(paddock_home / "data" / "conversations.db")) as database:
        database.execute(statement)
        database.commit()


@pytest.mark.model
def test_a_reply_is_the_same_again(written: tuple[str, str]) -> None:
    """From an empty cache; the words are printed, then the verdict; nothing of it is kept."""
    conversation, message = written
    shown = run("conversations", "show", conversation, "--tree", "--json").stdout
    again = run("ask", "--replay", message)
    text = json.loads(shown)["messages"][-1]["text"]
    assert again.stdout == f"{text}\n\nThe text is identical.\n"
    stream = [json.loads(line) for line in run("ask", "--replay", message, "--json").stdout.splitlines()]
    assert "".join(event["text"] for event in stream if event["event"] == "piece") == text
    assert stream[-1]["replay"] == {"identical": True, "first_difference": None, "doubts": []}
    assert (stream[-1]["message"], stream[-1]["receipt"]["reused"]) == (message, 0)
    assert run("conversations", "show", conversation, "--tree", "--json").stdout == shown


@pytest.mark.model
def test_another_seed_is_found_out(written: tuple[str, str], paddock_home: Path) -> None:
    """The first difference is told with both words and their probabilities; an old receipt is doubted."""
    _, message = written
    seed = "UPDATE generation SET receipt = json_remove(json_set(receipt, '$.seed', 4), '$.n_batch')"
    change(paddock_home, seed)
    end = json.loads(run("ask", "--replay", message, "--json").stdout.splitlines()[-1])
    assert end["replay"]["identical"] is False
    assert "too old" in end["replay"]["doubts"][0]
    difference = end["replay"]["first_difference"]
    assert difference["original"] != difference["repeated"]
    assert 0 < difference["probability_repeated"] <= 1
    told = run("ask", "--replay", message).stdout
    assert "It first differs at character" in told
    assert "too old to be sure" in told


@pytest.mark.model
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE generation SET receipt = NULL", "no receipt"),
        ("UPDATE generation SET receipt = json_set(receipt, '$.model.sha256', 'ab')", "not the one that wrote"),
        (
            "UPDATE generation SET receipt = json_set(receipt, '$.model.sha256', 'ab', '$.model.name', 'Gone')",
            "“Gone”, which wrote before, is not in the list of models",
        ),
        ("UPDATE generation SET receipt = json_set(receipt, '$.tokens_out', 0)", "wrote nothing"),
        ("UPDATE generation SET receipt = json_set(receipt, '$.sampling.grammar_sha256', 'ab')", "schema or grammar"),
    ],
)
def test_what_cannot_be_repeated_is_a_sentence(
    written: tuple[str, str], paddock_home: Path, statement: str, words: str
) -> None:
    """Nothing on standard output, exit status 1; so it is for a question, and for a message that is not there."""
    change(paddock_home, statement)
    ended = run("ask", "--replay", written[1], "--json")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.model
def test_a_reply_is_repeated_with_the_kv_cache_that_it_had(written: tuple[str, str], paddock_home: Path) -> None:
    """Whatever the settings say by now; where the receipt does not tell, it is doubted."""
    change(paddock_home, "UPDATE generation SET receipt = json_remove(receipt, '$.kv_type')")
    doubted = json.loads(run("ask", "--replay", written[1], "--json").stdout.splitlines()[-1])
    assert [doubt for doubt in doubted["replay"]["doubts"] if "too old to be sure" in doubt]
    settings = paddock_home / "config" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps({"version": 1, "load.kv_type": "q4_0"}))
    asked = run("ask", "Tell me of llamas.", "--json", "--max-tokens", "40", "--temperature", "0.9", "--seed", "3")
    end = json.loads(asked.stdout.splitlines()[-1])
    assert end["receipt"]["kv_type"] == "q4_0"
    settings.unlink()
    again = json.loads(run("ask", "--replay", end["message"], "--json").stdout.splitlines()[-1])
    assert again["replay"] == {"identical": True, "first_difference": None, "doubts": []}
    assert again["receipt"]["kv_type"] == "q4_0"


@pytest.fixture
def named_by_file(tmp_path: Path) -> tuple[Path, str, str]:
    """A file that was named once, and the ids of a conversation with its model, and of its reply."""
    tiny = TinyModel().write(tmp_path / "meadow.gguf")
    asked = run("ask", "Hello", "--model", str(tiny), "--max-tokens", "3", "--json")
    end = json.loads(asked.stdout.splitlines()[-1])
    return tiny, end["conversation"], end["message"]


def test_a_model_that_was_named_by_its_file_is_found_again(named_by_file: tuple[Path, str, str]) -> None:
    """By what is in the file: another one of the same name, though it is in the list, did not write before."""
    tiny, conversation, message = named_by_file
    other = TinyModel(seed=2).write(tiny.with_name("other.gguf"))
    assert run("models", "add", str(other)).returncode == 0
    again = run("ask", "--replay", message)
    assert again.returncode == 0
    assert again.stdout.endswith("The text is identical.\n")
    more = run("ask", "More", "--conversation", conversation, "--max-tokens", "3", "--json")
    written = json.loads(more.stdout.splitlines()[-1])["receipt"]["model"]["sha256"]
    assert written == hashlib.sha256(tiny.read_bytes()).hexdigest()


def test_another_file_of_the_same_name_is_told(named_by_file: tuple[Path, str, str]) -> None:
    """Where the one that wrote is gone, the other answers, and nobody takes it for the first."""
    tiny, conversation, _ = named_by_file
    other = TinyModel(seed=2).write(tiny.with_name("other.gguf"))
    assert run("models", "add", str(other)).returncode == 0
    assert run("ask", "Hello", "--model", str(other), "--max-tokens", "3").returncode == 0
    tiny.unlink()
    more = run("ask", "More", "--conversation", conversation, "--max-tokens", "3")
    assert more.returncode == 0
    assert more.stderr.startswith("The file of Tiny is not the one that wrote here before.\n")


def test_a_model_that_was_named_by_its_file_is_asked_for_by_it(
    named_by_file: tuple[Path, str, str], paddock_home: Path
) -> None:
    """Where the file was moved nothing finds it: it is said how it is named."""
    tiny, conversation, message = named_by_file
    moved = str(tiny.rename(tiny.with_name("moved.gguf")))
    for arguments in (("More", "--conversation", conversation), ("--replay", message)):
        refused = run("ask", *arguments)
        assert refused.returncode == 1
        assert refused.stderr.startswith("“Tiny”, which wrote before, is not in the list of models. Name its file")
    unnamed = "UPDATE generation SET model_sha256 = NULL, receipt = json_remove(receipt, '$.model.sha256')"
    change(paddock_home, unnamed)
    repeated = run("ask", "--replay", message, "--model", moved)
    assert repeated.returncode == 0
    assert "the file had not been hashed when it was written" in repeated.stdout
    assert "too old" not in repeated.stdout
