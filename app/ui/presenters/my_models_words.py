"""What is known of the models that are here, as "My models" says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, QLocale

from app.models.download.sizes import shown_size
from app.models.fit import Fit
from app.models.installed import InstalledModel, Source
from app.models.licence import Licence, LicenceBook, StatedLicence
from app.models.model_files import FileState
from app.translation import tr, trn
from app.ui.model_manager.discover_shown import Badge, Tone
from app.ui.model_manager.my_models_shown import Fact, LicenceShown, ModelDetails, MyModel
from app.ui.model_manager.quantization_words import quantization_in_words, quantization_sentence
from app.ui.presenters.discover_words import licence_badge, shown_fit, shown_speed

_NAME_OF_SOURCE: Final = {
    Source.STARTER: "comes with Paddock",
    Source.DOWNLOADED: "downloaded",
    Source.CONVERTED: "made here from another model",
}
_SENTENCE_OF_SOURCE: Final = {
    Source.STARTER: "It comes with Paddock and stays.",
    Source.DOWNLOADED: "Paddock downloaded it into its own folder.",
    Source.CONVERTED: "Paddock made it from another model.",
}
"""Message ids."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What was found out about a model beside the list: how it fits, and what it takes while it is loaded.

    `expected` are tokens per second. `loaded_bytes` is what it takes now with a context window of `loaded_context`.
    """

    fit: Fit | None = None
    expected: float | None = None
    predicted_bytes: int = 0
    loaded_bytes: int = 0
    loaded_context: int = 0


def shown_model(model: InstalledModel, book: LicenceBook, chosen_id: str, now: datetime) -> MyModel:
    """Give the row of a model as seen from `now`, which knows its time zone."""
    return MyModel(
        id=model.id,
        name=model.name,
        size_bytes=model.size_bytes,
        parameters=model.parameters or "",
        licence=licence_badge(_stated(model, book).strictest),
        quantization=quantization_in_words(model.quantization),
        size=shown_size(model.size_bytes),
        context=_context(model),
        place=_place(model),
        last_used_at=model.last_used_at,
        last_used=_day(model.last_used_at, now) if model.last_used_at else "",
        speed=shown_speed(model.tokens_per_s),
        trouble=_trouble_badge(model),
        is_favourite=model.is_favourite,
        is_in_use=model.id == chosen_id,
        can_be_used=model.is_present,
        can_go=model.source is not Source.STARTER,
    )


def shown_details(model: InstalledModel, row: MyModel, book: LicenceBook, measures: Measures) -> ModelDetails:
    """Give everything about a model."""
    return ModelDetails(
        model=row,
        facts=_facts(model, row),
        licence=_licence(_stated(model, book), book),
        path=str(model.path),
        owner=_owner(model),
        note=model.note,
        fit=shown_fit(measures.fit, measures.expected) if measures.fit else None,
        memory=" ".join(_memory(model, measures)),
        trouble=_trouble(model),
        can_be_accepted=model.state is FileState.CHANGED and model.source is not Source.STARTER,
    )


def _facts(model: InstalledModel, row: MyModel) -> tuple[Fact, ...]:
    last_used = row.last_used or tr("not yet")
    facts = (
        Fact(tr("Quantization"), row.quantization, quantization_sentence(model.quantization)),
        Fact(tr("Parameters"), row.parameters),
        Fact(tr("Size"), _size(model, row)),
        Fact(tr("Context"), _tokens(model.context_length), tr("How much it can read and remember at once.")),
        Fact(tr("Architecture"), model.architecture or ""),
        Fact(tr("Chat template"), _template(model)),
        Fact(tr("Pictures"), tr("yes, with {file}", file=model.projector.name) if model.projector else ""),
        Fact(tr("From"), model.repository or ""),
        Fact(tr("Last used"), last_used),
    )
    return tuple(fact for fact in facts if fact.value)


def _size(model: InstalledModel, row: MyModel) -> str:
    if len(model.files) == 1:
        return row.size
    return trn("{size} in {count:,} file", "{size} in {count:,} files", len(model.files), size=row.size)


def _template(model: InstalledModel) -> str:
    if model.template is not None:
        return tr("{name}, chosen by you", name=model.template.name)
    if model.has_chat_template is None:
        return ""
    return tr("its own") if model.has_chat_template else tr("none: it reads a plain transcript")


def _stated(model: InstalledModel, book: LicenceBook) -> StatedLicence:
    """What its file says beside what was accepted before it was downloaded."""
    return book.compare(model.licence, model.licence_accepted)


def _licence(stated: StatedLicence, book: LicenceBook) -> LicenceShown:
    licence = stated.strictest
    answers = {
        True: tr("Open source by the OSI's definition: yes"),
        False: tr("Open source by the OSI's definition: no"),
    }
    return LicenceShown(
        name=", ".join(map(_licence_name, stated.licences)),
        summary=tr(licence.summary),
        open_source="" if licence.open_source is None else answers[licence.open_source],
        text=book.full_text(licence) or "",
        page=licence.page or "",
    )


def _licence_name(licence: Licence) -> str:
    return f"{licence.name} ({licence.spdx})" if licence.spdx and licence.spdx != licence.name else tr(licence.name)


def _memory(model: InstalledModel, measures: Measures) -> list[str]:
    said: list[str] = []
    if measures.fit is not None and not measures.loaded_bytes:
        said.append(
            tr(
                "With a context window of {tokens:,} tokens it needs about {need}.",
                tokens=measures.fit.n_ctx,
                need=shown_size(measures.fit.need_bytes),
            )
        )
        if measures.fit.max_context:
            said.append(tr("Up to {tokens:,} tokens would fit now.", tokens=measures.fit.max_context))
    if measures.loaded_bytes:
        said.append(
            tr(
                "Loaded now with {tokens:,} tokens: {predicted} predicted, {measured} measured.",
                tokens=measures.loaded_context,
                predicted=shown_size(measures.predicted_bytes),
                measured=shown_size(measures.loaded_bytes),
            )
        )
    if model.tokens_per_s:
        said.append(tr("It wrote {speed} here.", speed=shown_speed(model.tokens_per_s)))
    elif measures.expected:
        said.append(tr("{speed} expected; nothing was measured yet.", speed=shown_speed(measures.expected)))
    return said


def _context(model: InstalledModel) -> str:
    return tr("context {tokens}", tokens=_tokens(model.context_length)) if model.context_length else ""


def _tokens(context_length: int | None) -> str:
    return tr("{count:,} tokens", count=context_length) if context_length else ""


def _place(model: InstalledModel) -> str:
    """Whose file it is, or where it lies."""
    if model.owner:
        return tr("file of {owner}", owner=model.owner)
    if model.source in _NAME_OF_SOURCE:
        return tr(_NAME_OF_SOURCE[model.source])
    return tr("in {folder}", folder=short_folder(model.path.parent))


def _owner(model: InstalledModel) -> str:
    if model.owner:
        return tr("This file belongs to {owner}. Paddock only reads it.", owner=model.owner)
    if model.source in _SENTENCE_OF_SOURCE:
        return tr(_SENTENCE_OF_SOURCE[model.source])
    return tr("It is used where it lies; Paddock only reads it.")


def short_folder(folder: Path) -> str:
    """Give a folder with `~` for the user's own."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)


