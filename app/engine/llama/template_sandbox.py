"""The room in which a chat template runs: Jinja's own sandbox, with bounds on steps, time and the size of texts."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from typing_extensions import override

_MAX_STEPS: Final = 1_000_000
_MAX_SECONDS: Final = 2.0
_MAX_LENGTH: Final = 16 * 1024 * 1024
_MAX_WIDTH: Final = 10_000
_MAX_INTEGER_BITS: Final = 4096
_METHODS_WITH_WIDTH: Final = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs", "to_bytes"})
_FILTERS_WITH_WIDTH: Final = frozenset(
    {"batch", "center", "indent", "round", "slice", "tojson", "truncate", "wordwrap"}
)
_WIDE_FIELD: Final = re.compile(r"\d{5,}|\*")


class LimitReachedError(Exception):
    """A template did more than any honest one does. The words go after a colon."""


class _GenerationTag(Extension):
    """`{% generation %}` marks the assistant's words for training; for a prompt it means nothing."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's own way to declare it

    @override
    def parse(self, parser: Parser) -> list[nodes.Node]:
        parser.stream.skip(1)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """What a chat template may use. `begin` before each run sets its counters back."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        """Set up as Hugging Face's own library does, so that templates mean the same."""
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=[_GenerationTag, loopcontrols])
        self.filters = {name: _bounded_filter(name, function) for name, function in self.filters.items()}
        self.globals = {name: value for name, value in self.globals.items() if name != "lipsum"}  # 10 s of Latin
        self.begin()

    def begin(self) -> None:
        """Start a run: no step is taken yet."""
        self._steps = 0
        self._deadline = time.monotonic() + _MAX_SECONDS

    def count_step(self) -> None:
        """Called in each round of each loop and at each call."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise LimitReachedError("it takes too many steps.")
        if time.monotonic() > self._deadline:
            raise LimitReachedError("it takes too long.")

    def concatenate(self, *parts: object) -> str:
        """Join texts, as `~` does, while the whole stays within bounds."""
        texts = [str(part) for part in parts]
        _check_length(sum(len(text) for text in texts))
        return "".join(texts)

    @override
    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        _InsertBounds().visit(template)
        return template

    @override
    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _check_operands(operator, left, right)
        return super().call_binop(context, operator, left, right)

    @override
    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.count_step()
        _check_method(obj, args, kwargs)
        return _checked(super().call(context, obj, *args, **kwargs))


class _InsertBounds(NodeTransformer):
    """Makes each loop count its rounds, and each `~` measure its parts."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named after the node
        node.body.insert(0, nodes.ExprStmt(_call("count_step", []), lineno=node.lineno))
        return self.generic_visit(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - named after the node
        self.generic_visit(node)
        return _call("concatenate", node.nodes, lineno=node.lineno)


def _call(method: str, arguments: list[nodes.Expr], lineno: int = 0) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(method), arguments, [], None, None, lineno=lineno)


def _bounded_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)  # keeps Jinja's marks on it: which filters take the context first
    def bounded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - a filter takes anything
        if name in _FILTERS_WITH_WIDTH:
            _check_widths(args, kwargs)
        if name == "format":
            _check_fields(args[0])
        if name in {"join", "replace"}:
            _check_growth(args, kwargs)
        return _checked(function(*args, **kwargs))

    return bounded


def _check_method(method: object, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
    inner = getattr(method, "__wrapped__", method)
    owner, name = getattr(inner, "__self__", None), getattr(inner, "__name__", "")
    if not isinstance(owner, (str, bytes, int)):
        return
    if name in _METHODS_WITH_WIDTH:
        _check_widths(args, kwargs)
    if name in {"format", "format_map"}:
        _check_fields(owner)
    if name in {"join", "replace"}:
        _check_growth((owner, *args), kwargs)


def _check_operands(sign: str, left: object, right: object) -> None:
    if sign == "%":
        _check_fields(left)
    if isinstance(left, int) and isinstance(right, int):
        _check_integers(sign, left, right)
    elif sign == "*":
        _check_length(max(_length(left), _length(right)) * max(_whole(left), _whole(right)))
    elif sign == "+":
        _check_length(_length(left) + _length(right))


def _check_integers(sign: str, left: int, right: int) -> None:
    bits = left.bit_length() * right if sign == "**" else left.bit_length() + right.bit_length()
    if bits > _MAX_INTEGER_BITS:
        raise LimitReachedError("it makes too large a number.")


def _check_widths(args: Sequence[object], kwargs: Mapping[str, object]) -> None:
    if any(_whole(value) > _MAX_WIDTH for value in (*args[1:], *args[:1], *kwargs.values())):
        raise LimitReachedError("it makes too wide a text.")


def _check_fields(template: object) -> None:
    if isinstance(template, str) and _WIDE_FIELD.search(template):
        raise LimitReachedError("it makes too wide a text.")


def _check_growth(args: Sequence[object], kwargs: Mapping[str, object]) -> None:
    """Bound what joining or replacing can make of texts: each may come once for each part of another."""
    lengths = sorted((_length(value) for value in (*args, *kwargs.values())), reverse=True)
    if len(lengths) > 1 and (lengths[0] + 1) * lengths[1] > 4 * _MAX_LENGTH:
        raise LimitReachedError("it makes too long a text.")


def _checked(result: Any) -> Any:  # noqa: ANN401 - a call gives anything
    _check_length(_length(result))
    return result


def _check_length(length: int) -> None:
    if length > _MAX_LENGTH:
        raise LimitReachedError("it makes too long a text.")


def _length(value: object) -> int:
    return len(value) if isinstance(value, (str, bytes, list, tuple)) else 0  # pyright: ignore[reportUnknownArgumentType] - any list


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
