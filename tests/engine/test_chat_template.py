"""Chat templates as models bring them: what they are given, and what becomes of a conversation."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.engine.llama.chat_template import ChatTemplate, ChatTemplateError
from app.engine.llama.prompting.prompt import transcript
from app.engine.llama.prompting.rendering import Renderer, Rendering
from app.engine.llama.prompting.spoken import spoken
from app.engine.llama.prompting.template_abilities import find_abilities
from app.engine.llama.prompting.template_bounds import GenerationTag
from app.engine.requests import PromptMessage
from tests.engine.stories import assistant, system, user
from tests.llama_sources import llama_models_folder

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
HELLO = [{"role": "user", "content": "Hello"}]
# Of the templates that llama.cpp keeps: this one wants a variable of its own; these get the system's words otherwise.
NEEDS_MORE = {"fireworks-ai-llama-3-firefunction-v2.jinja": "'functions' is undefined"}
TAKE_NO_SYSTEM_MESSAGE = ["google-gemma-2-2b-it.jinja"]


def test_a_plain_template() -> None:
    """The usual format, with and without the words that let the model speak."""
    template = ChatTemplate(CHATML)
    assert template.render(HELLO) == "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    assert template.render(HELLO, add_generation_prompt=False) == "<|im_start|>user\nHello<|im_end|>\n"


def test_what_templates_expect_of_their_surroundings() -> None:
    """Tokens, JSON in any script, the date, loop controls and the training mark are all there."""
    source = (
        "{{ bos_token }}{{ eos_token }}{{ messages | tojson }}{{ strftime_now('%Y') | length }}"
        "{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}"
        "{% generation %}words{% endgeneration %}{{ extra }}"
        "{% macro at(l) %}{{ l.index }}{% endmacro %}{% for m in [1, 2] %}{{ at(loop) }}{% endfor %}"
    )
    messages = [{"role": "user", "content": "Grüße <b>"}]
    rendered = ChatTemplate(source, **TOKENS).render(messages, extra="more")
    assert rendered == '<s></s>[{"role": "user", "content": "Grüße <b>"}]401wordsmore12'


def test_variables_that_are_not_given_stay_undefined() -> None:
    """A template can ask whether there are tools; there are none, not even None."""
    assert ChatTemplate("{{ tools is defined }} {{ tools is none }}").render(HELLO) == "False False"


def test_blocks_leave_no_empty_lines() -> None:
    """Templates are written for trimmed blocks."""
    assert ChatTemplate("{% if true %}\n  {% if true %}\na\n  {% endif %}\n{% endif %}\nb").render(HELLO) == "a\nb"


def test_a_refusal_says_the_templates_own_words() -> None:
    """Why a template refuses is its author's sentence."""
    with pytest.raises(ChatTemplateError, match="System role not supported"):
        ChatTemplate(STRICT).render([{"role": "system", "content": "Be kind."}, *HELLO])


def test_braces_in_a_refusal_are_only_text() -> None:
    """A template cannot make the sentence about it fail."""
    with pytest.raises(ChatTemplateError) as caught:
        ChatTemplate("{{ raise_exception('{0.__class__} {reason}') }}").render(HELLO)
    assert "{0.__class__} {reason}" in str(caught.value)


def rendered(source: str, *messages: PromptMessage) -> Rendering:
    """What a template makes of a conversation, once it is known what it can do."""
    template = ChatTemplate(source, **TOKENS)
    return Renderer(template, find_abilities(template)).render(spoken(list(enumerate(messages)), ""), {})


def words_in(rendering: Rendering) -> list[str]:
    """What lies where the words of messages should lie."""
    assert rendering.places is not None
    return [rendering.text[place.start : place.end] for place in rendering.places]


def test_a_template_without_system_messages_gets_the_words_in_the_first_turn() -> None:
    """What the user set as system prompt is not lost because a template knows no such role."""
    told = rendered(STRICT, system("Be kind."), user("Hello"))
    assert told.text == "[user]Be kind.\n\nHello[assistant]"
    assert words_in(told) == ["Be kind.", "Hello"]
    assert told.is_system_folded


def test_a_template_that_drops_the_system_message_in_silence_gets_it_too() -> None:
    """It refuses nothing, and says nothing of it: that is found out by trying."""
    silent = "{% for m in messages %}{% if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endif %}{% endfor %}"
    told = rendered(silent, system("Be kind."), user("Hello"), assistant("Hi"), user("Again"))
    assert told.text == "[user]Be kind.\n\nHello[assistant]Hi[user]Again"
    assert told.is_system_folded


