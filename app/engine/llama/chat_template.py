"""Turns messages into a model's prompt format. The template comes with the model file: it is a stranger's program."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from typing import Any, Final

import jinja2

from app.engine.engine import ChatTemplateError
from app.engine.llama.prompting.template_budget import Allowance
from app.engine.llama.prompting.template_sandbox import LimitReachedError, TemplateSandbox

__all__ = ["ChatTemplate", "ChatTemplateError", "left_out_error"]

_MAX_SOURCE_CHARACTERS: Final = 256 * 1024
_MAX_SOURCE_WORDS: Final = 20_000
"""As the compiler counts them. The largest template of a well-known model has fewer than 4,000."""
_MAX_OUTPUT_CHARACTERS: Final = 32 * 1024 * 1024
_SHOWN_REASON_CHARACTERS: Final = 300
_MAX_LAYOUT_CHARACTERS: Final = 200
_MAX_INDENT: Final = 32
_NO_REASON: Final = "no reason given"
_NEXT_STEP: Final = (
    "Choose a chat template of your own for this model, behind its name in the list of models or by “models template”; "
    "or look for another file of it."
)


class _RefusedError(Exception):
    """The template called `raise_exception`."""


class ChatTemplate:
    """A chat template, compiled once. Stable surface: see DESIGN section 5.

    It runs in a sandbox and sees only what it is given; its steps, its time and its output are bounded.
    """

    def __init__(self, source: str, *, bos_token: str = "", eos_token: str = "") -> None:
        """Compile `source`. Raises `ChatTemplateError` when it is not a template, or too large."""
        self._tokens = {"bos_token": bos_token, "eos_token": eos_token}
        self._sandbox = TemplateSandbox()
        self._sandbox.add_filter("tojson", _to_json)
        self._sandbox.globals.update(_FUNCTIONS)
        try:
            self._check_size(source)
            self._template = self._sandbox.from_string(source)
        except LimitReachedError as error:
            message = "The model's chat template is too large to be used."
            raise ChatTemplateError(message, next_step=_NEXT_STEP) from error
        except Exception as error:  # whatever a stranger's source makes of the compiler, it is the file's fault
            raise _failure("The model's chat template has a mistake in it.", error) from error

    def render(
        self, messages: Sequence[Mapping[str, Any]], *, add_generation_prompt: bool = True, **variables: object
    ) -> str:
        """Give the prompt's text. `messages` have `role` and `content`; variables that are not given stay undefined.

        Raises `ChatTemplateError` when the template refuses the messages, fails, or goes beyond its limits.
        """
        context = {
            **self._tokens,
            **variables,
            "messages": [dict(message) for message in messages],
            "add_generation_prompt": add_generation_prompt,
        }
        try:
            return self._run(context)
        except _RefusedError as error:
            raise _failure("The model's chat template refused the conversation: “{reason}”.", error) from error
        except LimitReachedError as error:
            raise _failure("The model's chat template was stopped: {reason}.", error) from error
        except jinja2.exceptions.SecurityError as error:
            raise _failure("The model's chat template tried something that is not allowed.", error) from error
        except Exception as error:  # a stranger's program can fail in any way
            raise _failure("The model's chat template could not be used.", error) from error

    def sharing(self, allowance: Allowance) -> AbstractContextManager[None]:
        """Let all that is rendered meanwhile take no longer than `allowance` together."""
        return self._sandbox.budget.sharing(allowance)

    def _check_size(self, source: str) -> None:
        if len(source) > _MAX_SOURCE_CHARACTERS:
            raise LimitReachedError("it is too long.")
        words = islice(self._sandbox.lex(source), _MAX_SOURCE_WORDS + 1)
        if sum(1 for _ in words) > _MAX_SOURCE_WORDS:
            raise LimitReachedError("it is too long.")

    def _run(self, context: Mapping[str, object]) -> str:
        self._sandbox.budget.begin(context)
        parts: list[str] = []
        length = 0
        for part in self._template.generate(context):
            length += len(part)
            if length > _MAX_OUTPUT_CHARACTERS:
                raise LimitReachedError("its output is too long.")
            parts.append(part)
        return "".join(parts)


def left_out_error() -> ChatTemplateError:
    """Give the error for a template that shows the model nothing of what it should reply to."""
    return ChatTemplateError(
        "The model's chat template leaves out your message.", next_step=_NEXT_STEP, reason="it leaves out your message"
    )


def _failure(message: str, error: Exception) -> ChatTemplateError:
    reason = str(error)[:_SHOWN_REASON_CHARACTERS].strip()
    return ChatTemplateError(
        message,
        next_step=_NEXT_STEP,
        details=f"{type(error).__name__}: {reason}",
        reason=reason.rstrip(".") or _NO_REASON,  # it stands before a full stop
    )


def _raise_exception(message: object) -> None:
    raise _RefusedError(str(message))


def _format_now(layout: str) -> str:
    if len(layout) > _MAX_LAYOUT_CHARACTERS:
        raise LimitReachedError("it makes too long a date.")
    return datetime.now().astimezone().strftime(layout)


_FUNCTIONS: Final[Mapping[str, Any]] = {"raise_exception": _raise_exception, "strftime_now": _format_now}


def _to_json(  # the arguments that templates give it by name
    value: object,
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002 - a filter's arguments may come by place
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002 - a filter's arguments may come by place
) -> str:
    widths = (indent, *(separators or ()))
    if any((len(width) if isinstance(width, str) else width or 0) > _MAX_INDENT for width in widths):
        raise LimitReachedError("it makes too wide a text.")
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
