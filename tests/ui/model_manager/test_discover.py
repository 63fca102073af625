"""Looking for a model: by hand-picked list, by words, by address; with and without a connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.hardware import Memory
from app.models.hub_search import PAGE_SIZE
from app.ui.model_manager.search_query import Query
from app.ui.model_manager.tab import Tab
from app.ui.presenters.discover_list import below_catalogue
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import EVERYTHING, Failing, Stalls
from tests.hub_server.repositories import HubRepository
from tests.ui.hands import press
from tests.ui.model_manager.discover_use import LLAMA, QWEN, DiscoverUse, open_discover

pytestmark = pytest.mark.ui


@pytest.fixture
def discover(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DiscoverUse]:
    """Discover, just opened."""
    with open_discover(tmp_path, qapp, qtbot, monkeypatch) as opened:
        yield opened


def test_opening_shows_one_model_to_begin_with_and_asks_nobody(discover: DiscoverUse) -> None:
    """The hand-picked list needs no network; its first card fits this laptop and is open source."""
    shown = discover.page.card.accessibleName()
    assert "Qwen3 4B Instruct" in shown
    assert "Apache-2.0 · open source" in shown
    assert "of 9.1 GB" in shown
    assert "Llama 3.3 70B Instruct" in discover.names
    assert discover.asked == 0
    assert not discover.parts.online.ledger.read().entries


def test_free_memory_is_one_number_wherever_it_stands(discover: DiscoverUse, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the head, on the card, in every row and on a repository's page: also while a model is loaded, and later."""
    line = discover.use.desktop.model_manager.frame.memory

    def give_back(_loaded: object) -> int:
        return 700_000_000

    for room in ("discover_pages", "model_manager"):
        monkeypatch.setattr(f"app.ui.presenters.{room}.given_back_bytes", give_back)
    discover.use.desktop.model_manager.open(tab=Tab.DISCOVER)
    assert line.accessibleName() == "16.0 GB memory, 9.8 GB free for a model"
    assert all("of 9.8 GB" in row.shown.sentence for row in discover.page.list.rows)
    monkeypatch.setattr("app.hardware.memory", lambda: Memory(16 * 10**9, 8_100_000_000))
    discover.paste(QWEN)
    discover.use.until(lambda: line.accessibleName() == "16.0 GB memory, 8.8 GB free for a model")
    assert all("of 8.8 GB" in row.shown.sentence for row in discover.files())
    discover.repository.back.click()
    assert all("of 8.8 GB" in row.shown.sentence for row in discover.page.list.rows)


def test_each_row_says_in_words_whether_it_fits(discover: DiscoverUse) -> None:
    """A large model is shown with its number and Details in place of Get."""
    rows = {row.shown.name: row for row in discover.page.list.rows}
    large, small = rows["Llama 3.3 70B Instruct"], rows["SmolLM2 1.7B Instruct"]
    assert [rows[name].shown.parameters for name in ("Qwen3 0.6B", small.shown.name)] == ["596M", "1.7B"]
    assert large.shown.fit is not None
    assert large.shown.fit.word == "Will not fit"
    assert large.button.text() == "Details"
    assert small.button.text() == "Get"
    assert "Fits" in small.accessibleName()

    def names() -> dict[str, str]:
        return {row.shown.name: row.accessibleName() for row in discover.page.list.rows}

    discover.use.until(lambda: "tok/s" in names()[small.shown.name])  # once it is known how fast the memory is


def test_typing_filters_the_hand_picked_list_and_sends_nothing(discover: DiscoverUse) -> None:
    """Only Enter asks the hub, and that is said."""
    discover.type("code")
    assert discover.names == ["Qwen2.5 Coder 7B Instruct"]
    assert discover.asked == 0


def test_filters_sort_out_hand_picked_models(discover: DiscoverUse) -> None:
    """Open source leaves out Llama and Gemma; pictures leave only those that read them."""
    discover.page.bar.open_source.click()
    assert not any(name.startswith(("Llama", "Gemma")) for name in discover.names)
    discover.page.bar.open_source.click()
    discover.page.bar.vision.click()
    assert set(discover.names) == {"Gemma 3 4B", "Gemma 3 12B"}
    assert discover.asked == 0


