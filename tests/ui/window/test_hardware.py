"""Stories of somebody who looks at what the laptop has, and has a model measured."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton

from app.engine.engine import NotEnoughMemoryError
from app.settings.registry import Group
from app.ui.settings.chart import SpeedChart
from app.ui.settings.hardware_benchmark_card import HardwareBenchmarkCard
from app.ui.settings.hardware_facts_card import HardwareFactsCard
from app.ui.settings.settings_page import SettingsPage
from app.workshop.benchmark_file import BenchmarkFile
from tests.fakes import FakeEngine, Pause
from tests.ui.window.use import Use
from tests.workshop.test_benchmark import a_benchmark, nothing_wrong

pytestmark = pytest.mark.ui


class Hardware:
    """The page of the hardware, with a benchmark engine whose words the test decides."""

    def __init__(self, use: Use) -> None:
        self.use = use
        self.engine = FakeEngine(n_ctx=2048)
        use.desktop.settings.open_at(Group.HARDWARE)
        page = use.window.findChild(SettingsPage)
        assert page is not None
        facts, card = page.findChild(HardwareFactsCard), page.findChild(HardwareBenchmarkCard)
        assert facts is not None
        assert card is not None
        self.page, self.facts, self.card = page, facts, card
        presenter = use.desktop.settings.hardware
        assert presenter is not None
        presenter.benchmark.make_engine = lambda: self.engine

    @property
    def models(self) -> list[str]:
        """Which models the chart shows, as a screen reader says it."""
        return self.card.findChildren(SpeedChart)[0].accessibleDescription().split(". ")


@pytest.fixture
def hardware(use: Use) -> Hardware:
    """The page, just opened."""
    return Hardware(use)


def test_the_page_says_what_the_laptop_has(hardware: Hardware) -> None:
    """Each fact in a sentence with its numbers; the look at graphics processors is a real engine process's."""
    use, facts = hardware.use, hardware.facts
    use.until(lambda: "build of llama.cpp" in facts.graphics.sentence.text())
    assert "core" in facts.processor.sentence.text()
    assert "are free now" in facts.memory.sentence.text()
    assert str(use.desktop.parts.paths.models) in facts.disk.sentence.text()
    assert facts.builds.sentence.text().startswith("Paddock's own is used: ")


def test_memory_is_looked_at_again_while_it_is_shown(hardware: Hardware, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every two seconds; a page that nobody sees looks at nothing."""
    from app.hardware import Memory
    from app.ui.presenters import hardware as presenter

    monkeypatch.setattr(presenter, "memory", lambda: Memory(16_000_000_000, 9_100_000_000))
    use = hardware.use
    use.until(lambda: hardware.facts.memory.sentence.text() == "9.1 GB of 16.0 GB are free now.")
    assert hardware.facts.is_looking
    use.window.show_conversation()
    use.until(lambda: not hardware.facts.is_looking)


def test_predicted_and_measured_stand_side_by_side(hardware: Hardware, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the model in memory: here the starter, whose process is our own for the test."""
    import os

    from app.engine.worker import EngineWorker

    use = hardware.use
    monkeypatch.setattr(EngineWorker, "process_id", property(lambda _: os.getpid()))
    use.until(lambda: "predicted" in hardware.facts.in_use.sentence.text())
    use.until(lambda: "measured" in hardware.facts.in_use.sentence.text())
    assert "context window of 4,096 tokens on CPU" in hardware.facts.in_use.sentence.text()


def test_a_model_is_measured_and_the_chart_shows_it(hardware: Hardware) -> None:
    """The result is kept for the next time, with what could not be measured and why."""
    card, use = hardware.card, hardware.use
    assert not card.chart.isVisible()
    card.measure_button.click()
    use.until(lambda: card.chart.isVisible() and card.measure_button.isVisible())
    kept = BenchmarkFile(use.desktop.parts.paths.benchmarks, nothing_wrong).read()
    assert [benchmark.model for benchmark in kept] == ["Starter model"]
    assert "its context window ends at 2,048 tokens" in card.chart.accessibleDescription()
    assert hardware.engine.closed, "its process is ended"


def test_what_was_measured_before_is_shown_as_a_chart_and_as_a_table(use: Use) -> None:
    """The table has the same numbers, for whoever cannot see bars."""
    file = BenchmarkFile(use.desktop.parts.paths.benchmarks, nothing_wrong)
    file.keep(a_benchmark("Qwen3 4B"))
    hardware = Hardware(use)
    assert "Qwen3 4B: after 512 tokens it reads 100 and writes 10.5 tokens a second" in hardware.models[0]
    assert "not measured: it would take about 40 seconds" in hardware.models[0]
    hardware.card.view_button.click()
    assert hardware.card.table.isVisible()
    assert not hardware.card.chart.isVisible()
    model = hardware.card.table.model()
    rows = [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]
    assert rows == [
        ["Qwen3 4B", "512", "100", "10.5"],
        ["Qwen3 4B", "2,048", "-", "-"],
        ["Qwen3 4B", "8,192", "-", "-"],
    ]


def test_it_can_be_stopped(hardware: Hardware) -> None:
    """Nothing of it is kept, and it can be begun again."""
    pause = Pause()
    hardware.engine.will_stream("a", pause, "b")
    hardware.card.measure_button.click()
    assert hardware.card.stop_button.isVisible()
    hardware.use.until(pause.reached.is_set)
    hardware.card.stop_button.click()
    hardware.use.until(hardware.card.measure_button.isVisible)
    assert hardware.card.said.text() == "Stopped. Nothing of it was kept."
    assert not hardware.use.desktop.parts.paths.benchmarks.exists()


def test_what_goes_wrong_is_said_beside_the_button(hardware: Hardware) -> None:
    """A model that does not fit a second time, for one."""
    hardware.engine.will_fail_to_load(NotEnoughMemoryError("There is no room for {name}.", name="it"))
    hardware.card.measure_button.click()
    hardware.use.until(lambda: "There is no room for it." in hardware.card.said.text())
    assert hardware.card.measure_button.isVisible()


def test_nothing_is_measured_beside_a_reply(use: Use, engine: FakeEngine) -> None:
    """While one is written the button says why it is off; one that begins ends what is measured."""
    pause, other = Pause(), Pause()
    engine.will_stream("Hel", pause, "lo")
    use.send("Hi")
    use.until(pause.reached.is_set)
    hardware = Hardware(use)
    button: QAbstractButton = hardware.card.measure_button
    assert not button.isEnabled()
    assert "A reply is being written" in button.toolTip()
    pause.go_on()
    use.until(button.isEnabled)
    hardware.engine.will_stream("a", other, "b")
    button.click()
    use.until(other.reached.is_set)
    use.window.show_conversation()
    use.send("Again")
    use.until(lambda: "a reply is being written" in hardware.card.said.text())


def test_closing_the_window_ends_what_is_measured(use: Use) -> None:
    """Nobody waits for a benchmark that nobody will see."""
    hardware = Hardware(use)
    pause = Pause()
    hardware.engine.will_stream("a", pause, "b")
    hardware.card.measure_button.click()
    use.until(pause.reached.is_set)
    use.window.close()
    assert hardware.engine.closed
