"""A repository's page: its files and what they would cost here, its words, its licence, its gate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as FailKeyring
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.credentials import Credentials
from app.ui.model_manager.repository_page_link import shown_address
from app.ui.model_manager.repository_page_words import card_strips, without_markup
from app.ui.transcript.strips import Words
from tests.hub_server.exchange import Kind
from tests.hub_server.repositories import HubFile, HubRepository
from tests.ui.hands import emitted, press
from tests.ui.model_manager.discover_use import QWEN, DiscoverUse, open_discover, starter_file

pytestmark = pytest.mark.ui
GATED = "many/gated-GGUF"


@pytest.fixture
def discover(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DiscoverUse]:
    """Discover, just opened."""
    with open_discover(tmp_path, qapp, qtbot, monkeypatch) as opened:
        yield opened


def test_a_pasted_reference_leads_to_the_page_and_its_file(discover: DiscoverUse) -> None:
    """`owner/repo:Q8_0` shows the repository with that file as the one to take."""
    discover.paste(f"{QWEN}:Q8_0")
    assert [row.shown.name for row in discover.files()] == ["Q4_K_M", "Q8_0"]
    assert "you asked for it" in discover.files()[1].accessibleName()
    assert "Q8_0" in discover.repository.files.card.accessibleName()


def test_only_what_was_judged_is_called_the_best(discover: DiscoverUse) -> None:
    """A file that was asked for by its name is that, and no more, unless it is the best here too."""
    discover.paste(f"{QWEN}:Q4_K_M")
    asked_for = discover.repository.files.card.accessibleName()
    discover.repository.back.click()
    discover.paste(QWEN)
    best = discover.repository.files.card.accessibleName()
    assert best.startswith("Best for this laptop")
    assert asked_for.startswith("Best for this laptop") is ("Q4_K_M" in best)
    discover.repository.back.click()
    discover.paste(f"{QWEN}:{'Q8_0' if 'Q4_K_M' in best else 'Q4_K_M'}")
    assert discover.repository.files.card.accessibleName().startswith("This is the file that you asked for.")


def test_each_file_is_measured_by_one_look_into_one_header(discover: DiscoverUse) -> None:
    """A megabyte of one file tells the layers of all; their sizes do the rest."""
    discover.paste(QWEN)
    assert all(row.shown.fit is not None and "of 9.1 GB" in row.shown.fit.numbers for row in discover.files())
    ranges = [each for each in discover.server.log.requests if each.asked.kind is Kind.DELIVERY]
    assert {each.asked.file for each in ranges} <= {"Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf"}
    assert sum(each.sent_bytes for each in ranges) < 12_000_000


def test_a_larger_context_window_needs_more(discover: DiscoverUse) -> None:
    """The question “what if” is answered in place, without asking anybody."""
    discover.paste(QWEN)
    before, asked = discover.files()[0].shown.fit, discover.asked
    box = discover.repository.files.contexts
    box.setCurrentIndex(box.count() - 1)
    box.activated.emit(box.count() - 1)
    after = discover.files()[0].shown.fit
    assert before is not None
    assert after is not None
    assert after.share > before.share
    assert discover.asked == asked


def test_the_way_back_leads_to_the_list(discover: DiscoverUse) -> None:
    """Where it was left."""
    discover.search("instruct")
    discover.page.list.rows[0].click()
    discover.until(lambda: discover.tab.currentWidget() is discover.repository)
    discover.repository.back.click()
    assert discover.tab.currentWidget() is discover.page
    assert len(discover.names) == 2


def stops(key: Qt.Key, count: int) -> list[QWidget | None]:
    """Press `key` again and again: where the keyboard comes, but for the area that it scrolls."""
    found: list[QWidget | None] = []
    while len(found) < count:
        press(key)
        if not isinstance(QApplication.focusWidget(), QScrollArea):
            found.append(QApplication.focusWidget())
    return found


def test_tab_goes_down_the_page_as_it_is_seen(discover: DiscoverUse) -> None:
    """From the head to the file to take, the context window, each of the files, and what follows them; and back."""
    names = tuple(f"tall-ship-{kind}.gguf" for kind in ("Q2_K", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0"))
    card = HubFile("README.md", "\n\n---\n\n".join(f"Paragraph {n}." for n in range(20)).encode())
    discover.server.publish(HubRepository("many/tall-ship-GGUF", (*(starter_file(name) for name in names), card)))
    discover.paste("many/tall-ship-GGUF")
    page, files = discover.repository, discover.repository.files
    discover.until(page.more_button.isVisible)
    page.back.setFocus()
    rows = [stop for row in files.list.rows for stop in (row, row.button)]
    down = [page.page_button, files.card.get_button, files.contexts, *rows, page.more_button]
    assert len(rows) == 2 * len(names)
    assert stops(Qt.Key.Key_Tab, len(down)) == down
    assert stops(Qt.Key.Key_Backtab, len(down)) == [*down[-2::-1], page.back]


def test_the_arrow_keys_walk_the_files_and_change_nothing(discover: DiscoverUse) -> None:
    """Past the context window, which they would change; they stop at the last, and lead back to the file to take."""
    discover.paste(QWEN)
    files, rows = discover.repository.files, discover.files()
    chosen = files.contexts.currentIndex()
    files.card.get_button.setFocus()
    assert stops(Qt.Key.Key_Down, 3) == [rows[0], rows[1], rows[1]]
    press(Qt.Key.Key_Tab)
    assert rows[1].button.hasFocus()
    assert stops(Qt.Key.Key_Up, 2) == [rows[0], files.card.get_button]
    rows[0].button.setFocus()
    assert stops(Qt.Key.Key_Down, 1) == [rows[1]]
    assert files.contexts.currentIndex() == chosen


def test_a_gated_repository_says_what_to_do(discover: DiscoverUse) -> None:
    """Its Get leads to the explanation, and the explanation to the access token."""
    discover.server.publish(HubRepository(GATED, (starter_file("gated-Q4_0.gguf"),), gated="manual"))
    wanted = emitted(discover.use.desktop.discover.token_wanted)
    discover.paste(GATED)
    assert "agreed to its owner's terms" in discover.repository.gate.words
    discover.files()[0].button.click()
    assert not discover.has_step
    discover.repository.gate.button.click()
    assert wanted == [()]


def test_from_the_access_token_one_comes_back_to_the_page(discover: DiscoverUse) -> None:
    """Which knows then that there is one, and lets its Get try again."""
    discover.server.publish(HubRepository(GATED, (starter_file("gated-Q4_0.gguf"),), gated="manual"))
    discover.parts.online.credentials = Credentials(FailKeyring)
    discover.paste(GATED)
    discover.repository.gate.button.click()
    discover.until(lambda: not discover.repository.isVisible())
    discover.parts.online.credentials.keep("hf_OnlyForThisTest1")
    press(Qt.Key.Key_Escape)
    discover.until(discover.repository.isVisible)
    assert "Your access token is sent along" in discover.repository.gate.words
    discover.files()[0].button.click()
    discover.step()


def test_the_gate_says_where_a_token_would_be_kept(discover: DiscoverUse) -> None:
    """As the settings do: where there is no keyring, nobody is told that it keeps anything."""
    discover.server.publish(HubRepository(GATED, (starter_file("gated-Q4_0.gguf"),), gated="manual"))
    discover.parts.online.credentials = Credentials(FailKeyring)
    discover.paste(GATED)
    assert "This system has no keyring" in discover.repository.gate.words
    assert "keeps it" not in discover.repository.gate.words


def test_what_is_still_read_keeps_its_line(discover: DiscoverUse) -> None:
    """A page that has been read does not hide that a licence is being read beside it."""
    progress = discover.repository.progress
    discover.paste(QWEN)
    progress.begin("Reading the licence…", discover)
    progress.begin("Asking the hub…")
    progress.end()
    assert progress.is_busy
    assert "Reading the licence…" in progress.stop_button.accessibleName()
    progress.end(discover)
    assert not progress.is_busy


def test_an_unfinished_upload_is_not_offered(discover: DiscoverUse) -> None:
    """And it is said, so that nobody looks for it."""
    files = (starter_file("whole-Q4_0.gguf"), HubFile("lost-Q8_0-00001-of-00003.gguf", b"x" * 200))
    discover.server.publish(HubRepository("many/parts-GGUF", files))
    discover.paste("many/parts-GGUF")
    assert [row.shown.name for row in discover.files()] == ["Q4_0"]
    assert "only 1 of its 3 parts" in discover.repository.files.left_out


def test_a_repository_that_is_not_there_is_told_in_words(discover: DiscoverUse) -> None:
    """Nothing is shown but the sentence and a way to try again."""
    discover.type("no/such-repository")
    discover.page.bar.field.entered.emit("no/such-repository")
    discover.until(lambda: bool(discover.repository.notice.words))
    assert not discover.repository.files.isVisible()


def test_a_strangers_description_holds_no_markup_and_loads_nothing(discover: DiscoverUse) -> None:
    """Pictures and tags are gone before anything is laid out; a link only asks."""
    card = "# Hello\n<img src='file:///etc/passwd'>\n![x](http://127.0.0.1/track.png)\n<script>alert(1)</script>\n"
    discover.server.publish(
        HubRepository("many/card-GGUF", (starter_file("a-Q4_0.gguf"), HubFile("README.md", card.encode())))
    )
    discover.paste("many/card-GGUF")
    assert discover.repository.description.texts()
    assert not any("track" in each.asked.path for each in discover.server.log.requests)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("<div align=center>\n  <b>Bold</b> words\n</div>", "\nBold words\n"),
        ("<!-- a\nsecret --> seen", " seen"),
        ("`<div>` stays", "`<div>` stays"),
        ("```html\n<div>kept</div>\n```\n<p>gone</p>", "```html\n<div>kept</div>\n```\ngone"),
        ("![alt](http://127.0.0.1/a.png) words", "words"),
        ("a < b and c > d", "a < b and c > d"),
        ("<!-- never closed", ""),
    ],
)
def test_markup_is_taken_out_where_it_is_not_code(written: str, left: str) -> None:
    """What people wrote to be read stays."""
    assert without_markup(written) == left


def test_a_long_card_is_read_only_as_far_as_people_do() -> None:
    """Half a megabyte does not hold up the page."""
    strips = card_strips("word " * 200_000)
    assert sum(len(part.text) for strip in strips if isinstance(strip, Words) for part in strip.paragraphs) <= 100_000


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://huggingface.co/a/b", "https://huggingface.co/a/b"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("file:///etc/passwd", ""),
        ("javascript:alert(1)", ""),
        ("smb://host/share", ""),
        ("vscode://x", ""),
        ("https://", ""),
    ],
)
def test_only_addresses_of_the_web_and_of_mail_may_be_opened(address: str, shown: str) -> None:
    """And the question shows where they really lead."""
    assert shown_address(address) == shown


def test_a_host_in_another_script_is_shown_as_it_is_encoded() -> None:
    """Letters that look alike cannot stand for others."""
    assert "xn--" in shown_address("https://\u0430pple.com/")


def test_a_description_cannot_turn_the_direction_of_its_words() -> None:
    """`gnp.exe` must not read as a picture's name."""
    (strip,) = card_strips("A \u202egnp.exe\u202c file")
    assert isinstance(strip, Words)
    assert [part.text for part in strip.paragraphs] == ["A gnp.exe file"]


def test_a_page_that_is_opened_again_reads_no_header_again(discover: DiscoverUse) -> None:
    """What it told is kept: the files are measured as before, and nothing of them is fetched."""
    discover.paste(QWEN)
    before = [row.shown for row in discover.files()]
    discover.repository.back.click()
    discover.server.log.clear()
    discover.paste(QWEN)
    assert [row.shown for row in discover.files()] == before
    assert not discover.server.log.of(Kind.RESOLVE, Kind.DELIVERY)