def _trouble_badge(model: InstalledModel) -> Badge | None:
    if model.state is FileState.MISSING:
        return Badge(tr("File is missing"), Tone.ERROR)
    if model.is_damaged:
        return Badge(tr("File is damaged"), Tone.ERROR)
    return Badge(tr("File has changed"), Tone.HAY) if model.state is FileState.CHANGED else None


def _trouble(model: InstalledModel) -> str:
    if model.state is FileState.MISSING:
        gone = ", ".join(path.name for path in model.missing) or model.path.name
        return tr("{files} is no longer where it was. Put it back, or remove the model from the list.", files=gone)
    if model.is_damaged:
        return tr(
            "The file is not what its publisher offers: its checksum differs. Get it again under “Discover”, or say "
            "below that you use it as it is; until then it is not loaded any more."
        )
    if model.state is FileState.CHANGED:
        return tr("The file is not the one that was added: somebody wrote it anew, or it is damaged. Check it below.")
    return ""


def _day(moment: datetime, now: datetime) -> str:
    used = moment.astimezone(now.tzinfo)
    days = (now.date() - used.date()).days
    if days <= 0:
        return tr("today")
    if days == 1:
        return tr("yesterday")
    return QLocale().toString(QDate(used.year, used.month, used.day), QLocale.FormatType.ShortFormat)
