"""Converting a model in the window, by somebody and by itself; the jobs are the test's own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.engine.interruption import Interruption
from app.hardware import Battery
from app.models.installed import Source
from app.ui.text_button import TextButton
from app.workshop.comparison import Comparison, Measured
from app.workshop.convert import Checking, Choice, Converted, Converting, Loading, Measuring, Phase
from app.workshop.errors import NoRoomForCopyError, StoppedConversionError
from app.workshop.offer_book import OfferBook
from app.workshop.target_types import OFFERED
from tests.fakes import FakeEngine, Pause
from tests.gguf_files import TinyModel
from tests.ui.window.use import OpenWindow, Use
from tests.workshop.test_comparison import FASTER, SOURCE

LOW = Battery(percent=12, is_discharging=True)


class FakeJobs:
    """Converts nothing; a `Pause` holds it up, an error ends it. `asked` are the conversions that were begun.

    Whoever comes out of the `last` pause is too far to be stopped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pause: Pause | None = None
        self.last: Pause | None = None
        self.error: NoRoomForCopyError | None = None
        self.comparison = Comparison(SOURCE, FASTER)
        self.asked: list[tuple[Path, str]] = []
        self.stopped = threading.Event()

    def choices(self, source: Path, interruption: Interruption) -> list[Choice]:
        """All of them, of some size."""
        return [Choice(target, 60_000_000 + 9_000_000 * number) for number, target in enumerate(reversed(OFFERED))]

    def convert(
        self, source: Path, target: str, report: Callable[[Phase], None], interruption: Interruption
    ) -> Converted:
        """Report the phases, and write a tiny model."""
        self.asked.append((source, target))
        for phase in (Checking(), Converting(0.5), Loading(), Measuring(1, 10)):
            report(phase)
        if self.pause is not None:
            self.pause.wait(interruption)
        if interruption.requested and self.last is None:
            self.stopped.set()
            raise StoppedConversionError("The conversion was stopped. Nothing was left behind.")
        if self.error is not None:
            raise self.error
        path = self.folder / f"Tiny.{target}-{len(self.asked)}.gguf"
        file_type = next(each.number for each in OFFERED if each.name == target)
        model = TinyModel(seed=len(self.asked), extra={"general.file_type": file_type})
        return Converted(model.write(path), self.comparison)


@pytest.fixture
def jobs(use: Use, tmp_path: Path) -> FakeJobs:
    """What the window's workshop does."""
    return give_jobs(use, tmp_path)


def give_jobs(use: Use, folder: Path) -> FakeJobs:
    """Have the window's workshop do nothing real."""
    fake = FakeJobs(folder)
    use.desktop.workshop.jobs = fake  # pyright: ignore[reportAttributeAccessIssue] - it does what they do
    return fake


def shown(use: Use, name: str) -> QWidget | None:
    """The visible widget of this name."""
    found = (widget for widget in use.window.findChildren(QWidget, name) if widget.isVisible())
    return next(found, None)


def converted_models(use: Use) -> list[Path]:
    """Where the copies lie that are in the list."""
    return [model.path for model in use.desktop.parts.models.models() if model.source is Source.CONVERTED]


def begin(use: Use) -> None:
    """Open the sheet for the starter model, and convert it to what is proposed."""
    use.desktop.workshop.open_convert("starter")
    use.press("convert_button")


def let_time_pass(use: Use) -> None:
    """Wait until work at idle may begin, and let it have been calm for long enough."""
    use.until(lambda: use.desktop.models.loading.model is not None)
    use.until(use.desktop.idle_workshop.may_work)
    use.desktop.idle_workshop.calm.start(0)


def test_somebody_converts_a_model_and_uses_the_copy(use: Use, jobs: FakeJobs) -> None:
    """The usual type is proposed; what came of it stands beside what was; then the copy answers."""
    begin(use)
    use.press("use_copy_button")
    use.until(lambda: use.desktop.models.chosen is not None and use.desktop.models.chosen.source is Source.CONVERTED)
    assert [target for _, target in jobs.asked] == ["Q8_0"]
    assert shown(use, "workshop_sheet") is None
    chosen = use.desktop.models.chosen
    assert chosen is not None
    assert chosen.made_from == "starter"


def test_what_came_of_it_is_said_in_words(use: Use, jobs: FakeJobs) -> None:
    """For eyes and for ears."""
    begin(use)
    use.until(lambda: shown(use, "use_copy_button") is not None)
    sheet = shown(use, "workshop_sheet")
    assert sheet is not None
    said = " ".join(widget.accessibleName() for widget in sheet.findChildren(QWidget))
    assert "It reads 2.2 times as fast" in said
    assert "Worth using here." in said


def test_the_accent_is_on_what_is_advised(use: Use, jobs: FakeJobs) -> None:
    """A copy with worse words is not offered as the thing to use."""
    jobs.comparison = Comparison(SOURCE, replace(FASTER, log_likelihood=SOURCE.log_likelihood - 0.4))
    begin(use)
    use.until(lambda: shown(use, "use_copy_button") is not None)
    sheet = shown(use, "workshop_sheet")
    assert sheet is not None
    accented = [button.text() for button in sheet.findChildren(TextButton) if button.property("kind") == "primary"]
    assert accented[-1:] == ["Throw the copy away"]
    assert "Use it" not in accented


