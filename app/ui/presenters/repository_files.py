"""The files of a repository with what each would be like here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from app.models.download.sizes import shown_size
from app.models.fit import Fit, Verdict, recommended
from app.models.geometry import Geometry
from app.models.repository import Repository, RepositoryFile
from app.translation import tr, trn
from app.ui.model_manager.discover_shown import Action, Badge, ShownModel, Tone
from app.ui.model_manager.quantization_words import quantization_sentence, quantization_word
from app.ui.model_manager.repository_page_shown import FilesShown
from app.ui.presenters.discover_marks import Marks
from app.ui.presenters.discover_words import seen, shown_fit
from app.ui.presenters.yardstick import Yardstick

_SMALLEST_CONTEXT: Final = 2048
_LARGEST_CONTEXT: Final = 2**20


@dataclass(frozen=True, slots=True)
class Measurement:
    """How to measure the files: by the geometries that their headers gave, by path; and what to leave unsaid.

    `trouble` is why there are none. `asked_for` are the files that a person named, `n_ctx` the context window to
    reckon with, 0 for the usual one.
    """

    geometries: dict[str, Geometry]
    trouble: str = ""
    asked_for: tuple[RepositoryFile, ...] = ()
    n_ctx: int = 0


def files_shown(repository: Repository, by: Measurement, yardstick: Yardstick, marks: Marks) -> FilesShown:
    """Give the files by quantization, the smallest first, and the one to take."""
    whole = [file for group in repository.groups for file in group.files if file.is_whole]
    fits = {
        key(file): yardstick.judge(by.geometries[key(file)], by.n_ctx) for file in whole if key(file) in by.geometries
    }
    rows = {key(file): _row(repository, file, fits.get(key(file)), by, yardstick, marks) for file in whole}
    best = recommended(
        [(file, fits[key(file)]) for file in whole if key(file) in fits],
        lambda file: yardstick.speed(by.geometries[key(file)], file.quantization),
    )
    if len(by.asked_for) == 1 and key(by.asked_for[0]) in rows:
        reason, chosen = tr("This is the file that you asked for."), rows[key(by.asked_for[0])]
    else:
        reason, chosen = (best[1], rows[key(best[0])]) if best else ("", None)
    return FilesShown(
        files=tuple(rows[key(file)] for file in whole),
        recommended=None if chosen is None else replace(chosen, badges=()),
        reason=reason,
        is_best=best is not None and chosen is rows[key(best[0])],
        note=by.trouble or _note(fits.values()),
        contexts=_contexts(by.geometries.values()),
        n_ctx=by.n_ctx,
        projector=_projector(repository),
        left_out=_left_out(repository),
    )


def key(file: RepositoryFile) -> str:
    """What a file is asked for by: the path of its first part."""
    return file.parts[0].path


def projector_of(repository: Repository) -> RepositoryFile | None:
    """Give the file with which the model reads pictures: the usual F16 where there are several."""
    whole = [file for file in repository.projectors if file.is_whole]
    return next((file for file in whole if file.quantization == "F16"), whole[0] if whole else None)


def _row(
    repository: Repository, file: RepositoryFile, fit: Fit | None, by: Measurement, yardstick: Yardstick, marks: Marks
) -> ShownModel:
    geometry = by.geometries.get(key(file))
    speed = yardstick.speed(geometry, file.quantization) if geometry else None
    badges = [Badge(tr("you asked for it"), Tone.ACCENT)] if file in by.asked_for else []
    if len(file.parts) > 1:
        badges.append(Badge(trn("{count} part", "{count} parts", len(file.parts))))
    will_fit = fit is None or fit.verdict is not Verdict.WILL_NOT_FIT
    state = marks.state(repository.id, key(file))
    return ShownModel(
        key=key(file),
        name=file.quantization or seen(file.name),
        purpose=quantization_sentence(file.quantization) if file.quantization else seen(file.name),
        badges=tuple(badges),
        size=shown_size(file.size_bytes),
        quantization=quantization_word(file.quantization) if not file.quantization else "",
        fit=shown_fit(fit, speed) if fit else None,
        action=Action.NONE if state else Action.GET if will_fit else Action.GET_ANYWAY,
        state=state,
    )


def _note(fits: Iterable[Fit]) -> str:
    used = {fit.n_ctx for fit in fits}
    if not used:
        return ""
    return tr("Memory is reckoned for a context window of {count:,} tokens.", count=max(used))


def _contexts(geometries: Iterable[Geometry]) -> tuple[tuple[int, str], ...]:
    trained = max((geometry.n_ctx_train for geometry in geometries), default=0)
    if trained <= 0:
        return ()
    sizes: list[int] = []
    size = _SMALLEST_CONTEXT
    while size <= min(trained, _LARGEST_CONTEXT):
        sizes.append(size)
        size *= 2
    if trained <= _LARGEST_CONTEXT and trained not in sizes:
        sizes.append(trained)
    return ((0, tr("usual")), *((each, tr("{count:,} tokens", count=each)) for each in sizes))


def _projector(repository: Repository) -> str:
    file = projector_of(repository)
    if file is None:
        return ""
    return tr("Also fetch the file with which it reads pictures ({size})", size=shown_size(file.size_bytes))


def _left_out(repository: Repository) -> str:
    unfinished = [file for file in (*repository.models, *repository.projectors) if not file.is_whole]
    return " ".join(
        tr(
            "{name} is not offered: only {there} of its {parts} parts have been uploaded.",
            name=file.quantization or seen(file.name),
            there=len(file.parts),
            parts=file.part_count,
        )
        for file in unfinished
    )
