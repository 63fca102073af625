"""The other end of `Quantization`: an engine process that reads one model file and writes another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from app.confined.confinement import Confinement
from app.confined.framing import FrameReader
from app.confined.sandbox import confine_this_process
from app.engine.answering import failures_sent, library_loading
from app.engine.quantize_wire import Foreseen, QuantizeOrder, Writing, Written, encode, orders
from app.gguf.parts import parts_named


def answer_quantize(
    order: QuantizeOrder, reader: FrameReader, send: Callable[[bytes], None], log: Callable[[bytes], None]
) -> None:
    """Give up all but the two files, say what comes of the source, and write it for every frame that comes."""
    source = Path(os.fsdecode(order.source))
    destination = None if order.destination is None else Path(os.fsdecode(order.destination))
    confine_this_process(Confinement((source, *parts_named(source)), () if destination is None else (destination,)))
    with failures_sent(send):
        with library_loading():
            from app.engine.llama.quantizer import Quantizer  # noqa: PLC0415 - loads the library: the limits come first
        quantizer = Quantizer(source, order.threads, log)
        send(encode(Foreseen(tuple(quantizer.size_as(file_type) for file_type in order.file_types))))
        while (frame := reader.read()) is not None and destination is not None:
            quantizer.write(destination, orders.decode(frame).file_type, lambda part: _tell(send, part))
            send(encode(Written()))


def _tell(send: Callable[[bytes], None], fraction: float) -> None:
    """Report from inside of llama.cpp, through which no exception can pass. Without a listener, end."""
    try:
        send(encode(Writing(fraction)))
    except OSError:
        os._exit(1)
