"""The logit bias as a person writes it: `" the" = -5, so = never, 1234 = 2.5`."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Final

from app.given_text import whole_characters
from app.settings.registry import SettingError

LARGEST_BIAS: Final = 100.0
MAXIMUM_ENTRIES: Final = 200
_LONGEST_SHOWN: Final = 40
_NEVER: Final = ("never", "-inf")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,6}(\.\d{0,6})?|\.\d{1,6})", re.ASCII)
_TOKEN_ID: Final = re.compile(r"\d{1,9}", re.ASCII)
_BARE: Final = re.compile(r"[^=,\"]+")
_BIAS: Final = re.compile(r"[^,]*")


@dataclass(frozen=True, slots=True)
class TokenBias:
    """What is added to the logit of a token, named by its id or by its text; minus infinity means never."""

    token: int | str
    bias: float


def parse_logit_bias(text: str) -> tuple[TokenBias, ...]:
    """Read `text`; `SettingError` names the place that cannot be read. Nothing at all is no bias.

    A token is its id, or its text, in quotation marks where it holds one of `= , "`, is a number, or begins or ends
    with a space.
    """
    entries: list[TokenBias] = []
    place = _skip_spaces(text, 0)
    while place < len(text):
        token, place = _token(text, place)
        bias, place = _bias(text, place)
        entries.append(TokenBias(token, bias))
        place = _skip_spaces(text, place)
    if len(entries) > MAXIMUM_ENTRIES:
        raise SettingError("The logit bias names more than {count} tokens.", count=MAXIMUM_ENTRIES)
    return tuple(entries)


def check_logit_bias(text: str) -> str:
    """Give `text` back when it can be read; raises as `parse_logit_bias` does."""
    parse_logit_bias(text)
    return text


def _token(text: str, place: int) -> tuple[int | str, int]:
    if text[place] == '"':
        token, place = _quoted(text, place)
    else:
        found = _BARE.match(text, place)
        token, place = (found.group().strip(), found.end()) if found else ("", place)
        if _TOKEN_ID.fullmatch(token):
            token = int(token)
    if token == "" or not _is_text(token):
        raise _refused("In the logit bias, a token is missing at “{place}”.", text, place)
    place = _skip_spaces(text, place)
    if text[place : place + 1] != "=":
        raise _refused("In the logit bias, “=” and a number are missing at “{place}”.", text, place)
    return token, place + 1


def _quoted(text: str, place: int) -> tuple[str, int]:
    try:
        token, end = json.JSONDecoder().raw_decode(text, place)
    except ValueError:
        raise _refused("In the logit bias, a quotation mark has no end at “{place}”.", text, place) from None
    return str(token), end


def _bias(text: str, place: int) -> tuple[float, int]:
    found = _BIAS.match(text, place)
    written = found.group().strip() if found else ""
    end = found.end() if found else place
    if written.casefold() in _NEVER:
        return -math.inf, end + 1
    if not _NUMBER.fullmatch(written) or abs(float(written)) > LARGEST_BIAS:
        raise _refused("In the logit bias, there is no bias at “{place}”.", text, place)
    return float(written), end + 1


def _is_text(token: int | str) -> bool:
    """Half of a surrogate pair is no text, and no token has a NUL."""
    return isinstance(token, int) or not re.search("[\0\ud800-\udfff]", token)


def _skip_spaces(text: str, place: int) -> int:
    return len(text) - len(text[place:].lstrip())


def _refused(message: str, text: str, place: int) -> SettingError:
    shown = text[place : place + _LONGEST_SHOWN] or text[-_LONGEST_SHOWN:]
    return SettingError(
        message,
        next_step="Write each token as “token = number”, from -{largest:g} to {largest:g} or “never”, with commas.",
        place=whole_characters(shown.strip()),
        largest=LARGEST_BIAS,
    )