def test_the_arrow_keys_choose_another_type(use: Use, jobs: FakeJobs) -> None:
    """All by keyboard: up from what is proposed, Tab to the button, Enter."""
    use.desktop.workshop.open_convert("starter")
    use.until(lambda: shown(use, "convert_button") is not None)
    use.until(lambda: shown(use, "type_Q8_0") is use.window.focusWidget())
    QTest.keyClick(use.window.focusWidget(), Qt.Key.Key_Up)
    use.press("convert_button")
    use.until(lambda: [target for _, target in jobs.asked] == ["Q6_K"])


def test_stop_leaves_nothing_and_closes(use: Use, jobs: FakeJobs) -> None:
    """The sheet is gone, and nothing was said to have failed."""
    jobs.pause = Pause()
    begin(use)
    use.until(jobs.pause.reached.is_set)
    use.press("stop_conversion_button")
    use.until(lambda: shown(use, "workshop_sheet") is None)
    assert jobs.stopped.is_set()
    assert use.notice() == ""
    assert converted_models(use) == []


def test_an_error_is_said_in_the_sheet(use: Use, jobs: FakeJobs) -> None:
    """With what helps."""
    jobs.error = NoRoomForCopyError("The disk became full.", next_step="Make room.")
    begin(use)
    use.until(lambda: any("Make room." in widget.accessibleName() for widget in use.window.findChildren(QWidget)))
    assert shown(use, "workshop_sheet") is not None


def test_put_away_undecided_both_are_kept(use: Use, jobs: FakeJobs) -> None:
    """What took minutes is not thrown away by Escape; the model that was chosen stays."""
    begin(use)
    use.until(lambda: shown(use, "use_copy_button") is not None)
    QTest.keyClick(use.window.focusWidget(), Qt.Key.Key_Escape)
    use.until(lambda: len(converted_models(use)) == 1)
    assert use.desktop.models.chosen is not None
    assert use.desktop.models.chosen.source is Source.STARTER


def test_closing_before_one_decides_keeps_the_copy(start: OpenWindow, tmp_path: Path) -> None:
    """What lies on the disk is in the list at the next start."""
    with start(FakeEngine()) as use:
        give_jobs(use, tmp_path)
        begin(use)
        use.until(lambda: shown(use, "use_copy_button") is not None)
    with start(FakeEngine()) as use:
        assert converted_models(use) == list(tmp_path.glob("Tiny*.gguf"))


def test_a_copy_that_is_whole_while_the_window_closes_is_kept(start: OpenWindow, tmp_path: Path) -> None:
    """Its job was done, and the window had not heard of it yet."""
    with start(FakeEngine()) as use:
        jobs = give_jobs(use, tmp_path)
        jobs.pause = jobs.last = Pause()
        begin(use)
        use.until(jobs.pause.reached.is_set)
    with start(FakeEngine()) as use:
        assert converted_models(use) == list(tmp_path.glob("Tiny*.gguf"))
        assert len(converted_models(use)) == 1


def test_what_is_made_by_itself_while_the_window_closes_is_not_made_twice(start: OpenWindow, tmp_path: Path) -> None:
    """It is shown at the next start."""
    with start(FakeEngine()) as use:
        jobs = give_jobs(use, tmp_path)
        jobs.pause = jobs.last = Pause()
        let_time_pass(use)
        use.until(jobs.pause.reached.is_set)
    with start(FakeEngine()) as use:
        again = give_jobs(use, tmp_path)
        use.until(lambda: shown(use, "workshop_card") is not None)
        assert again.asked == []


def test_in_the_background_the_card_tells_of_it(use: Use, jobs: FakeJobs) -> None:
    """The window is free meanwhile; the copy is in the list, and a click uses it."""
    jobs.pause = Pause()
    begin(use)
    use.until(jobs.pause.reached.is_set)
    sheet = shown(use, "workshop_sheet")
    assert sheet is not None
    QTest.keyClick(use.window.focusWidget(), Qt.Key.Key_Escape)
    jobs.pause.go_on()
    use.press("workshop_yes_button")
    use.until(lambda: use.desktop.models.chosen is not None and use.desktop.models.chosen.source is Source.CONVERTED)


@pytest.mark.parametrize(("after", "advised"), [(SOURCE, "Only keep it"), (FASTER, "Use it")])
def test_the_card_in_the_background_advises_no_copy_that_does_not_pay(
    use: Use, jobs: FakeJobs, after: Measured, advised: str
) -> None:
    """The accent is on keeping what there was; after a copy that pays, on using it."""
    jobs.comparison, jobs.pause = Comparison(SOURCE, after), Pause()
    begin(use)
    use.until(jobs.pause.reached.is_set)
    QTest.keyClick(use.window.focusWidget(), Qt.Key.Key_Escape)
    use.until(lambda: shown(use, "workshop_sheet") is None)
    jobs.pause.go_on()
    use.until(lambda: shown(use, "workshop_card") is not None)
    buttons = use.desktop.workshop.card.findChildren(TextButton)
    assert [button.text() for button in buttons if button.property("kind") == "primary"] == [advised]


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
