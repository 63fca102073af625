"""The room in which a chat template runs: Jinja's own sandbox, with bounds on steps, time and the size of values.

Every value in it is of a bounded size and depth, and no name leads to what takes longer than a value's size explains:
so each single step is short, and between two of them the time is looked at.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from jinja2.ext import loopcontrols
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import escape
from typing_extensions import override

from app.engine.llama.prompting.template_bounds import GenerationTag, insert_bounds
from app.engine.llama.prompting.template_budget import Budget, LimitReachedError, may_be_sought, may_be_wide

__all__ = ["LimitReachedError", "TemplateSandbox"]

_LONGEST_RANGE: Final = 100_000
_MAX_RANGE_END: Final = 2**53
_ABSENT_FILTERS: Final = frozenset({"pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr"})
"""Slow by their nature, or different each time; no chat template needs them."""
_ABSENT_METHODS: Final = frozenset(
    {"encode", "expandtabs", "format_map", "from_bytes", "fromkeys", "maketrans", "striptags", "to_bytes", "translate",
     "unescape"}
)  # fmt: skip
_METHODS_WITH_WIDTH: Final = frozenset({"center", "ljust", "rjust", "zfill"})
_METHODS_THAT_SEEK: Final = frozenset({"lstrip", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "strip"})
_FILTERS_THAT_GROW: Final = frozenset({"format", "indent", "join", "replace", "trim"})
_FILTERS_WITH_WIDTH: Final = frozenset({"batch", "center", "indent", "round", "slice", "truncate"})


class _SilentNamespace(Namespace):
    """A namespace that says nothing of what it holds: it may hold itself, or anything many times."""

    @override
    def __repr__(self) -> str:
        return "<namespace>"


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """What a chat template may use. `budget.begin` before each run sets its counters back."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self) -> None:
        """Set up as Hugging Face's own library does, so that templates mean the same."""
        self.budget = Budget()
        super().__init__(
            trim_blocks=True, lstrip_blocks=True, finalize=self.shown, extensions=[GenerationTag, loopcontrols]
        )
        self.filters = {
            name: self._bounded_filter(name, function)
            for name, function in (self.filters | self._own_filters()).items()
            if name not in _ABSENT_FILTERS
        }
        self.tests = {name: self._counted(function) for name, function in self.tests.items()}
        names = self.globals.keys() - {"lipsum"}  # 10 s of Latin
        self.globals = {name: self.globals[name] for name in names} | {"namespace": _SilentNamespace, "range": _range}

    def add_filter(self, name: str, function: Callable[..., Any]) -> None:
        """Let templates use `function`, which bounds what it makes by what it is given."""
        self.filters[name] = self._bounded_filter(name, function)

    def shown(self, value: object) -> str:
        """Give what an expression writes."""
        text = value if isinstance(value, str) else str(value)
        self.budget.step(len(text))
        return text

    def stepped(self, value: Any) -> Any:  # noqa: ANN401 - a template's values are anything
        """Count a comparison's step; give what is compared."""
        self.budget.step()
        return value

    def concatenate(self, *parts: object) -> str:
        """Join texts, as `~` does, while the whole stays within bounds."""
        texts = [str(part) for part in parts]
        self.budget.may_make(sum(len(text) for text in texts))
        return self.budget.taken("".join(texts))

    @override
    def _parse(self, source: str, name: str | None, filename: str | None) -> Any:
        return insert_bounds(super()._parse(source, name, filename))

    @override
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr not in _ABSENT_METHODS and super().is_safe_attribute(obj, attr, value)

    @override
    def getitem(self, obj: Any, argument: Any) -> Any:
        self.budget.step()
        return super().getitem(obj, argument)

    @override
    def getattr(self, obj: Any, attribute: str) -> Any:
        self.budget.step()
        return super().getattr(obj, attribute)

    @override
    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        self.budget.may_combine(operator, left, right)
        return self.budget.taken(super().call_binop(context, operator, left, right))

    @override
    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        owner = getattr(obj, "__self__", None)
        if owner is self or owner is self.budget:
            return obj(*args)  # what we inserted ourselves
        self.budget.step()
        args = tuple(self._concrete(value) for value in args)
        self._check_method(obj, args, kwargs)
        return self.budget.taken(self._concrete(super().call(context, obj, *args, **kwargs)))

    def _own_filters(self) -> dict[str, Callable[..., Any]]:
        plain = dict.fromkeys(("e", "escape", "forceescape"), _escaped)
        return {**plain, "safe": str, "sum": self._sum, "taken": _same}

    def _sum(self, values: Sequence[Any], attribute: str | int | None = None, start: Any = 0) -> Any:  # noqa: ANN401 - a filter takes anything
        total = start
        for value in values:
            addend = value if attribute is None else self.getitem(value, attribute)
            self.budget.may_combine("+", total, addend)
            total = self.budget.taken(total + addend)
        return total

    def _concrete(self, value: Any) -> Any:  # noqa: ANN401 - a template's values are anything
        """Give a list for what would only give its members one by one, later."""
        if not isinstance(value, Iterator) or isinstance(value, LoopContext):
            return value
        return self.budget.listed(cast("Iterator[Any]", value))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)  # keeps Jinja's marks on it: which take the environment first
        def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - a test takes anything
            self.budget.step()
            return function(*args, **kwargs)

        return counted

    def _bounded_filter(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function) if name in _FILTERS_THAT_GROW else None
        marks = 1 if hasattr(function, "jinja_pass_arg") else 0

        @functools.wraps(function)  # keeps Jinja's marks on it: which take the context first
        def bounded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - a filter takes anything
            self.budget.step()
            args = (*args[:marks], *(self._concrete(value) for value in args[marks:]))
            if name in _FILTERS_WITH_WIDTH:
                may_be_wide((*args[marks + 1 :], *kwargs.values()))
            if signature is not None:
                self._check_filter(name, signature.bind(*args, **kwargs).arguments)
            return self.budget.taken(self._concrete(function(*args, **kwargs)))

        return bounded

    def _check_filter(self, name: str, given: Mapping[str, Any]) -> None:
        """Look at what a filter is given, by the names that Jinja gives it."""
        match name:
            case "format":
                self.budget.may_fill(str(given["value"]), (*given.get("args", ()), *given.get("kwargs", {}).values()))
            case "join":
                self.budget.may_join(str(given.get("d", "")), given["value"])
            case "replace":
                self.budget.may_replace(str(given["s"]), str(given["old"]), str(given["new"]))
            case "indent":
                width = given.get("width", 4)
                by = width if isinstance(width, str) else " " * int(width)
                self.budget.may_replace(str(given["s"]), "\n", by + "\n")
            case _:
                may_be_sought([given.get("chars", "")])

    def _check_method(self, method: object, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        inner = getattr(method, "__wrapped__", method)
        owner, name = getattr(inner, "__self__", None), getattr(inner, "__name__", "")
        if not isinstance(owner, str):
            return
        if name in _METHODS_WITH_WIDTH:
            may_be_wide(args)
        if name in _METHODS_THAT_SEEK:
            may_be_sought((*args, *kwargs.values()))
        match name, args:
            case "format", _:
                self.budget.may_fill(owner, (*args, *kwargs.values()))
            case "join", [parts]:
                self.budget.may_join(owner, parts)
            case "replace", [str() as old, str() as new, *_]:
                self.budget.may_replace(owner, old, new)
            case _:
                pass


def _escaped(value: object) -> str:
    """Give a plain text: Jinja's own kind of escaped text has ways of its own to grow."""
    return str(escape(str(value)))


def _same(value: object) -> object:
    return value


def _range(*args: int) -> range:
    numbers = range(*args)
    if len(numbers) > _LONGEST_RANGE:
        raise LimitReachedError("it counts through too many numbers.")
    if numbers and abs(numbers[-1]) > _MAX_RANGE_END:
        raise LimitReachedError("it makes too large a number.")
    return numbers
