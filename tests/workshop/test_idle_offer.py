"""What is converted without being asked, what is asked, and that it is once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.models.installed import FileState, InstalledModel, Source
from app.workshop.comparison import Comparison
from app.workshop.convert import Converted
from app.workshop.idle_offer import AskToConvert, MakeCopy, ShowCopy, Surroundings, next_offer
from app.workshop.offer_book import Noted, OfferBook, OfferState
from tests.workshop.test_comparison import FASTER, SOURCE

STARTER = InstalledModel("starter", "Starter model", Path("s.gguf"), 98_000_000, "llama", "Q4_1", None, Source.STARTER)
LARGE = InstalledModel("a", "Large", Path("l.gguf"), 16_000_000_000, "llama", "F16", None, Source.ADDED)
PLENTY = Surroundings(may_work=True, free_disk_bytes=10**12, free_memory_bytes=10**11)


def test_the_starter_model_is_converted_without_being_asked() -> None:
    """It takes seconds."""
    assert next_offer([STARTER, LARGE], {}, PLENTY) == MakeCopy(STARTER, "Q8_0")


def test_others_are_asked_for() -> None:
    """With what it would cost: half of sixteen gigabytes."""
    offer = next_offer([replace(STARTER, quantization="Q8_0"), LARGE], {}, PLENTY)
    assert isinstance(offer, AskToConvert)
    assert offer.model == LARGE
    assert offer.size_bytes == 8_500_000_000


@pytest.mark.parametrize("quantization", ["Q8_0", "Q4_K_M", "Q4_0", "IQ4_XS", None])
def test_what_is_read_fast_already_is_left_alone(quantization: str | None) -> None:
    """And what nobody knows."""
    assert next_offer([replace(STARTER, quantization=quantization)], {}, PLENTY) is None


def test_a_large_model_is_not_made_larger() -> None:
    """It would write more slowly: it waits for memory."""
    assert next_offer([replace(LARGE, quantization="Q4_1", size_bytes=5_000_000_000)], {}, PLENTY) is None


@pytest.mark.parametrize(
    "surroundings",
    [
        replace(PLENTY, may_work=False),
        replace(PLENTY, free_disk_bytes=400_000_000),
        replace(PLENTY, free_memory_bytes=500_000_000),
    ],
    ids=["no permission", "little room", "little memory"],
)
def test_nothing_is_done_where_it_would_be_a_burden(surroundings: Surroundings) -> None:
    """On a low battery, on a full disk, with little memory."""
    assert next_offer([STARTER], {}, surroundings) is None


def test_a_model_that_is_gone_or_was_converted_already() -> None:
    """There is nothing to offer."""
    assert next_offer([replace(STARTER, state=FileState.MISSING)], {}, PLENTY) is None
    copy = replace(LARGE, id="c", quantization="Q8_0", source=Source.CONVERTED, made_from=STARTER.id)
    assert next_offer([STARTER, copy], {}, PLENTY) is None


def test_what_was_settled_is_never_offered_again(tmp_path: Path) -> None:
    """Until its file is another one."""
    book = OfferBook(tmp_path / "offers.json")
    book.settle(STARTER)
    assert next_offer([STARTER], book.noted(), PLENTY) is None
    newer = replace(STARTER, size_bytes=STARTER.size_bytes + 1)
    assert next_offer([newer], book.noted(), PLENTY) == MakeCopy(newer, "Q8_0")


def test_a_copy_that_nobody_has_answered_for_is_shown_again(tmp_path: Path) -> None:
    """After a restart, and also on a low battery: showing costs nothing. Its figures are still there."""
    path = tmp_path / "copy.gguf"
    path.touch()
    converted = Converted(path, Comparison(SOURCE, FASTER))
    OfferBook(tmp_path / "offers.json").made(STARTER, converted)
    noted = OfferBook(tmp_path / "offers.json").noted()
    assert next_offer([STARTER], noted, replace(PLENTY, may_work=False)) == ShowCopy(STARTER, converted)
    copy = replace(LARGE, id="c", quantization="Q8_0", source=Source.CONVERTED, made_from=STARTER.id)
    assert next_offer([STARTER, copy], noted, PLENTY) is None  # there is such a copy by now
    path.unlink()
    assert next_offer([STARTER], noted, PLENTY) is None


def test_a_damaged_book_is_an_empty_one(tmp_path: Path) -> None:
    """It is set aside; entries that make no sense are passed over."""
    path = tmp_path / "offers.json"
    path.write_text("nonsense")
    assert OfferBook(path).noted() == {}
    path.write_text('{"models": {"a": {"state": "unheard of", "size_bytes": 1}, "b": 3}}')
    assert OfferBook(path).noted() == {}
    path.write_text('{"models": 7}')
    OfferBook(path).settle(LARGE)
    assert OfferBook(path).noted() == {LARGE.id: Noted(OfferState.SETTLED, LARGE.size_bytes)}