def test_neighbours_of_one_role_are_joined_where_a_template_insists() -> None:
    """A question asked twice, because the first had no answer, is one message for a strict template."""
    told = rendered(STRICT, user("Hello?"), user("Anyone?"), assistant("Yes."), user("Good."))
    assert told.text == "[user]Hello?\n\nAnyone?[assistant]Yes.[user]Good.[assistant]"
    assert words_in(told) == ["Hello?", "Anyone?", "Yes.", "Good."]


def test_a_reply_without_its_question_is_quoted_where_a_template_insists() -> None:
    """A pinned reply whose question fell out is told as what it is."""
    told = rendered(STRICT, assistant("Forty-two."), user("Why?"))
    assert told.text == "[user]You wrote earlier:\nForty-two.\n\nWhy?[assistant]"


def test_a_template_that_drops_every_second_neighbour_gets_them_as_one() -> None:
    """Nothing of what somebody said is lost without a word."""
    silent = (
        "{% for m in messages %}{% if loop.first or m.role != messages[loop.index0 - 1].role %}"
        "[{{ m.role }}]{{ m.content }}{% endif %}{% endfor %}"
    )
    told = rendered(silent, user("Hello?"), user("Anyone?"))
    assert words_in(told) == ["Hello?", "Anyone?"]


def test_a_refusal_that_cannot_be_helped_is_told() -> None:
    """Nothing is folded that would not help; the first refusal is the one that counts."""
    with pytest.raises(ChatTemplateError, match=r"Never”\."):
        rendered("{{ raise_exception('Never.') }}", system("s"), user("u"))


@pytest.mark.parametrize(
    "source", ["{{ 'fixed text' }}", "0", "{{ messages | length }}", "{{ messages[0].content }}", "{{ bos_token }}"]
)
def test_a_template_that_leaves_out_the_question_is_refused(source: str) -> None:
    """A model that never sees the message is not let answer it."""
    with pytest.raises(ChatTemplateError) as caught:
        rendered(source, system("Be kind."), user("Hello"), assistant("Hi"), user("0"))
    assert str(caught.value).startswith("The model's chat template leaves out your message. Choose a chat template")


def test_what_a_template_leaves_out_of_the_past_is_told() -> None:
    """One that only says the questions answers them; that the replies are not there is no secret."""
    told = rendered(
        "{% for m in messages if m.role == 'user' %}[{{ m.content }}]{% endfor %}",
        user("Hello"),
        assistant("Hi"),
        user("And?"),
    )
    assert told.text == "[Hello][And?]"
    assert (told.left_out, words_in(told), told.is_system_folded) == ((1,), ["Hello", "And?"], False)


def test_words_that_are_left_out_were_not_folded() -> None:
    """A template that says only what comes last says nothing of the system, and that is told as it is."""
    told = rendered("{{ messages[-1].content }}", system("Be kind."), user("Hello"), assistant("Hi"), user("And?"))
    assert (told.text, told.left_out, told.is_system_folded) == ("And?", (0, 1, 2), False)


def test_a_template_in_capitals_says_the_words() -> None:
    """What it changes is still said: nothing is left out, and the system speaks for itself."""
    told = rendered(
        "{% for m in messages %}{{ (m.role ~ ': ' ~ m.content) | upper }} {% endfor %}", system("Be."), user("Hi")
    )
    assert (told.text, told.left_out, told.is_system_folded) == ("SYSTEM: BE. USER: HI ", (), False)


@pytest.mark.parametrize(("reason", "shown"), [("no way", "“no way”."), ("No.", "“No”."), ("", "“no reason given”.")])
def test_a_refusal_is_a_whole_sentence(reason: str, shown: str) -> None:
    """However its author ended it, the next step stands behind a full stop."""
    with pytest.raises(ChatTemplateError) as caught:
        ChatTemplate("{{ raise_exception('" + reason + "') }}").render(HELLO)
    assert f"refused the conversation: {shown} Choose a chat template of your own" in str(caught.value)
    with pytest.raises(ChatTemplateError, match=r"was stopped: it counts through too many numbers\. Choose"):
        ChatTemplate("{{ range(10 ** 9) | length }}").render(HELLO)
    with pytest.raises(ChatTemplateError, match=r"was stopped: it makes too large a number\. Choose"):
        ChatTemplate("{{ range(2 ** 60, 2 ** 60 + 2) | list }}").render(HELLO)
    with pytest.raises(ChatTemplateError, match=r"too large to be used\. Choose"):
        ChatTemplate("x" * 300_000)