def test_enter_searches_the_hub_and_the_chip_leads_back(discover: DiscoverUse) -> None:
    """What most people downloaded comes first, with its licence; one click shows the hand-picked list again."""
    discover.search("instruct")
    assert [row.shown.key for row in discover.page.list.rows] == [LLAMA, QWEN]
    assert "Llama 3.2 · restricted" in discover.page.list.rows[0].accessibleName()
    assert not discover.page.card.isVisible()
    assert {request.asked.kind for request in discover.server.log.requests} == {Kind.SEARCH}
    discover.page.bar.hand_picked.click()
    discover.type("")
    assert discover.page.card.isVisible()


def test_a_filter_asks_the_hub_anew_where_the_hub_was_asked(discover: DiscoverUse) -> None:
    """Open source leaves what the licence book calls so."""
    discover.search("instruct")
    discover.page.bar.open_source.click()
    discover.until(lambda: [row.shown.key for row in discover.page.list.rows] == [QWEN])


def test_nothing_found_is_said_with_what_may_help(discover: DiscoverUse) -> None:
    """An empty page would look like a fault."""
    discover.search("nothingiscalledthis")
    assert discover.names == []
    assert discover.page.end_sentence == (
        "The hub has no model for “nothingiscalledthis” that Paddock can use. Try fewer or other words."
    )


def test_the_next_page_comes_when_the_end_is_near(discover: DiscoverUse) -> None:
    """Nobody presses a button for it."""
    for number in range(PAGE_SIZE + 10):
        discover.server.publish(HubRepository(f"many/model-{number:02d}-GGUF", downloads=100 - number))
    discover.search("model")
    bar = discover.page.area.verticalScrollBar()
    discover.until(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    discover.until(lambda: len(discover.names) == PAGE_SIZE + 10)
    assert len(set(discover.names)) == PAGE_SIZE + 10


def test_offline_is_said_plainly_and_the_list_goes_on_to_work(discover: DiscoverUse) -> None:
    """Nothing is sent, and the hand-picked models stand below the sentence."""
    discover.set_policy("offline")
    discover.search("instruct")
    discover.until(lambda: bool(discover.page.notice.words))
    assert "Paddock is offline" in discover.page.notice.words
    assert "The hand-picked list works without one." in discover.page.notice.words
    assert "Llama 3.3 70B Instruct" in discover.names
    assert discover.asked == 0


def test_offline_an_earlier_answer_is_shown_with_its_age(discover: DiscoverUse) -> None:
    """What is old says so."""
    discover.search("instruct")
    discover.set_policy("offline")
    discover.search("instruct")
    assert "What stands here is what the hub said on" in discover.page.notice.words
    assert len(discover.names) == 2


def test_a_hub_in_trouble_is_no_dead_end(discover: DiscoverUse) -> None:
    """Its trouble is told in a sentence, and one click tries again."""
    fault = Failing(503, kinds=EVERYTHING)
    discover.server.faults.append(fault)
    discover.search("instruct")
    discover.until(lambda: bool(discover.page.notice.words))
    assert "Llama 3.3 70B Instruct" in discover.names
    discover.server.faults.remove(fault)
    discover.page.notice.button.click()
    discover.until(lambda: [row.shown.key for row in discover.page.list.rows] == [LLAMA, QWEN])
    assert not discover.page.notice.words


def test_what_went_wrong_can_be_closed_and_goes_when_something_else_is_done(discover: DiscoverUse) -> None:
    """It does not stand above the list for ever; the next thing that is done takes its place."""
    fault = Failing(503, kinds=EVERYTHING)
    discover.server.faults.append(fault)
    notice = discover.page.notice
    discover.page.card.get_button.click()
    discover.until(lambda: bool(notice.words))
    notice.close_button.click()
    assert not notice.words
    discover.page.card.get_button.click()
    discover.until(lambda: bool(notice.words))
    discover.type("llama")
    assert not notice.words
    discover.type("")
    discover.page.card.get_button.click()
    discover.until(lambda: bool(notice.words))
    discover.page.card.files_button.click()
    discover.repository.back.click()
    assert not notice.words


def test_escape_stops_a_search_and_what_comes_late_is_not_shown(discover: DiscoverUse) -> None:
    """The field keeps its words; the second Escape empties it."""
    stall = Stalls(0, kinds=EVERYTHING)
    discover.server.faults.append(stall)
    discover.type("instruct")
    discover.press(Qt.Key.Key_Return)
    discover.until(lambda: discover.asked == 1)
    assert discover.page.bar.field.is_searching
    discover.press(Qt.Key.Key_Escape)
    assert not discover.page.bar.field.is_searching
    assert discover.page.end_sentence == "The search was stopped."
    stall.released.set()
    discover.server.log.wait_until_quiet()
    assert discover.names == []
    discover.press(Qt.Key.Key_Escape)
    assert discover.page.bar.field.text() == ""
    assert discover.page.card.isVisible()


def test_new_words_take_the_place_of_a_search_that_hangs(discover: DiscoverUse) -> None:
    """The answer to the first words is not shown when it comes at last."""
    stall = Stalls(0, kinds=EVERYTHING)
    discover.server.faults.append(stall)
    discover.type("instruct")
    discover.press(Qt.Key.Key_Return)
    discover.until(lambda: discover.asked == 1)
    discover.server.faults.remove(stall)
    discover.search("qwen")
    discover.until(lambda: [row.shown.key for row in discover.page.list.rows] == [QWEN])
    stall.released.set()
    discover.server.log.wait_until_quiet()
    discover.use.qtbot.waitUntil(lambda: [row.shown.key for row in discover.page.list.rows] == [QWEN])


def test_the_keyboard_walks_from_the_field_through_the_rows(discover: DiscoverUse) -> None:
    """Down leads into the list, Up out of it, Enter opens the page."""
    discover.page.bar.field.setFocus()
    discover.press(Qt.Key.Key_Down)
    first, second = discover.page.list.rows[:2]
    assert first.hasFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Up)
    QTest.keyClick(first, Qt.Key.Key_Up)
    assert discover.page.bar.field.hasFocus()


