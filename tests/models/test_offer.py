"""A model as it is offered: what comes, and under what terms."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.errors import PaddockError
from app.models.acceptances import Acceptances
from app.models.hub_errors import NotOnHubError
from app.models.licence import LicenceBook
from app.models.offer import Offer, read_terms
from app.models.remote_file import RemotePath
from app.models.repository import FilePart, Repository, RepositoryFile, StatedLicence
from app.paths import resources

_SHA = "ab" * 32


def _repository(licence: str = "", card: str = "", *, own_text: bool = False) -> Repository:
    texts = (FilePart("LICENSE", 12),) if own_text else ()
    return Repository(
        "maker/model", "c0ffee", licence=StatedLicence(licence), card_licence=StatedLicence(card), licence_files=texts
    )


def _file(*paths: str) -> RepositoryFile:
    return RepositoryFile("Model-Q4_K_M", tuple(FilePart(path, 10, _SHA) for path in paths), "Q4_K_M", len(paths))


@pytest.fixture
def book() -> LicenceBook:
    """The licences that ship."""
    return LicenceBook(resources())


def test_the_parts_of_a_model_keep_one_name_here_and_say_what_they_belong_to(book: LicenceBook) -> None:
    """The engine finds the other parts beside the first."""
    file = _file("q4/Model-Q4_K_M-00001-of-00002.gguf", "q4/Model-Q4_K_M-00002-of-00002.gguf")
    first, second = Offer(_repository(), file).wanted(book.find("mit"))
    assert first.name.replace("00001-of", "00002-of") == second.name
    assert first.model == second.model == first.name
    assert first.shown_as == second.shown_as == "Model-Q4_K_M"
    assert {each.licence for each in (first, second)} == {"mit"}


def test_a_projector_comes_along_and_is_no_model_of_its_own(book: LicenceBook) -> None:
    """It names the model that it belongs to."""
    projector = RepositoryFile("mmproj-F16", (FilePart("mmproj-F16.gguf", 5),))
    model, sees = Offer(_repository(), _file("Model.gguf"), projector).wanted(book.find("mit"))
    assert sees.model == model.name != sees.name


def test_where_two_licences_are_stated_the_stricter_one_has_to_be_accepted(book: LicenceBook) -> None:
    """Both are shown."""
    terms = read_terms(Offer(_repository("apache-2.0", "gemma"), _file("a.gguf")), book)
    assert not terms.licences.agree
    assert terms.needs_acceptance
    assert terms.licence.id == "gemma"


def test_what_the_file_itself_states_counts_beside_the_pages(book: LicenceBook, tmp_path: Path) -> None:
    """A repository may be tagged freer than the model in it; all are accepted at once."""
    offer = Offer(_repository("mit"), _file("a.gguf"), header_licence="llama3.1")
    terms = read_terms(offer, book)
    assert [licence.id for licence in terms.licences.licences] == ["mit", "llama3.1"]
    assert (terms.licence.id, terms.needs_acceptance, terms.licences.agree) == ("llama3.1", True, False)
    acceptances = Acceptances(tmp_path / "accepted.json", lambda _: None)
    terms.accept(acceptances, datetime.now(UTC))
    assert terms.accepted(acceptances) is not None
    assert {each.licence for each in acceptances.all()} == {"mit", "llama3.1"}


def test_nothing_stated_means_all_rights_reserved(book: LicenceBook) -> None:
    """Silence allows nothing."""
    terms = read_terms(Offer(_repository(), _file("a.gguf")), book)
    assert terms.needs_acceptance
    assert "all rights reserved" in terms.licence.summary


def test_the_repositorys_own_text_is_read_where_paddock_has_none(book: LicenceBook) -> None:
    """And an acceptance counts for this very text only."""
    offer = Offer(_repository("other-licence-of-theirs", own_text=True), _file("a.gguf"))
    asked: list[str] = []

    def read(file: RemotePath) -> str:
        asked.append(file.path)
        return "You may look at it."

    terms = read_terms(offer, book, read)
    assert (terms.text, terms.text_from, asked) == ("You may look at it.", "LICENSE", ["LICENSE"])


def test_a_text_that_cannot_be_had_is_left_out(book: LicenceBook) -> None:
    """The page of the licence is shown in its place."""

    def refuse(_file: RemotePath) -> str:
        raise NotOnHubError("It is not there.")

    terms = read_terms(Offer(_repository("theirs", own_text=True), _file("a.gguf")), book, refuse)
    assert terms.text == ""


def test_what_was_accepted_is_known_again_until_its_text_changes(tmp_path: Path, book: LicenceBook) -> None:
    """The user is asked once."""
    said: list[PaddockError] = []
    acceptances = Acceptances(tmp_path / "accepted.json", said.append)
    terms = read_terms(Offer(_repository("gemma"), _file("a.gguf")), book)
    assert terms.accepted(acceptances) is None
    acceptances.accept(terms.licence.id, terms.model, terms.shown_sha256, datetime.now(UTC))
    assert terms.accepted(acceptances) is not None
    other = read_terms(Offer(_repository("llama3.2"), _file("a.gguf")), book)
    assert other.accepted(acceptances) is None
    assert not said
