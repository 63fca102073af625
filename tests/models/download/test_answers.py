"""What an answer means before its body is taken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from app.models.download.answers import Asked, ContentChangedError, Head, Meaning, examine
from app.models.download.errors import LinkRefusedError, TryAgainError, WrongAnswerError

NOW: Final = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ASKED: Final = Asked(100, 200, 1000, '"a"')
PART: Final = {"Content-Range": "bytes 100-199/1000", "ETag": '"a"'}


def said(status: int, **headers: str) -> Meaning:
    """Examine an answer."""
    return examine(Head("hub", status, {name.replace("_", "-"): value for name, value in headers.items()}), ASKED, NOW)


@pytest.mark.parametrize(
    "told", ["bytes 100-199/1000", "bytes 100-199/*", "bytes 100-150/1000", " bytes 100-100/1000 "]
)
def test_the_part_that_was_asked_for_or_its_beginning(told: str) -> None:
    """A server may give less than was asked for."""
    assert said(206, Content_Range=told, ETag='"a"') is Meaning.PART


@pytest.mark.parametrize(
    "told",
    [
        "",
        "bytes 99-199/1000",
        "bytes 100-200/1000",
        "bytes 100-99/1000",
        "bytes */1000",
        "items 100-199/1000",
        "bytes 100-199",
        "bytes 100-199/1000, 5-6",
        "bytes \u0661\u0660\u0660-199/1000",
        f"bytes 100-{'9' * 5000}/1000",
    ],
)
def test_another_part_is_refused(told: str) -> None:
    """Also one that nobody can read."""
    with pytest.raises(WrongAnswerError, match="another part"):
        said(206, Content_Range=told)


def test_another_size_is_refused() -> None:
    """In a part, in the whole, and where there is nothing behind the end."""
    for status, headers in (
        (206, {"Content_Range": "bytes 100-199/900"}),
        (200, {"Content_Length": "900"}),
        (416, {"Content_Range": "bytes */900"}),
    ):
        with pytest.raises(WrongAnswerError, match="promises"):
            said(status, **headers)


def test_two_sizes_that_are_nearly_the_same_read_as_two() -> None:
    """Who reads 98 MB twice learns nothing."""
    asked = Asked(0, 98_362_432, 98_362_432, "")
    with pytest.raises(WrongAnswerError, match="a file of 98,362,431 B where the hub promises 98,362,432 B"):
        examine(Head("hub", 200, {"Content-Length": "98362431"}), asked, NOW)


def test_the_whole_in_place_of_a_part() -> None:
    """Somebody else decides whether it can be used."""
    assert said(200, Content_Length="1000", ETag='"a"') is Meaning.WHOLE
    assert said(200) is Meaning.WHOLE


@pytest.mark.parametrize("status", [200, 206, 416])
def test_another_content(status: int) -> None:
    """Whatever else the answer says: the content is not the one of before."""
    with pytest.raises(ContentChangedError):
        said(status, **{**PART, "ETag": '"b"'})


def test_a_compressed_part_is_refused() -> None:
    """Its bytes are not those of the file."""
    with pytest.raises(WrongAnswerError):
        said(206, Content_Encoding="gzip", **PART)


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [
        ("17", 17.0),
        ("Mon, 23 Nov 2026 12:01:40 GMT", 100.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("9" * 400, 999_999_999.0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 0.0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(told: str, wait_s: float) -> None:
    """It says seconds or a date; what it says badly is not said."""
    with pytest.raises(TryAgainError) as caught:
        said(503, Retry_After=told)
    assert caught.value.wait_s == wait_s


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_address_that_is_good_no_longer(status: int) -> None:
    """The hub is asked for another one."""
    with pytest.raises(LinkRefusedError, match=str(status)):
        said(status)
