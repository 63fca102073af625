"""What a chat template can do, found out once by trying it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from app.conversation import Role
from app.engine.llama.chat_template import ChatTemplate, ChatTemplateError
from app.engine.llama.prompting.template_budget import Allowance

_PATIENCE_S: Final = 0.5
"""A template that takes so long to try has no abilities but to take what it is given."""
_SYSTEM: Final = "QzSystemzQ"
_FIRST: Final = "QzFirstzQ"
_SECOND: Final = "QzSecondzQ"
_SWITCHES: Final = ("enable_thinking", "thinking")
_LEVELS: Final = ("low", "medium", "high")
_LEVEL: Final = "reasoning_effort"

Variables: TypeAlias = Mapping[str, Any]
_Messages: TypeAlias = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class TemplateAbilities:
    """Whether a template repeats a system message, and messages in any order of roles.

    `efforts` are the values of `ReasoningSettings.effort` that make a difference, each with the variables that say it.
    """

    takes_system: bool = True
    takes_any_order: bool = True
    efforts: Mapping[str, Variables] = field(default_factory=dict[str, Variables])


def find_abilities(template: ChatTemplate) -> TemplateAbilities:
    """Try what `template` does with small conversations. What it refuses for another reason counts as an ability."""
    allowance = Allowance(_PATIENCE_S)
    with template.sharing(allowance):
        return _found_by(_Trials(template, allowance))


def _found_by(trials: _Trials) -> TemplateAbilities:
    if trials.rendered([_user(_FIRST)]) is None:
        return TemplateAbilities()
    takes_system = trials.repeats([_message(Role.SYSTEM, _SYSTEM), _user(_FIRST)], _SYSTEM, _FIRST)
    takes_any_order = trials.repeats([_user(_FIRST), _user(_SECOND)], _FIRST, _SECOND) and trials.repeats(
        [_message(Role.ASSISTANT, _FIRST), _user(_SECOND)], _FIRST, _SECOND
    )
    return TemplateAbilities(takes_system, takes_any_order, trials.efforts())


class _Trials:
    """Renders until it has taken too long: a stranger's template must not hold up the load."""

    def __init__(self, template: ChatTemplate, allowance: Allowance) -> None:
        self._template = template
        self._allowance = allowance

    def rendered(self, messages: _Messages, variables: Variables = MappingProxyType({})) -> str | None:
        if self._allowance.is_over:
            return None
        try:
            return self._template.render(messages, **variables)
        except ChatTemplateError:
            return None

    def repeats(self, messages: _Messages, *words: str) -> bool:
        text = self.rendered(messages)
        return self._allowance.is_over or (
            text is not None and all(word.casefold() in text.casefold() for word in words)
        )

    def efforts(self) -> dict[str, Variables]:
        """Find which variables change what is rendered, and so which efforts there are."""
        switches = [name for name in _SWITCHES if self._differ([{name: False}, {name: True}])]
        has_levels = self._differ([{_LEVEL: level, **dict.fromkeys(switches, True)} for level in _LEVELS])
        efforts: dict[str, Variables] = {}
        if switches:
            efforts["off"] = dict.fromkeys(switches, False)
            efforts["on"] = dict.fromkeys(switches, True)
        if has_levels:
            for level in _LEVELS:
                efforts[level] = {**dict.fromkeys(switches, True), _LEVEL: level}
        return efforts

    def _differ(self, choices: list[Variables]) -> bool:
        """Whether the choices give different prompts, as the only message or behind an answered one."""
        conversations = (
            [_user(_FIRST)],
            [_user(_FIRST), _message(Role.ASSISTANT, _SECOND), _user(_FIRST)],
        )
        for messages in conversations:
            texts = {self.rendered(messages, choice) for choice in choices} - {None}
            if len(texts) > 1:
                return True
        return False


def _message(role: Role, content: str) -> dict[str, str]:
    return {"role": role.value, "content": content}


def _user(content: str) -> dict[str, str]:
    return _message(Role.USER, content)
