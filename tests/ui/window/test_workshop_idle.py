"""Conversions at idle: what is made without being asked, offered once, and gives way to whoever does anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.hardware import Battery
from app.models.installed import Source
from app.workshop.comparison import Comparison
from app.workshop.offer_book import OfferBook
from tests.fakes import FakeEngine, Pause
from tests.gguf_files import TinyModel
from tests.ui.window.converting import FakeJobs, begin, converted_models, give_jobs, let_time_pass, shown
from tests.ui.window.use import OpenWindow, Use
from tests.workshop.test_comparison import SOURCE

LOW = Battery(percent=12, is_discharging=True)


def test_when_it_is_calm_the_starter_is_converted_once(start: OpenWindow, tmp_path: Path) -> None:
    """It says so with figures; kept as it is, the copy is gone and nothing is tried again, after a restart neither."""
    with start(FakeEngine()) as use:
        jobs = give_jobs(use, tmp_path)
        let_time_pass(use)
        use.until(lambda: shown(use, "workshop_card") is not None)
        card = shown(use, "workshop_card")
        assert card is not None
        assert "It reads 2.2 times as fast, and writes 1.1 times as fast." in card.accessibleName()
        copies = list(tmp_path.glob("Tiny*.gguf"))
        assert len(copies) == 1
        use.press("workshop_no_button")
        use.until(lambda: not copies[0].exists())
        assert converted_models(use) == []
    with start(FakeEngine()) as use:
        again = give_jobs(use, tmp_path)
        looks = count_looks(use)
        let_time_pass(use)
        use.until(lambda: len(looks) > 1)
        assert again.asked == []
    assert len(jobs.asked) == 1


def count_looks(use: Use) -> list[bool]:
    """A list that grows each time it was calm for long enough."""
    looks: list[bool] = []
    use.desktop.idle_workshop.calm.timeout.connect(lambda: looks.append(True))
    return looks


def test_what_nobody_answered_is_shown_again_after_a_restart(start: OpenWindow, tmp_path: Path) -> None:
    """By itself, without waiting for calm; and it is not made twice."""
    with start(FakeEngine()) as use:
        jobs = give_jobs(use, tmp_path)
        let_time_pass(use)
        use.until(lambda: shown(use, "workshop_card") is not None)
    with start(FakeEngine()) as use:
        again = give_jobs(use, tmp_path)
        use.until(lambda: shown(use, "workshop_card") is not None)
        use.press("workshop_yes_button")
        use.until(lambda: len(converted_models(use)) == 1)
        assert again.asked == []
    assert len(jobs.asked) == 1


def test_a_copy_that_does_not_pay_is_not_mentioned(use: Use, jobs: FakeJobs, tmp_path: Path) -> None:
    """It is thrown away, quietly."""
    jobs.comparison = Comparison(SOURCE, SOURCE)
    let_time_pass(use)
    use.until(lambda: bool(jobs.asked) and not use.desktop.idle_workshop.is_working)
    use.until(lambda: not list(tmp_path.glob("Tiny*.gguf")))
    assert shown(use, "workshop_card") is None


def test_a_key_ends_it_at_once(use: Use, jobs: FakeJobs) -> None:
    """It begins again when it is calm again."""
    jobs.pause = Pause()
    let_time_pass(use)
    use.until(jobs.pause.reached.is_set)
    use.desktop.idle_workshop.calm.setInterval(60_000)
    use.write("What does a llama eat")
    use.until(lambda: not use.desktop.idle_workshop.is_working)
    assert jobs.stopped.is_set()
    jobs.pause = None
    let_time_pass(use)
    use.until(lambda: shown(use, "workshop_card") is not None)


@pytest.mark.parametrize("is_key", [True, False], ids=["a key", "a click"])
def test_whatever_somebody_does_in_the_window_ends_it(use: Use, jobs: FakeJobs, *, is_key: bool) -> None:
    """Not only what is written to a model: a search, a setting, a click on nothing."""
    jobs.pause = Pause()
    let_time_pass(use)
    use.until(jobs.pause.reached.is_set)
    use.desktop.idle_workshop.calm.setInterval(60_000)
    use.window.sidebar.list.setFocus()
    if is_key:
        QTest.keyClick(use.window.windowHandle(), Qt.Key.Key_L)
    else:
        QTest.mouseClick(use.window.windowHandle(), Qt.MouseButton.LeftButton)
    use.until(lambda: not use.desktop.idle_workshop.is_working)
    assert jobs.stopped.is_set()


def made_at_idle(use: Use) -> None:
    """Wait until the copy of the starter model waits for an answer."""
    let_time_pass(use)
    use.until(lambda: shown(use, "workshop_card") is not None)
    book = OfferBook(use.desktop.parts.paths.workshop_offers)
    use.until(lambda: "starter" in book.noted() and book.noted()["starter"].converted is not None)


def test_the_copy_that_waits_is_used_instead_of_a_second_one(use: Use, jobs: FakeJobs, tmp_path: Path) -> None:
    """Convert by hand shows its figures; used there, it is in the list once, named after its source; no card asks."""
    made_at_idle(use)
    begin(use)
    use.press("use_copy_button")
    use.until(lambda: len(converted_models(use)) == 1)
    use.until(lambda: use.desktop.models.chosen is not None and use.desktop.models.chosen.source is Source.CONVERTED)
    assert len(jobs.asked) == 1
    assert converted_models(use) == list(tmp_path.glob("Tiny*.gguf"))
    assert use.desktop.models.chosen is not None
    assert use.desktop.models.chosen.name.startswith("Starter model ")
    assert shown(use, "workshop_card") is None
    book = OfferBook(use.desktop.parts.paths.workshop_offers)
    use.until(lambda: book.noted()["starter"].converted is None)


def test_the_card_goes_when_there_is_such_a_copy(use: Use, jobs: FakeJobs, tmp_path: Path) -> None:
    """Another Paddock has made one meanwhile: the one that nobody answered for is not wanted any more."""
    made_at_idle(use)
    (waiting,) = tmp_path.glob("Tiny*.gguf")
    other = TinyModel(seed=9, extra={"general.file_type": 7}).write(tmp_path / "Other.Q8_0.gguf")
    use.desktop.parts.models.add_converted(other, source_id="starter")
    use.desktop.models.library_changed()
    use.until(lambda: shown(use, "workshop_card") is None)
    use.until(lambda: not waiting.exists())
    assert other.is_file()


def test_of_one_kind_there_is_one_copy(use: Use, jobs: FakeJobs, tmp_path: Path) -> None:
    """The sheet says that there is one, and offers to use it; nothing is made."""
    path = TinyModel(seed=9, extra={"general.file_type": 7}).write(tmp_path / "Other.Q8_0.gguf")
    made = use.desktop.parts.models.add_converted(path, source_id="starter")
    use.desktop.models.library_changed()
    begin(use)
    use.until(lambda: shown(use, "use_copy_button") is not None)
    sheet = shown(use, "workshop_sheet")
    assert sheet is not None
    assert any(f"It is called {made.name}" in widget.accessibleName() for widget in sheet.findChildren(QWidget))
    use.press("use_copy_button")
    use.until(lambda: use.desktop.models.chosen is not None and use.desktop.models.chosen.id == made.id)
    assert jobs.asked == []


def test_somebody_who_converts_ends_it_at_once(use: Use, jobs: FakeJobs) -> None:
    """Two that measure at once would measure each other."""
    jobs.pause = Pause()
    let_time_pass(use)
    use.until(jobs.pause.reached.is_set)
    use.desktop.idle_workshop.calm.setInterval(60_000)
    use.desktop.workshop.open_convert("starter")
    use.until(lambda: not use.desktop.idle_workshop.is_working)
    assert jobs.stopped.is_set()


def test_a_reply_ends_it_at_once(use: Use, jobs: FakeJobs) -> None:
    """By the engine's first sign, before the window hears of it."""
    use.write("What does a llama eat?")
    jobs.pause = Pause()
    let_time_pass(use)
    use.until(jobs.pause.reached.is_set)
    use.press_key(Qt.Key.Key_Return)
    use.until(jobs.stopped.is_set)
    use.until_answered("What does a llama eat?", "Hello")


def test_without_permission_nothing_is_begun(start: OpenWindow, engine: FakeEngine, tmp_path: Path) -> None:
    """On a low battery."""
    with start(engine, lambda: LOW) as use:
        jobs = give_jobs(use, tmp_path)
        use.until(lambda: use.desktop.models.loading.model is not None)
        looks = count_looks(use)
        use.desktop.idle_workshop.calm.start(0)
        use.until(lambda: len(looks) > 1)
        assert jobs.asked == []


def test_by_itself_nothing_is_converted_before_it_was_calm_for_minutes(use: Use) -> None:
    """No test of the window waits so long."""
    assert use.desktop.idle_workshop.calm.interval() >= 180_000
