"""A file with a chat template: taken when it can write a conversation, else refused with the reason."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.chat.template_file import TemplateFileError, read_template
from app.given_text import TextFileError

MEADOW = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}"
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('No system.') }}{% endif %}" + MEADOW


def file_of(folder: Path, content: str | bytes, name: str = "meadow.jinja") -> Path:
    """A file that holds this."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("meadow.jinja", MEADOW, MEADOW),
        ("meadow.txt", "\ufeff" + MEADOW, MEADOW),
        ("gemma.j2", NO_SYSTEM, NO_SYSTEM),
        ("tokenizer_config.json", json.dumps({"chat_template": MEADOW}), MEADOW),
        (
            "Tokenizer_Config.JSON",
            json.dumps(
                {"chat_template": [{"name": "tools", "template": "x"}, {"name": "default", "template": MEADOW}]}
            ),
            MEADOW,
        ),
    ],
)
def test_what_publishers_offer_is_taken(tmp_path: Path, name: str, content: str, source: str) -> None:
    """The template alone, or the configuration that holds it; one that refuses system messages is a template too."""
    template = read_template(file_of(tmp_path, content, name))
    assert (template.name, template.source) == (name, source)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jinja", "{% for %}", "a.jinja cannot be used as a chat template: “Expected"),
        ("a.jinja", "{{ raise_exception('Never.') }}", "“Never”"),
        ("a.jinja", "{% for a in range(9**9) %}{% for b in range(9**9) %}{% endfor %}{% endfor %}", "cannot be used"),
        ("a.jinja", "{{ messages.__class__.__mro__ }}", "cannot be used"),
        ("a.jinja", "x" * 300_000, "too large"),
        ("a.txt", "Feed the llamas.", "is not a chat template"),
        ("a.txt", "", "is not a chat template"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.json", "[]", "holds no chat template"),
        ("a.json", '{"chat_template": 3}', "holds no chat template"),
        ("a.json", '{"chat_template": [1, {"name": "tools", "template": "x"}]}', "holds no chat template"),
        ("a.json", '{"chat_template": "\\ud800"}', "is not a chat template"),
    ],
)
def test_what_is_none_is_one_sentence(tmp_path: Path, name: str, content: str | bytes, words: str) -> None:
    """With the file's name, and what is wrong with it."""
    with pytest.raises(TemplateFileError, match=words) as caught:
        read_template(file_of(tmp_path, content, name))
    assert str(caught.value).startswith(name)


def test_a_file_that_is_no_text_is_named_as_the_template_would_be(tmp_path: Path) -> None:
    """By its name alone: where it lies was just chosen."""
    for path, words in (
        (tmp_path / "gone.jinja", "There is no file gone.jinja."),
        (file_of(tmp_path, b"\xff\xfe\x00", "a.txt"), "a.txt is not a text in UTF-8."),
    ):
        with pytest.raises(TextFileError, match=f"^{re.escape(words)}"):
            read_template(path)
