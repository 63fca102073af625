"""Chat templates that a stranger would write: each ends as one error, and soon."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from app.engine.engine import EngineError
from app.engine.llama.chat_template import ChatTemplate, ChatTemplateError
from app.engine.llama.prompting import template_budget
from app.engine.llama.prompting.template_budget import Allowance
from tests.engine.stories import system, user
from tests.engine.test_chat_template import HELLO, rendered

MILLION = "{% set big = 'a' * 1000000 %}"
BUILD = "{% set n = namespace(x='a') %}"
HOSTILE = {
    "another class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "the globals": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "through format": "{{ '{0.__class__.__init__.__globals__}'.format(messages) }}",
    "through an attribute's name": "{{ messages | map(attribute='__class__.__mro__') | list | first | first }}",
    "through a macro": "{% macro f() %}{% endmacro %}{{ f.__call__.__globals__ }}",
    "changing what it was given": "{{ messages.append(1) }}",
    "its own refusal": "{{ raise_exception('No.') }}",
    "long product": "{{ 'a' * 10 ** 9 }}",
    "long list": "{{ [0] * 10 ** 9 }}",
    "long list of long texts": MILLION + "{{ [big] * 100000 }}",
    "doubling": BUILD + "{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "doubling by join": BUILD + "{% for i in range(99) %}{% set n.x = [n.x] * 2 | join %}"
    "{{ n.x | length }}{% set n.x = [n.x, n.x] | join %}{% endfor %}",
    "doubling by plus": BUILD + "{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "doubling by percent": BUILD + "{% for i in range(99) %}{% set n.x = '%s%s' % (n.x, n.x) %}{% endfor %}",
    "doubling by format": BUILD + "{% for i in range(99) %}{% set n.x = '{0}{0}'.format(n.x) %}{% endfor %}",
    "doubling in a block": BUILD
    + "{% for i in range(99) %}{% set x %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = x %}{% endfor %}",
    "doubling lists": BUILD + "{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    "doubling tuples": BUILD + "{% for i in range(99) %}{% set n.x = (n.x, n.x) %}{% endfor %}{{ n.x == n.x }}",
    "doubling tables": BUILD + "{% for i in range(99) %}{% set n.x = {1: n.x, 2: n.x} %}{% endfor %}{{ n.x | tojson }}",
    "deep tuples": BUILD + "{% for i in range(99999) %}{% set n.x = (n.x,) %}{% endfor %}{{ {n.x: 1} }}",
    "deep calls of lists": BUILD
    + "{% for i in range(99999) %}{% set n.x = n.x | list | batch(1) %}{% endfor %}{{ n.x }}",
    "things that wait for each other": BUILD
    + "{% for i in range(99999) %}{% set n.x = n.x | map('upper') %}{% endfor %}"
    "{% for i in range(99999) %}{% endfor %}{{ n.x | join | length }}{{ nothing.at.all }}",
    "a namespace that holds itself": "{% set n = namespace() %}{% set n.x = [n] * 9999 %}{{ n.x | tojson }}",
    "growing replace": "{{ ('a' * 9999) | replace('a', 'b' * 99999) }}",
    "growing replace by method": MILLION + "{{ big.replace('', big) }}",
    "growing join": MILLION + "{{ range(100000) | join(big) }}",
    "growing join by method": MILLION + "{{ big.join(range(100000) | map('string')) }}",
    "growing join of a table": MILLION + "{{ dict(range(60000) | batch(2)) | join(big) }}",
    "growing join by name": MILLION + "{{ range(100000) | join(attribute=none, d=big) }}",
    "growing replace by name": MILLION + "{{ big | replace(new=big, old='a') }}",
    "growing map": "{{ range(100000) | map('center', 9999) | list | length }}",
    "growing default": MILLION + "{{ range(100000) | map(attribute='x', default=big) | join }}",
    "growing sum": "{{ range(100000) | map(attribute='x', default=[0] * 10000) | sum(start=[]) }}",
    "growing translation": MILLION + "{{ big.translate({97: big}) }}",
    "growing tabs": "{{ ('\t' * 1000000).expandtabs(9999) }}",
    "growing indent": "{{ ('\n' * 1000000) | indent(9999) }}",
    "growing indent by a text": MILLION + "{{ ('\n' * 1000000) | indent(big) }}",
    "growing JSON": MILLION + "{{ (range(100000) | list) | tojson(separators=(big, big)) }}",
    "wide JSON": "{{ (range(100000) | list) | tojson(indent=99999) }}",
    "growing fields": MILLION + "{{ ('{0}' * 100000).format(big) }}",
    "growing fields of percent": MILLION + "{{ ('%(a)s' * 100000) % {'a': big} }}",
    "many wide fields": "{{ ('{:9999}' * 100000).format(1) }}",
    "a field in a field": "{{ '{:{}}'.format('a', 10 ** 9) }}",
    "a field from a list": "{{ '%*d' % (10 ** 9, 1) }}",
    "wide method": "{{ 'a'.ljust(10 ** 9) }}",
    "wide filter": "{{ 'a' | center(10 ** 9) }}",
    "wide field": "{{ '{:999999999}'.format(1) }}",
    "wide percent": "{{ '%999999999d' % 1 }}",
    "wide bytes": "{{ '%999999999d'.encode() % 1 }}",
    "large number": "{{ 9 ** 9999999 }}",
    "large number by reading": "{{ ('0x' ~ 'f' * 1000000) | int(base=16) // 3 }}",
    "large number divides": "{{ 10 ** 18 is divisibleby(('0x' ~ 'f' * 900000) | int(0, 16)) }}",
    "numbers with one hash": "{{ range(0, 100000 * (2 ** 61 - 1), 2 ** 61 - 1) | unique | list | length }}",
    "long range": "{% for i in range(10 ** 9) %}{% endfor %}",
    "loops in loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a loop that calls itself": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "endless macro": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "macros that call two": "{% macro f(n) %}{% if n %}{{ f(n - 1) ~ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "much output": "{% set x = 'a' * 99999 %}{% for i in range(99999) %}{{ x }}{% endfor %}",
    "much output of its own": "{% for i in range(99999) %}" + "a" * 50_000 + "{% endfor %}",
    "much output in a macro": MILLION
    + "{% macro f() %}{% for i in range(99999) %}{{ big }}{% endfor %}{% endmacro %}{{ f() }}",
    "long comparisons": MILLION + "{% set other = big ~ 'b' %}{{ (other ~ 'c') in [other] * 100000 }}",
    "many searches": MILLION + "{{ range(100000) | select('in', [-1] * 100000) | list }}",
    "search from behind": "{{ ('a' * 1000000).rfind('ab' ~ 'a' * 400000) }}",
    "strip of many signs": MILLION + "{{ big | trim('b' * 900000 ~ 'a') }}",
    "long attribute": "{{ range(100000) | map(attribute='a.' * 200000) | list }}",
    "long date": "{{ strftime_now('%c' * 1000000) }}",
    "many comparisons": MILLION
    + "{% set other = big[1:] ~ 'b' %}"
    + "{{ other in big }}" * 4000
    + "{{ nothing.at.all }}",
    "ever longer texts": BUILD + "{% for i in range(99999) %}{% set n.x = n.x ~ 'aaaaaaaaaaaaaaaaaaaa' %}{% endfor %}",
    "division": "{{ 1 / 0 }}",
    "undefined": "{{ nothing.at.all }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "wrong syntax": "{% if %}",
    "unknown tag": "{% explode %}",
    "deep source": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "large source": "a" * 10**6,
    "dense source": "{{ a in b }}" * 10_000,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_is_one_error(source: str) -> None:
    """Whatever a template tries, what comes out is a `ChatTemplateError` in plain words, within 2 s of work."""
    began_s = time.thread_time()
    with pytest.raises(ChatTemplateError) as caught:
        ChatTemplate(source).render(HELLO)
    assert time.thread_time() - began_s < 2
    assert isinstance(caught.value, EngineError)
    assert "template" in str(caught.value)


THREE_LOOPS = "{% for i in range(99999) %}" * 3 + "{% endfor %}" * 3


@pytest.mark.parametrize("source", [HOSTILE["loops in loops"], HOSTILE["macros that call two"], THREE_LOOPS])
def test_a_template_that_never_ends_holds_nothing_up(source: str) -> None:
    """Reading it, finding out what it can do, and trying it in all ways is over within 2 s of work."""
    began_s = time.thread_time()
    with pytest.raises(ChatTemplateError, match="stopped"):
        rendered(source, system("Be kind."), user("Hello"), user("Hello?"))
    assert time.thread_time() - began_s < 2


def test_runs_that_share_an_allowance_take_no_longer_together() -> None:
    """The second run has what the first one left."""
    template = ChatTemplate(THREE_LOOPS)
    began_s = time.thread_time()
    with template.sharing(Allowance(0.2)):
        for _ in range(5):
            with pytest.raises(ChatTemplateError, match="it takes too long"):
                template.render(HELLO)
    assert time.thread_time() - began_s < 0.6


def test_a_busy_machine_is_not_the_templates_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is how long it worked; the clock ends it only when it has run much longer."""
    clock, worked = 0.0, 0.0
    monkeypatch.setattr(template_budget, "time", SimpleNamespace(monotonic=lambda: clock, thread_time=lambda: worked))
    allowance = Allowance(1.0)
    clock, worked = 2.0, 0.5
    assert not allowance.is_over
    clock, worked = 2.0, 1.1
    assert allowance.is_over
    clock, worked = 3.1, 0.5
    assert allowance.is_over
