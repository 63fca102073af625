"""What licences let people do, and how they are found."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.licence import (
    NOT_STATED,
    Kind,
    Licence,
    LicenceBook,
    Standing,
    Subject,
    keys,
    shown_words,
    stated_name,
)
from app.paths import resources

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = resources() / "licences"
BOOK = LicenceBook(resources())
HEADING_ENDS = {Kind.OK: (": yes", ": none", " on"), Kind.CONDITION: ("condition", " on", "uses", "known"),
                Kind.NO: (": no", " on")}  # fmt: skip


def kinds(licence: Licence) -> dict[Subject, Kind]:
    """Give what each of a licence's points says."""
    return {point.subject: point.kind for point in licence.points}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("apache-2.0", "apache-2.0"),
        ("Apache License, Version 2.0", "apache-2.0"),
        ("The MIT License", "mit"),
        ("GPL-3.0-or-later", "gpl-3.0"),
        ("CC BY-NC 4.0", "cc-by-nc-4.0"),
        ("llama3.2", "llama3.2"),
        ("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT", "llama3.2"),
        ("https://www.llama.com/llama3_2/license/", "llama3.2"),
        ("gemma-terms-of-use", "gemma"),
        ("mistral-ai-research-license", "mrl"),
        ("openrail++", "openrail++"),
        ("openrail", "openrail"),
        ("qwen-research", "qwen-research"),
        ("  MIT\n", "mit"),
    ],
)
def test_a_licence_is_found_however_it_is_written(said: str, found: str) -> None:
    """Files, pages and people write one name in many ways; related licences stay apart."""
    assert BOOK.find(said).id == found


def test_an_unknown_licence_keeps_its_name_and_promises_nothing() -> None:
    """Whoever downloads such a model reads its page; we neither guess nor allow."""
    licence = BOOK.find("Acme Model License 7")
    assert (licence.name, licence.standing, licence.open_source) == ("Acme Model License 7", Standing.UNKNOWN, None)
    assert "Read it at its page" in licence.summary
    assert licence.needs_acceptance
    assert BOOK.full_text(licence) is None


@pytest.mark.parametrize("nothing", [None, "", " \n "])
def test_no_licence_means_all_rights_reserved(nothing: str | None) -> None:
    """Silence is not permission."""
    licence = BOOK.find(nothing)
    assert licence is NOT_STATED
    assert licence.summary.startswith("No licence stated: all rights reserved.")
    assert licence.needs_acceptance


@given(st.text(max_size=400))
def test_whatever_a_file_says_is_a_name_of_one_line(said: str) -> None:
    """A model file is a stranger's: its words reach a window, and never break it."""
    licence = BOOK.find(said)
    assert len(licence.name) <= 101
    assert licence.name == " ".join(licence.name.split())
    licence.name.encode()


def test_half_a_character_is_shown_as_what_it_is() -> None:
    """JSON can hold what no text can."""
    assert BOOK.find("Lic\ud800").name == "Lic\N{REPLACEMENT CHARACTER}"


def test_other_stands_for_the_name_beside_it() -> None:
    """The hub's `license: other` says nothing; its `license_name` does."""
    assert BOOK.find(stated_name("other", "qwen-research")).id == "qwen-research"
    assert BOOK.find(stated_name("other", None)).standing is Standing.UNKNOWN
    assert BOOK.find(stated_name("mit", "something")).id == "mit"
    assert BOOK.find(stated_name(None, "gemma")) is NOT_STATED


def test_file_and_page_that_agree_are_one_licence() -> None:
    """Also when they write it differently, or when one of them is silent."""
    stated = BOOK.compare("Llama 3.2 Community License", "llama3.2")
    assert ([licence.id for licence in stated.licences], stated.agree) == (["llama3.2"], True)
    assert BOOK.compare(None, "mit").agree
    assert [licence.id for licence in BOOK.compare("mit", "").licences] == ["mit"]
    assert BOOK.compare("Acme 1", "acme-1").agree
    assert BOOK.compare("Acme 1", None, "other").agree
    assert not BOOK.compare("mit", None, "other").agree
    assert BOOK.compare(None, None).licences == (NOT_STATED,)


