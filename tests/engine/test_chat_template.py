"""Chat templates: those that models bring, and those that a stranger would write."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.engine.engine import EngineError
from app.engine.llama.chat_template import ChatTemplate, ChatTemplateError
from app.engine.llama.prompt import template_text, transcript
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
# Of the templates that llama.cpp keeps: this one refuses a system message, this one wants a variable of its own.
NEEDS_MORE = {"google-gemma-2-2b-it.jinja", "fireworks-ai-llama-3-firefunction-v2.jinja"}


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
    )
    messages = [{"role": "user", "content": "Grüße <b>"}]
    rendered = ChatTemplate(source, **TOKENS).render(messages, extra="more")
    assert rendered == '<s></s>[{"role": "user", "content": "Grüße <b>"}]401wordsmore'


def test_variables_that_are_not_given_stay_undefined() -> None:
    """A template can ask whether there are tools; there are none, not even None."""
    assert ChatTemplate("{{ tools is defined }} {{ tools is none }}").render(HELLO) == "False False"


def test_blocks_leave_no_empty_lines() -> None:
    """Templates are written for trimmed blocks."""
    assert ChatTemplate("{% if true %}\n  {% if true %}\na\n  {% endif %}\n{% endif %}\nb").render(HELLO) == "a\nb"


HOSTILE = {
    "another class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "the globals": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "through format": "{{ '{0.__class__.__init__.__globals__}'.format(messages) }}",
    "changing what it was given": "{{ messages.append(1) }}",
    "its own refusal": "{{ raise_exception('No.') }}",
    "long product": "{{ 'a' * 10 ** 9 }}",
    "long list": "{{ [0] * 10 ** 9 }}",
    "doubling": "{% set n = namespace(x='aa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "doubling by join": "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = [n.x] * 2 | join %}"
    "{{ n.x | length }}{% set n.x = [n.x, n.x] | join %}{% endfor %}",
    "doubling by plus": "{% set n = namespace(x='aa') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "growing replace": "{{ ('a' * 9999) | replace('a', 'b' * 99999) }}",
    "wide method": "{{ 'a'.ljust(10 ** 9) }}",
    "wide filter": "{{ 'a' | center(10 ** 9) }}",
    "wide field": "{{ '{:999999999}'.format(1) }}",
    "wide percent": "{{ '%999999999d' % 1 }}",
    "large number": "{{ 9 ** 9999999 }}",
    "long range": "{% for i in range(10 ** 9) %}{% endfor %}",
    "loops in loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "endless macro": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "much output": "{% set x = 'a' * 99999 %}{% for i in range(99999) %}{{ x }}{% endfor %}",
    "division": "{{ 1 / 0 }}",
    "undefined": "{{ nothing.at.all }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "wrong syntax": "{% if %}",
    "unknown tag": "{% explode %}",
    "deep source": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "large source": "a" * 10**6,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_is_one_error(source: str) -> None:
    """Whatever a template tries, what comes out is a `ChatTemplateError` in plain words, soon."""
    with pytest.raises(ChatTemplateError) as caught:
        ChatTemplate(source).render(HELLO)
    assert isinstance(caught.value, EngineError)
    assert "template" in str(caught.value)


def test_a_refusal_says_the_templates_own_words() -> None:
    """Why a template refuses is its author's sentence."""
    with pytest.raises(ChatTemplateError, match="System role not supported"):
        ChatTemplate(STRICT).render([{"role": "system", "content": "Be kind."}, *HELLO])


def test_braces_in_a_refusal_are_only_text() -> None:
    """A template cannot make the sentence about it fail."""
    with pytest.raises(ChatTemplateError) as caught:
        ChatTemplate("{{ raise_exception('{0.__class__} {reason}') }}").render(HELLO)
    assert "{0.__class__} {reason}" in str(caught.value)


def test_a_template_without_system_messages_gets_the_words_in_the_first_turn() -> None:
    """What the user set as system prompt is not lost because a template knows no such role."""
    text = template_text(ChatTemplate(STRICT), [system("Be kind."), user("Hello")])
    assert text == "[user]Be kind.\n\nHello[assistant]"


def test_neighbours_of_one_role_are_joined_where_a_template_insists() -> None:
    """A question asked twice, because the first had no answer, is one message for a strict template."""
    text = template_text(ChatTemplate(STRICT), [user("Hello?"), user("Anyone?"), assistant("Yes."), user("Good.")])
    assert text == "[user]Hello?\n\nAnyone?[assistant]Yes.[user]Good.[assistant]"


def test_a_refusal_that_cannot_be_helped_is_told() -> None:
    """Nothing is folded that would not help; the first refusal is the one that counts."""
    always = ChatTemplate("{{ raise_exception('Never.') }}")
    with pytest.raises(ChatTemplateError, match=r"Never\."):
        template_text(always, [system("s"), user("u")])


def test_a_begun_reply_goes_on_after_the_generation_prompt() -> None:
    """Its words are the last of the prompt, as if the model had just written them."""
    text = template_text(ChatTemplate(CHATML), [user("Count."), assistant("One, two")])
    assert text == "<|im_start|>user\nCount.<|im_end|>\n<|im_start|>assistant\nOne, two"


def test_a_plain_transcript() -> None:
    """A model without a format reads a conversation as anybody would write it."""
    assert transcript([system("s"), user("Hi"), assistant("Ho"), user("And?")]) == (
        "System: s\n\nUser: Hi\n\nAssistant: Ho\n\nUser: And?\n\nAssistant:"
    )
    assert transcript([user("Hi"), assistant("Ho, he")]) == "User: Hi\n\nAssistant: Ho, he"


def test_templates_are_read_without_llama_cpp() -> None:
    """The module is part of the stable surface: importing it loads neither llama.cpp nor Qt."""
    program = "import app.engine.llama.chat_template, sys; print({'llama_cpp', 'PySide6'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_templates_that_llama_cpp_keeps() -> None:
    """Every template of the well-known models renders, but for two that want what an ordinary conversation lacks."""
    messages = [*HELLO, {"role": "assistant", "content": "Hi"}, {"role": "user", "content": "Again"}]
    files = sorted((llama_models_folder() / "templates").glob("*.jinja"))
    assert len(files) > 50
    for file in files:
        template = ChatTemplate(file.read_text(encoding="utf-8"), **TOKENS)
        try:
            assert "Again" in template.render([{"role": "system", "content": "Be kind."}, *messages]), file.name
        except ChatTemplateError:
            assert file.name in NEEDS_MORE
