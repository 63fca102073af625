"""The other end of `probe_engine`: an engine process that looks, reports, and ends."""

from __future__ import annotations

from collections.abc import Callable

from app.confined.confinement import Confinement
from app.confined.sandbox import confine_this_process
from app.engine.answering import failures_sent, library_loading
from app.engine.probe_wire import Probed, encode


def answer_probe(send: Callable[[bytes], None], log: Callable[[bytes], None]) -> None:
    """Give up all that an engine gives up, load the library, and report what it finds; what it prints goes to `log`."""
    sandbox = confine_this_process(Confinement())
    with failures_sent(send):
        with library_loading():
            from app.engine.llama.library import LibraryLog, engine_build, start_library  # noqa: PLC0415 - the same
            from app.engine.llama.loading.devices import list_devices  # noqa: PLC0415 - loads the library: the limits come first
        kept = LibraryLog(log)
        start_library()
        send(encode(Probed(list_devices(), engine_build(), sandbox)))
        del kept  # the library held a pointer to it until now