def test_tab_goes_down_the_list_however_late_its_rows_came(discover: DiscoverUse) -> None:
    """From the card to each row and its button, in the order on the screen; the arrow down leads there at once."""
    discover.type("code")
    discover.page.bar.field.setFocus()
    press(Qt.Key.Key_Escape)
    rows = discover.page.list.rows
    discover.until(lambda: len(rows) > 2 and rows[-1].isVisible())
    discover.page.card.files_button.setFocus()
    for stop in (rows[0], rows[0].button, rows[1], rows[1].button):
        press(Qt.Key.Key_Tab)
        assert stop.hasFocus()
    discover.page.card.get_button.setFocus()
    for row in rows:
        press(Qt.Key.Key_Down)
        assert row.hasFocus()


def test_names_of_strangers_are_shown_without_what_turns_letters_around(discover: DiscoverUse) -> None:
    """A repository whose name is no name is left out; nothing is read as markup."""
    discover.server.publish(HubRepository("evil/../model", downloads=9))
    discover.server.publish(
        HubRepository("evil/model-GGUF", tags=("gguf", "license:<img src=file:///etc/passwd>"), downloads=8)
    )
    discover.search("model")
    assert discover.names == ["model"]
    assert "<" not in discover.page.list.rows[0].toolTip()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("owner/Tiny-GGUF", "Press Enter to open “owner/Tiny-GGUF”."),
        ("tiny", "Press Enter to search the hub for “tiny”."),
    ],
)
def test_the_hint_says_what_enter_does(words: str, said: str) -> None:
    """The name of a repository is opened, other words are searched for."""
    assert below_catalogue(Query(words=words), 0) == said
