"""The benchmark: measured beside the window, never beside a reply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from PySide6.QtCore import QObject

from app.confined.process import own_command
from app.engine.asked_process import StoppedWorkError
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import Engine
from app.engine.worker import EngineWorker
from app.errors import PaddockError
from app.models.installed import InstalledModel
from app.translation import told, tr, trn
from app.ui.background import Background
from app.ui.composer.model_choice import show_size
from app.ui.icons import Icons
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.settings.chart import ChartModel, ChartRow
from app.ui.settings.hardware_benchmark_card import HardwareBenchmarkCard
from app.ui.settings.ledger_words import day
from app.ui.theme import Theme
from app.workshop.benchmark import BUDGET_S, Benchmark, BenchmarkPoint, BenchmarkRun, benchmark_load
from app.workshop.benchmark_file import BenchmarkFile

MakeEngine: TypeAlias = Callable[[], Engine]
_MINUTE_S: Final = 60
_ROUND_S: Final = 5
_WHILE_REPLYING: Final = "A reply is being written. Measure when it is done: now both would be slow."
"""A message id."""


class BenchmarkPresenter(QObject):
    """Has a model measured in an engine process of its own, and shows what was measured here before."""

    def __init__(
        self,
        desk: Desk,
        models: ModelPresenter,
        conversations: ConversationPresenter,
        theme: Theme,
        icons: Icons,
    ) -> None:
        """Show what was kept when the page is looked at."""
        super().__init__(desk.window)
        self._desk = desk
        self._models = models
        self._conversations = conversations
        self.make_engine: MakeEngine = self._own_engine
        """Gives an engine that belongs to nobody else."""
        self._file = BenchmarkFile(desk.parts.paths.benchmarks, desk.notices.show)
        self._thread = Background(desk.bridge, threads=1)
        self._run: BenchmarkRun | None = None
        self._stopped_by_reply = False
        self.card = HardwareBenchmarkCard(theme, icons)
        self.card.measure_requested.connect(self._measure)
        self.card.stop_requested.connect(self.stop)
        self.card.shown.connect(self._refresh)
        conversations.replying_changed.connect(self._replying_changed)
        desk.window.closing.connect(self._close)

    def stop(self) -> None:
        """End what is being measured, if anything is."""
        if self._run is not None:
            self._run.stop()

    def _refresh(self) -> None:
        present = [model for model in self._desk.parts.models.models() if model.is_present]
        chosen = self._models.chosen
        self.card.show_choices([(model.id, model.name) for model in present], chosen.id if chosen else "")
        self._forbid()
        try:
            self._show(self._file.read())
        except PaddockError as error:
            self.card.say(told(error), "error")

    def _measure(self, model_id: str, longer: bool) -> None:  # noqa: FBT001 - as the signal says it
        if self._run is not None or self._conversations.replying_ids:
            return
        try:
            model = self._desk.parts.models.find(model_id)
            load = benchmark_load(model, self._desk.parts.settings.settings.load)
        except PaddockError as error:
            self.card.say(told(error), "error")
            return
        worker = EngineWorker(self.make_engine())
        run = self._run = BenchmarkRun(worker, load)
        self._stopped_by_reply = False
        self.card.show_running(is_running=True)
        self.card.say(tr("Loading {name} to measure it.", name=model.name))
        budget_s = None if longer else BUDGET_S
        self._thread.run(lambda: self._work(run, worker, model, budget_s), self._measured, self._failed)

    def _work(
        self, run: BenchmarkRun, worker: EngineWorker, model: InstalledModel, budget_s: float | None
    ) -> Benchmark:
        def report(fraction: float) -> None:
            self._desk.bridge.post(lambda: self._progress(model.name, fraction))

        worker.start()
        try:
            return run.run(model, report, budget_s)
        finally:
            worker.close()

    def _progress(self, name: str, fraction: float) -> None:
        if self._run is not None:
            self.card.show_fraction(fraction)
            self.card.said.setText(tr("Measuring {name}: {percent} %", name=name, percent=round(fraction * 100)))

    def _measured(self, benchmark: Benchmark) -> None:
        self._end("", "")
        try:
            self._show(self._file.keep(benchmark))
        except PaddockError as error:
            self.card.say(told(error), "error")
            self._show((benchmark,))
        if benchmark.left_out_s:
            took = _about(benchmark.left_out_s)
            self.card.offer_longer(tr("Measure the longer ones too, {about}", about=took))

    def _failed(self, error: PaddockError) -> None:
        if not isinstance(error, StoppedWorkError):
            self._end(told(error), "error")
        elif self._stopped_by_reply:
            self._end(tr("Stopped: a reply is being written, and both would have been slow."), "hay")
        else:
            self._end(tr("Stopped. Nothing of it was kept."), "text_2")

    def _end(self, sentence: str, tone: str) -> None:
        self._run = None
        self.card.show_running(is_running=False)
        self.card.offer_longer("")
        self.card.say(sentence, tone or "text_2")
        self._forbid()

    def _replying_changed(self) -> None:
        if self._conversations.replying_ids and self._run is not None:
            self._stopped_by_reply = True
            self.stop()
        self._forbid()

    def _forbid(self) -> None:
        is_replying = bool(self._conversations.replying_ids)
        self.card.forbid(tr(_WHILE_REPLYING) if is_replying else "")

    def _show(self, benchmarks: tuple[Benchmark, ...]) -> None:
        now = datetime.now().astimezone()
        self.card.show_results([_shown(benchmark, now) for benchmark in benchmarks])

    def _own_engine(self) -> Engine:
        paths = self._desk.parts.paths
        return ChildProcessEngine(
            own_command("--engine"), paths.engine_log.with_name("benchmark.log"), builds=paths.engines
        )

    def _close(self) -> None:
        self.stop()
        self._thread.close()


def _shown(benchmark: Benchmark, now: datetime) -> ChartModel:
    threads = trn("{count} thread", "{count} threads", benchmark.threads)
    about = (benchmark.quantization, show_size(benchmark.size_bytes), benchmark.device, threads, day(benchmark.at, now))
    rows = tuple(_row(point, benchmark.n_ctx) for point in benchmark.points)
    return ChartModel(benchmark.model, " · ".join(part for part in about if part), rows)


def _row(point: BenchmarkPoint, n_ctx: int) -> ChartRow:
    label = f"{point.depth:,}"
    if point.is_measured:
        return ChartRow(label, point.read_per_s, point.written_per_s)
    if point.expected_s is not None:
        return ChartRow(label, why=tr("not measured: it would take {about}", about=_about(point.expected_s)))
    return ChartRow(label, why=tr("its context window ends at {tokens:,} tokens", tokens=n_ctx))


def _about(seconds: float) -> str:
    """A guess in round numbers: nobody knows it by the second."""
    rounded = _ROUND_S * max(1, round(seconds / _ROUND_S))
    if rounded < _MINUTE_S:
        return trn("about {count} second", "about {count} seconds", rounded)
    return trn("about {count} minute", "about {count} minutes", round(rounded / _MINUTE_S))
