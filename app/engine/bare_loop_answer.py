"""The other end of `BareLoop`: an engine process that loads, decodes, and tells how long that took."""

from __future__ import annotations

from collections.abc import Callable

from app.confined.framing import FrameReader
from app.confined.sandbox import confine_this_process
from app.engine import wire
from app.engine.answering import failures_sent, library_loading
from app.engine.bare_loop_wire import BareLoopOrder, Looped, encode
from app.engine.needed_files import confinement_for


def answer_bare_loop(
    order: BareLoopOrder, reader: FrameReader, send: Callable[[bytes], None], log: Callable[[bytes], None]
) -> None:
    """Give up what an engine gives up, load, and write the reply for every frame that comes, until none does."""
    load = wire.load_request(order.load)
    confine_this_process(confinement_for(load))
    with failures_sent(send):
        with library_loading():
            from app.engine.llama.speed.decode_loop import DecodeLoop  # noqa: PLC0415 - loads the library: the limits come first
        loop = DecodeLoop(load, order.request, log)
        send(encode(Looped()))
        while reader.read() is not None:
            send(encode(loop.run(order.tokens)))
        loop.close()
