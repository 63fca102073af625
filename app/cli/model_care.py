"""`models remove`, `verify` and `scan`: looking after what is here."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Final

from app.cli.consent import Consent
from app.cli.model_json import model_json
from app.cli.printing import Json, one_line, print_json, print_line, print_notice, print_table, readable_size
from app.errors import Fault, PaddockError
from app.models.elsewhere.found_model import FoundModel
from app.parts import ModelParts
from app.translation import tr, trn

_SHOW_EVERY_S: Final = 0.5


class NotAgreedError(PaddockError):
    """Something was not done, because nobody said that it should be."""

    fault = Fault.USER


def remove(parts: ModelParts, arguments: argparse.Namespace) -> None:
    """Forget the model; files that Paddock downloaded or made go to the system's bin."""
    model = parts.models.find(arguments.model)
    deletion = parts.models.deletion_of(model.id)
    files: tuple[Path, ...] = ()
    if deletion.touches_others or not deletion.files:
        parts.models.remove(model.id)
    else:
        consent = Consent(yes=arguments.yes)
        if not consent.can_ask or not consent.agree(deletion.sentence):
            raise NotAgreedError(
                "{name} was not removed.",
                next_step="--yes puts its files into the bin without asking.",
                name=model.name,
            )
        files = parts.models.delete(model.id)
    if arguments.json:
        print_json({**model_json(model), "files": [str(file) for file in files]})
    elif files:
        size = readable_size(deletion.size_bytes)
        print_line(one_line(tr("{name} is in the system's bin now ({size}).", name=model.name, size=size)))
    elif model.is_present:
        print_line(one_line(tr("{name} is forgotten. Its file stays where it is.", name=model.name)))
    else:
        print_line(one_line(tr("{name} is forgotten. Its file was gone already.", name=model.name)))


def verify(parts: ModelParts, arguments: argparse.Namespace) -> bool:
    """Read the model's files whole and print what came of it; whether they are as they should be."""
    model = parts.models.find(arguments.model)
    model.present_path()
    progress = _Progress()
    try:
        verification = parts.models.verify(model.id, progress.show)
    finally:
        progress.clear()
    if arguments.json:
        print_json({"ok": verification.ok, "sha256": verification.sha256, "expected": verification.expected})
    else:
        print_line(one_line(verification.sentence))
        print_line(verification.sha256)
    return verification.ok is not False


def scan(parts: ModelParts, arguments: argparse.Namespace) -> None:
    """Look for models of other applications, and in the folders that were named; with `--add`, use them."""
    found = parts.models.scan(arguments.folders)
    if arguments.add:
        parts.models.adopt(found)
    if arguments.json:
        print_json([_found_json(model) for model in found])
        return
    print_table([_found_row(model) for model in found])
    if not found:
        print_line(tr("Nothing was found that is not in the list already."))
    elif arguments.add:
        print_notice(trn("{count} model can be used now.", "{count} models can be used now.", len(found)))
    else:
        print_notice(tr("“models scan --add” uses them all, where they lie; nothing is copied."))


class _Progress:
    """A percentage on a terminal, written over the one before."""

    def __init__(self) -> None:
        self._shown_at = 0.0

    def show(self, fraction: float) -> None:
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._shown_at >= _SHOW_EVERY_S:
            self._shown_at = now
            sys.stderr.write(f"\r{fraction:4.0%} ")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._shown_at:
            sys.stderr.write("\r      \r")


def _found_json(model: FoundModel) -> dict[str, Json]:
    return {
        "name": model.name,
        "path": str(model.path),
        "size_bytes": model.size_bytes,
        "owner": str(model.owner) or None,
    }


def _found_row(model: FoundModel) -> list[str]:
    return [model.name, readable_size(model.size_bytes), str(model.owner) or "-", str(model.path)]
