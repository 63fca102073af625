"""Converting a model in the window, by somebody and by itself; the jobs are the test's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.hardware import Battery
from app.models.installed import Source
from app.ui.text_button import TextButton
from app.workshop.comparison import Comparison, Measured
from app.workshop.errors import NoRoomForCopyError
from tests.fakes import FakeEngine, Pause
from tests.ui.window.converting import FakeJobs, begin, converted_models, give_jobs, let_time_pass, shown
from tests.ui.window.use import OpenWindow, Use
from tests.workshop.test_comparison import FASTER, SOURCE

LOW = Battery(percent=12, is_discharging=True)


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
