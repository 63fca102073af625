"""Renders a conversation and tells where in the text each message's words lie."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.conversation import Role
from app.engine.llama.chat_template import ChatTemplate, ChatTemplateError, left_out_error
from app.engine.llama.prompting.spoken import Part, Spoken, alternating, without_system
from app.engine.llama.prompting.template_abilities import TemplateAbilities, Variables
from app.engine.llama.prompting.template_budget import Allowance

_MARKER: Final = re.compile(r"QzPaddock(\d+)zQ", re.IGNORECASE)
"""Stands for a message's words; found again even where a template writes all in capitals."""
_KEPT_OUTLINES: Final = 32
_PATIENCE_S: Final = 0.7
_PATIENCE_A_MESSAGE_S: Final = 0.0003


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part's words lie in a text, in characters. They may have lost the blank space at their ends there."""

    part: Part
    role: Role
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rendering:
    """A prompt's text. `places` is None where it is not certain where the words lie.

    `reply_begins` is the character at which the words begin that lead to a reply. `left_out` are the indices of the
    messages of whose words the template says nothing.
    """

    text: str
    places: tuple[Place, ...] | None
    reply_begins: int
    is_system_folded: bool = False
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outline:
    """What a template makes of conversations of one shape: its own `words`, and between them the parts in `order`.

    `form` is which of the ways to tell the conversation the template takes. The last `words` hold, from `reply_begins`
    on, what leads to a reply.
    """

    form: int
    words: tuple[str, ...]
    order: tuple[int, ...]
    reply_begins: int


class Renderer:
    """Renders with one chat template. How it treats conversations of one shape is found out once."""

    def __init__(self, template: ChatTemplate, abilities: TemplateAbilities) -> None:
        """Use `template`, which has these `abilities`."""
        self._template = template
        self._abilities = abilities
        self._outlines: OrderedDict[object, _Outline] = OrderedDict()

    def render(self, said: Sequence[Spoken], variables: Variables) -> Rendering:
        """Render `said` with what lets the model reply.

        Some templates know no system message, or insist that user and assistant alternate: what they refuse, or do not
        repeat, is tried with the system's words in the user's first message, and with neighbours of one role as one.
        Raises `ChatTemplateError`: the template's first refusal, when nothing helps; or that it says nothing of the
        last message that a user wrote.
        """
        with self._template.sharing(Allowance(_PATIENCE_S + _PATIENCE_A_MESSAGE_S * len(said))):
            return self._rendered(said, variables)

    def _rendered(self, said: Sequence[Spoken], variables: Variables) -> Rendering:
        forms = self._forms(said)
        key = (tuple(_shape(each) for each in said), tuple(sorted(variables.items(), key=str)))
        known = self._outlines.get(key)
        outline = self._outline(forms, variables) if known is None else known
        self._keep(key, outline)
        left_out = _left_out(forms[outline.form], outline)
        if _last_question(said) in left_out:
            raise left_out_error()
        text = self._text(forms[outline.form], variables)
        places = _places(text, forms[outline.form], outline)
        if places is None and known is not None:  # what a template says of its own accord may change: the date
            outline = self._outline(forms, variables)
            places = _places(text, forms[outline.form], outline)
            self._keep(key, outline)
        tail = len(text) - len(outline.words[-1])
        return Rendering(
            text,
            places,
            reply_begins=tail + outline.reply_begins if places is not None else len(text),
            is_system_folded=_is_system_folded(said, forms[outline.form], outline),
            left_out=tuple(sorted(left_out)),
        )

    def _forms(self, said: Sequence[Spoken]) -> list[list[Spoken]]:
        """Give the ways to tell a conversation, the one that the template should take first."""
        usual = list(said) if self._abilities.takes_system else without_system(said)
        if not self._abilities.takes_any_order:
            usual = alternating(usual)
        return [usual, alternating(usual), alternating(without_system(said))]

    def _outline(self, forms: Sequence[Sequence[Spoken]], variables: Variables) -> _Outline:
        refusal: ChatTemplateError | None = None
        incomplete: _Outline | None = None
        for number, form in enumerate(forms):
            if number and form == forms[number - 1]:
                continue
            try:
                outline = self._outline_of(number, form, variables)
            except ChatTemplateError as error:
                refusal = refusal or error
                continue
            if len(set(outline.order)) == sum(not part.is_blank for part in _parts(form)):
                return outline
            if incomplete is None or len(set(outline.order)) > len(set(incomplete.order)):
                incomplete = outline
        if incomplete is None:
            raise refusal or AssertionError("there is always a form")
        return incomplete

    def _outline_of(self, number: int, form: Sequence[Spoken], variables: Variables) -> _Outline:
        marked = self._marked(form, variables, add_generation_prompt=True)
        try:
            without_reply = self._marked(form, variables, add_generation_prompt=False)
        except ChatTemplateError:
            without_reply = ""
        pieces = _MARKER.split(marked)
        shared = _shared(marked, without_reply)
        return _Outline(
            number,
            words=tuple(pieces[0::2]),
            order=tuple(int(digits) for digits in pieces[1::2]),
            reply_begins=max(0, shared - (len(marked) - len(pieces[-1]))),
        )

    def _marked(self, form: Sequence[Spoken], variables: Variables, *, add_generation_prompt: bool) -> str:
        numbers = iter(range(sum(len(each.parts) for each in form)))
        messages: list[dict[str, str]] = []
        for each in form:
            words = [
                part.words if part.is_blank else f"QzPaddock{number}zQ"
                for part, number in zip(each.parts, numbers, strict=False)
            ]
            messages.append({"role": each.role.value, "content": each.content(words)})
        return self._template.render(messages, add_generation_prompt=add_generation_prompt, **variables)

    def _text(self, form: Sequence[Spoken], variables: Variables) -> str:
        return self._template.render(
            [{"role": each.role.value, "content": each.content([part.words for part in each.parts])} for each in form],
            **variables,
        )

    def _keep(self, key: object, outline: _Outline) -> None:
        self._outlines[key] = outline
        self._outlines.move_to_end(key)
        if len(self._outlines) > _KEPT_OUTLINES:
            self._outlines.popitem(last=False)