def test_file_and_page_that_disagree_are_both_shown() -> None:
    """The stricter one may be the true one: the user must see it."""
    stated = BOOK.compare("llama3.1", "mit")
    assert ([licence.id for licence in stated.licences], stated.agree) == (["llama3.1", "mit"], False)


def test_the_step_before_llama_says_what_the_design_shows() -> None:
    """Five points: one says no, one yes, three with conditions."""
    llama = BOOK.find("llama3.2")
    assert kinds(llama) == {
        Subject.OPEN_SOURCE: Kind.NO, Subject.COMMERCIAL_USE: Kind.OK, Subject.TRAINING: Kind.CONDITION,
        Subject.PASSING_ON: Kind.CONDITION, Subject.USES: Kind.CONDITION,
    }  # fmt: skip
    assert "700 million monthly users" in llama.points[1].sentence
    text = BOOK.full_text(llama)
    assert text is not None
    assert "Llama 3.2 Version Release Date: September 25, 2024" in text
    assert llama.version_date == "2024-09-25"
    assert "700 million monthly users" in shown_words(llama)


def test_the_full_text_of_our_own_licence_is_the_one_in_the_project() -> None:
    """Two copies from two sources say the same, word for word."""
    text = BOOK.full_text(BOOK.find("apache-2.0"))
    assert text is not None
    assert text.split() == (PROJECT / "LICENSE").read_text().split()


def test_no_two_licences_answer_to_one_name() -> None:
    """Else the order of files would decide what a user is told."""
    assert [
        key for key, count in Counter(key for each in BOOK.licences for key in keys(each)).items() if count > 1
    ] == []


@pytest.mark.parametrize("licence", BOOK.licences, ids=lambda licence: licence.id)
def test_every_licence_is_whole(licence: Licence) -> None:
    """Five points in their order, headings that fit them, a standing that follows from them, a text if one is named."""
    assert [point.subject for point in licence.points] == list(Subject)
    assert all(point.heading.endswith(HEADING_ENDS[point.kind]) for point in licence.points)
    words = [licence.summary, *(point.sentence for point in licence.points)]
    assert all(sentence.endswith(".") and not re.search(r"[!{}]|  |['\"]", sentence) for sentence in words)
    assert standing_of(licence) is licence.standing
    assert (FOLDER / f"{licence.id}.json").is_file()
    assert (FOLDER / f"{licence.id}.txt").is_file() == (licence.text_source is not None)
    assert licence.page is None or licence.page.startswith(("https://", "http://"))


def standing_of(licence: Licence) -> Standing:
    """Give the standing that follows from a licence's points."""
    said = kinds(licence)
    if licence.standing is Standing.UNKNOWN:
        return Standing.UNKNOWN
    if said[Subject.OPEN_SOURCE] is Kind.OK:
        return Standing.OPEN_SOURCE
    uses_are_free = said[Subject.COMMERCIAL_USE] is said[Subject.USES] is Kind.OK
    return Standing.FREE if uses_are_free else Standing.RESTRICTED


def test_every_text_belongs_to_a_licence_and_names_its_source() -> None:
    """A text that nobody vouches for is not shown as a licence."""
    named = {f"{licence.id}.txt" for licence in BOOK.licences if licence.text_source}
    assert {path.name for path in FOLDER.glob("*.txt")} == named
    assert all((BOOK.full_text(licence) or "").strip() for licence in BOOK.licences if licence.text_source)


def test_a_slip_of_the_pen_in_a_licence_is_noticed(tmp_path: Path) -> None:
    """A misspelt key would otherwise leave a point out in silence."""
    entry = json.loads((FOLDER / "mit.json").read_text())
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences" / "mit.json").write_text(json.dumps({**entry, "sumary": entry["summary"]}))
    with pytest.raises(msgspec.ValidationError, match="sumary"):
        LicenceBook(tmp_path).find("mit")
