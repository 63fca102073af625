"""`models convert`: a copy of a model in another quantization, measured beside its source."""

from __future__ import annotations

import argparse
import sys
import threading
from queue import SimpleQueue
from typing import TypeAlias, cast

from app.cli.interrupt import first_interrupt
from app.cli.model_json import model_json
from app.cli.printing import Json, one_line, print_json, print_line, print_notice
from app.engine.interruption import Interruption
from app.models.installed import InstalledModel
from app.parts import ModelParts
from app.translation import told, tr
from app.workshop.convert import Checking, Conversion, Converted, Converting, Loading, Measuring, Phase
from app.workshop.copies import copies_of
from app.workshop.errors import ConversionError, StoppedConversionError
from app.workshop.offer_book import OfferBook
from app.workshop.workbench import workbench

_Said: TypeAlias = Phase | Converted | Exception | None


def convert(parts: ModelParts, arguments: argparse.Namespace) -> None:
    """Write the copy, measure both, take the copy into the list, and print what it is worth. Ctrl-C leaves nothing."""
    model = parts.models.find(arguments.model)
    source = model.loadable_path()
    conversion = Conversion(workbench(parts.paths, parts.settings.settings.load), source, arguments.to)
    book = OfferBook(parts.paths.workshop_offers)
    waiting = _waiting_copy(parts, book, model, conversion.target.name)
    converted = waiting or _run(conversion)
    copy = parts.models.add_converted(converted.path, source_id=model.id)
    if waiting is not None:
        book.settle(model)
        print_notice(tr("Paddock had made this copy already, at idle. No other one was made."))
    comparison = converted.comparison
    if arguments.json:
        print_json({"model": model_json(copy), "comparison": cast("Json", comparison.as_json())})
        return
    print_line(one_line(tr("{name} is ready. {source} stays as it is.", name=copy.name, source=model.name)))
    for words in (
        comparison.size_words(),
        comparison.speed_words(),
        comparison.closeness_words(),
        comparison.verdict(),
    ):
        print_line(words)


def _waiting_copy(parts: ModelParts, book: OfferBook, model: InstalledModel, target: str) -> Converted | None:
    """Give the copy that was made at idle. Raises `ConversionError` for one that is in the list."""
    copy = copies_of(model, parts.models.models(), book.noted()).get(target)
    if isinstance(copy, InstalledModel):
        raise ConversionError(
            "There is a copy of {name} as {type} already: {copy}.",
            next_step="Use it, or remove it first.",
            name=model.name,
            type=target,
            copy=copy.name,
        )
    return copy


def _run(conversion: Conversion) -> Converted:
    """Convert on another thread, so that Ctrl-C is heard at any moment."""
    said: SimpleQueue[_Said] = SimpleQueue()
    interruption, shown = Interruption(), _Shown()

    def work() -> None:
        try:
            said.put(conversion.run(said.put, interruption))
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits
            said.put(error)

    worker = threading.Thread(target=work, name="convert")
    worker.start()
    try:
        with first_interrupt(lambda: said.put(None)):
            return _wait(said, interruption, shown)
    finally:
        interruption.request()
        worker.join()
        shown.clear()


def _wait(said: SimpleQueue[_Said], interruption: Interruption, shown: _Shown) -> Converted:
    while True:
        match said.get():
            case None:
                interruption.request()
            case Converted() as converted:
                return converted
            case StoppedConversionError() as stopped:
                shown.clear()
                print_notice(told(stopped))
                raise KeyboardInterrupt from stopped
            case Exception() as error:
                raise error
            case phase:
                shown.show(phase)


class _Shown:
    """Says on a terminal how far it is, over the line before; for others a line where a phase begins."""

    def __init__(self) -> None:
        self._phase = ""

    def show(self, phase: Phase) -> None:
        words = _words(phase)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{words:<60}")
            sys.stderr.flush()
        elif type(phase).__name__ != self._phase:
            print_notice(words)
        self._phase = type(phase).__name__

    def clear(self) -> None:
        if self._phase and sys.stderr.isatty():
            sys.stderr.write(f"\r{'':<60}\r")


def _words(phase: Phase) -> str:
    match phase:
        case Checking():
            return tr("Looking at the model…")
        case Converting(fraction=fraction):
            return tr("Converting… {percent}", percent=f"{fraction:.0%}")
        case Loading():
            return tr("Loading both…")
        case Measuring(done=done, rounds=rounds):
            return tr("Measuring both… {done} of {rounds}", done=done, rounds=rounds)