def _shared(text: str, other: str) -> int:
    """How many characters both begin with."""
    shortest = min(len(text), len(other))
    return next((place for place in range(shortest) if text[place] != other[place]), shortest)


def _parts(said: Sequence[Spoken]) -> list[Part]:
    return [part for each in said for part in each.parts]


def _shape(each: Spoken) -> object:
    """Give what a template may look at beside the words: who speaks, how often, and whether anything is said."""
    return each.role, tuple((part.lead, part.words if part.is_blank else None) for part in each.parts)


def _unsaid(form: Sequence[Spoken], outline: _Outline) -> list[Part]:
    """Give the parts that the template leaves out."""
    said = set(outline.order)
    return [part for number, part in enumerate(_parts(form)) if number not in said and not part.is_blank]


def _left_out(form: Sequence[Spoken], outline: _Outline) -> set[int]:
    return {part.message for part in _unsaid(form, outline) if part.message is not None}


def _last_question(said: Sequence[Spoken]) -> int | None:
    """Give the index of the last message that a user wrote."""
    return next((each.parts[-1].message for each in reversed(said) if each.role is Role.USER), None)


def _is_system_folded(said: Sequence[Spoken], form: Sequence[Spoken], outline: _Outline) -> bool:
    """Whether what the system says was given to the user to say, and all of it is said."""
    if any(each.role is Role.SYSTEM for each in form):
        return False
    told = [part for each in said if each.role is Role.SYSTEM for part in each.parts if not part.is_blank]
    unsaid = _unsaid(form, outline)
    return bool(told) and all(part not in unsaid for part in told)


def _places(text: str, form: Sequence[Spoken], outline: _Outline) -> tuple[Place, ...] | None:
    """Find the words between the template's own; None where putting them there does not give exactly `text`."""
    parts = [(part, each.role) for each in form for part in each.parts]
    if len(set(outline.order)) != len(outline.order) or not text.startswith(outline.words[0]):
        return None
    places: list[Place] = []
    here = len(outline.words[0])
    for number, words in zip(outline.order, outline.words[1:], strict=True):
        part, role = parts[number]
        length = _length_there(part.words, text, here, words)
        if length is None:
            return None
        places.append(Place(part, role, here, here + length))
        here += length + len(words)
    return tuple(places) if here == len(text) else None


def _length_there(words: str, text: str, place: int, following: str) -> int | None:
    """Tell how long `words` are where they lie, as they are or stripped, if `following` comes behind them."""
    for form in (words, words.strip(), words.lstrip(), words.rstrip()):
        if text.startswith(form, place) and text.startswith(following, place + len(form)):
            return len(form)
    return None
