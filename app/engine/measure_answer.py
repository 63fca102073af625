"""The other end of `ModelMeasure`: an engine process that loads, reads, writes, and tells how that went."""

from __future__ import annotations

from collections.abc import Callable

from app.confined.framing import FrameReader
from app.confined.sandbox import confine_this_process
from app.engine import wire
from app.engine.answering import failures_sent, library_loading
from app.engine.measure_wire import MeasureOrder, encode
from app.engine.needed_files import confinement_for


def answer_measure(
    order: MeasureOrder, reader: FrameReader, send: Callable[[bytes], None], log: Callable[[bytes], None]
) -> None:
    """Give up what an engine gives up, load, weigh the text, and measure for every frame that comes."""
    load = wire.load_request(order.load)
    confine_this_process(confinement_for(load))
    with failures_sent(send):
        with library_loading():
            from app.engine.llama.speed.text_measure import TextMeasure  # noqa: PLC0415 - loads the library: the limits come first
        measure = TextMeasure(load, order.text, order.written_tokens, log)
        send(encode(measure.weigh()))
        while reader.read() is not None:
            send(encode(measure.time()))
        measure.close()
