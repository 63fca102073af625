"""The engine process: the other end of `ChildProcessEngine`'s pipe. It reads orders, does them, and reports.

It ends when its input does. Nothing heavy is imported, and no thread started, before its limits are on.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from queue import SimpleQueue
from typing import Final, NoReturn, TypeAlias

from app.confined.confinement import SandboxReport
from app.confined.framing import FrameReader, FrameWriter, FramingError
from app.confined.own_limits import limit_this_process
from app.confined.process import take_pipes
from app.confined.sandbox import confine_this_process
from app.engine import wire
from app.engine.answering import library_loading
from app.engine.bare_loop_answer import answer_bare_loop
from app.engine.bare_loop_wire import BareLoopOrder
from app.engine.engine import Engine, EngineError
from app.engine.events import GenerationEvent
from app.engine.interruption import Interruption
from app.engine.measure_answer import answer_measure
from app.engine.measure_wire import MeasureOrder
from app.engine.needed_files import confinement_for
from app.engine.outbox import Outbox
from app.engine.probe_answer import answer_probe
from app.engine.probe_wire import Probe, decode_first_order
from app.engine.pulse import Pulse
from app.engine.quantize_answer import answer_quantize
from app.engine.quantize_wire import QuantizeOrder

_GRACE_S: Final = 5.0
_STDERR: Final = 2


def main() -> NoReturn:
    """Be the engine process, and end as one. Called for `main.py --engine`."""
    try:
        read, write, parent = take_pipes()
    except KeyError:
        print("--engine is how Paddock starts its engine process; it is of no use by itself.", file=sys.stderr)  # noqa: T201 - a person typed it
        sys.exit(2)
    limit_this_process(parent)
    run(read, write)
    sys.stderr.flush()
    os._exit(0)  # the libraries' own end may abort the process after all is done


def run(read: int, write: int) -> None:
    """Do what comes from `read`, report to `write`, until the input ends; then free everything.

    The first order is the load, or one of those in its place, such as a `Probe`. It is read before this process has a
    second thread: the limits hold for the thread that puts them on and those that it starts.
    """
    reader = FrameReader(read)
    writer = FrameWriter(write)
    match _first_order(reader):
        case wire.Load() as load:
            _serve(load, reader, writer)
        case Probe():
            answer_probe(writer.write, _print)
        case BareLoopOrder() as order:
            answer_bare_loop(order, reader, writer.write, _print)
        case MeasureOrder() as order:
            answer_measure(order, reader, writer.write, _print)
        case QuantizeOrder() as order:
            answer_quantize(order, reader, writer.write, _print)
        case None:
            pass


def _serve(load: wire.Load, reader: FrameReader, writer: FrameWriter) -> None:
    """Load, and do one task after another."""
    outbox = Outbox(writer)
    sandbox = confine_this_process(confinement_for(wire.load_request(load)))
    orders = _Orders(reader, load)
    pulse = Pulse(outbox.send, load.beat_s)
    desk = _Desk(outbox, pulse, sandbox)
    threading.Thread(target=orders.listen, name="engine-orders", daemon=True).start()
    pulse.start()
    try:
        while (order := orders.next()) is not None:
            desk.do(order, orders)
    except BrokenPipeError:
        pass  # nobody listens any more: the same as the end of the input
    desk.close()
    orders.finished.set()


_First: TypeAlias = wire.Load | Probe | BareLoopOrder | MeasureOrder | QuantizeOrder


def _first_order(reader: FrameReader) -> _First | None:
    try:
        frame = reader.read()
        order = None if frame is None else decode_first_order(frame)
    except (OSError, FramingError, wire.WireError) as error:
        _complain(error)
        return None
    if order is None or isinstance(order, _First):
        return order
    _complain(wire.WireError(f"{type(order).__name__} before anything is loaded."))
    return None


class _Orders:
    """Reads the pipe on a thread of its own, so that a `Cancel` reaches a job that is running."""

    def __init__(self, reader: FrameReader, first: wire.Load) -> None:
        self._reader = reader
        self._queue: SimpleQueue[wire.Load | wire.Task | None] = SimpleQueue()
        self._interruptions: dict[int, Interruption] = {}
        self._lock = threading.Lock()
        self.finished = threading.Event()
        self._take(first)

    def listen(self) -> None:
        """Take orders until the input ends, then end what runs; if that does not help, end the process."""
        try:
            while (frame := self._reader.read()) is not None:
                self._take(wire.decode_order(frame))
        except (OSError, FramingError, wire.WireError) as error:
            _complain(error)
        with self._lock:
            running = list(self._interruptions.values())
        for interruption in running:
            interruption.request()
        self._queue.put(None)
        if not self.finished.wait(_GRACE_S):
            os._exit(1)

    def next(self) -> wire.Load | wire.Task | None:
        """Wait for an order; None when there will be no more."""
        return self._queue.get()

    def interruption(self, job: int) -> Interruption:
        """Give what ends `job`; a `Cancel` may have come before the job began."""
        with self._lock:
            return self._interruptions[job]

    def forget(self, job: int) -> None:
        """The job has ended."""
        with self._lock:
            del self._interruptions[job]

    def _take(self, order: wire.Order) -> None:
        if isinstance(order, wire.Cancel):
            with self._lock:
                interruption = self._interruptions.get(order.job)
            if interruption is not None:
                interruption.request()
            return
        with self._lock:
            self._interruptions[_job(order)] = Interruption()
        self._queue.put(order)


class _Desk:
    """Does one order at a time with the engine, which it builds when the first one comes."""

    def __init__(self, outbox: Outbox, pulse: Pulse, sandbox: SandboxReport) -> None:
        self._outbox = outbox
        self._pulse = pulse
        self._sandbox = sandbox
        self._engine: Engine | None = None

    def do(self, order: wire.Load | wire.Task, orders: _Orders) -> None:
        """Do an order; an `EngineError` is a report, anything else ends the process with its traceback in the log."""
        job = _job(order)
        try:
            with self._pulse.at_work():
                self._do(order, orders.interruption(job))
        except EngineError as error:
            self._outbox.flush(job)
            self._outbox.send(wire.failure_report(job, error))
        finally:
            orders.forget(job)

    def close(self) -> None:
        """Free the model."""
        if self._engine is not None:
            self._engine.close()

    def _do(self, order: wire.Load | wire.Task, interruption: Interruption) -> None:
        match order:
            case wire.Load():
                with self._pulse.doing("load"):
                    self._load(order, interruption)
            case wire.Generate(job, request):
                self._pass_on(job, self._ready().generate(request, interruption))
            case wire.Warm(job, prompt):
                self._pass_on(job, self._ready().warm(prompt, interruption))
                self._outbox.send(wire.Done(job))
            case wire.Describe(job, prompt):
                self._outbox.send(wire.Described(job, self._ready().describe_prompt(prompt)))
            case wire.Keep(job, conversation):
                with self._pulse.doing("keep"):
                    self._ready().keep(conversation, interruption)
                self._outbox.send(wire.Done(job))

    def _load(self, order: wire.Load, interruption: Interruption) -> None:
        request = wire.load_request(order)
        model = self._ready().load(request, lambda event: self._outbox.send(wire.LoadStep(event)), interruption)
        self._outbox.send(wire.loaded_report(replace(model, sandbox=self._sandbox)))

    def _pass_on(self, job: int, events: Iterable[GenerationEvent]) -> None:
        self._outbox.begin()
        for event in events:
            self._pulse.step()
            self._outbox.send_event(job, event)

    def _ready(self) -> Engine:
        self._engine = self._engine or _build_engine(self._pulse)
        return self._engine


def _job(order: wire.Load | wire.Task) -> int:
    return wire.LOAD_JOB if isinstance(order, wire.Load) else order.job


def _complain(error: Exception) -> None:
    print(f"The orders make no sense any more: {error}", file=sys.stderr, flush=True)  # noqa: T201 - goes to the log


def _build_engine(pulse: Pulse) -> Engine:
    with library_loading():
        from app.engine.llama.engine import LlamaEngine  # noqa: PLC0415 - loads the library: the limits come first
        from app.engine.llama.long_calls import announce_long_calls  # noqa: PLC0415 - the same
    announce_long_calls(pulse.announced)
    return LlamaEngine(_print)


def _print(line: bytes) -> None:
    os.write(_STDERR, line)