def test_what_templates_do_to_the_ends_of_words_is_seen() -> None:
    """Stripped words are found as they are; where something else became of them, nothing is claimed."""
    stripping = "{% for m in messages %}[{{ m.role }}] {{ m.content | trim }} {% endfor %}"
    assert words_in(rendered(stripping, user("  Hello\n"), assistant("\n\nHi "))) == ["Hello", "Hi"]
    assert rendered("{% for m in messages %}{{ m.content | upper }}{% endfor %}", user("Hello")).places is None
    assert rendered("{% for m in messages %}{{ m.content ~ m.content }}{% endfor %}", user("Hello")).places is None


def test_a_template_that_says_the_time_is_asked_anew() -> None:
    """What it says of its own accord changes; the words are found all the same."""
    template = ChatTemplate("{{ strftime_now('%f') }}{% for m in messages %}[{{ m.content }}]{% endfor %}")
    renderer = Renderer(template, find_abilities(template))
    for _ in range(3):
        told = renderer.render(spoken([(0, user("Hello"))], ""), {})
        assert told.places is None or words_in(told) == ["Hello"]


def test_a_plain_transcript() -> None:
    """A model without a format reads a conversation as anybody would write it."""
    told = transcript(spoken(list(enumerate([system("s"), user("Hi"), assistant("Ho"), user("And?")])), ""))
    assert told.text == "System: s\n\nUser: Hi\n\nAssistant: Ho\n\nUser: And?\n\nAssistant:"
    assert words_in(told) == ["s", "Hi", "Ho", "And?"]


def test_templates_are_read_without_llama_cpp() -> None:
    """The module is part of the stable surface: importing it loads neither llama.cpp nor Qt."""
    program = "import app.engine.llama.chat_template, sys; print({'llama_cpp', 'PySide6'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_templates_that_llama_cpp_keeps() -> None:
    """Every template of the well-known models renders a conversation, and each message is found in it again."""
    conversation = (system("Be kind."), user("Hello, "), assistant("\nHi. "), user("Again"))
    files = sorted((llama_models_folder() / "templates").glob("*.jinja"))
    assert len(files) > 50
    refused: dict[str, str] = {}
    folded: list[str] = []
    for file in files:
        try:
            told = rendered(file.read_text(encoding="utf-8"), *conversation)
        except ChatTemplateError as error:
            refused[file.name] = error.details
            continue
        assert {words.strip() for words in words_in(told)} == {"Be kind.", "Hello,", "Hi.", "Again"}, file.name
        folded += [file.name] if told.is_system_folded else []
    assert refused.keys() == NEEDS_MORE.keys()
    assert all(NEEDS_MORE[name] in reason for name, reason in refused.items())
    assert folded == TAKE_NO_SYSTEM_MESSAGE


def usual_sandbox() -> Any:  # noqa: ANN401 - of Jinja's environment, what is set here is not typed
    """Jinja's own sandbox, as Hugging Face's library sets it up."""
    usual: Any = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", GenerationTag]
    )
    usual.filters["tojson"] = partial(json.dumps, ensure_ascii=False)
    usual.globals["strftime_now"] = datetime.now().astimezone().strftime
    return usual


def test_bounds_change_nothing_that_an_honest_template_writes() -> None:
    """Each well-known template writes, with tools and without, what it writes in Jinja's own sandbox."""
    tool = {"type": "function", "function": {"name": "look", "description": "Look.", "parameters": {"type": "object"}}}
    messages = [{"role": "system", "content": "Be kind."}, *HELLO]
    everything: tuple[dict[str, Any], ...] = ({}, {"tools": [tool]})
    compared = 0
    for file in sorted((llama_models_folder() / "templates").glob("*.jinja")):
        source = file.read_text(encoding="utf-8")
        ours, theirs = ChatTemplate(source, **TOKENS), usual_sandbox().from_string(source)
        for more in everything:
            given: dict[str, Any] = {"messages": messages, "add_generation_prompt": True, **TOKENS, **more}
            try:
                expected: str = theirs.render(given)
            except Exception:  # noqa: BLE001, S112 - it needs more, or refuses in a way that only ours knows
                continue
            # One template marks a text as safe, and so has Jinja escape what is put behind it: there ours does not.
            assert ours.render(messages, **more) == html.unescape(expected), file.name
            compared += 1
    assert compared > 100
