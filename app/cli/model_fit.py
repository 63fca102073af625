"""`models fit`: whether a model fits in the memory that is free now, here or still on the hub."""

from __future__ import annotations

import argparse

from app.cli.model_download import choose_file, read_repository
from app.cli.model_reference import reference_in
from app.cli.printing import Json, print_json, print_line, print_notice, print_table, readable_size
from app.errors import Fault, PaddockError
from app.gguf.reading import read_header
from app.models.fit import Fit, Verdict, judge
from app.models.geometry import Geometry, geometry_of_header
from app.models.hub_errors import HubTroubleError
from app.models.installed import InstalledModel
from app.models.repository import Repository
from app.models.repository_fit import HeaderLook, file_to_look_into, look_into
from app.models.repository_reference import RepositoryReference
from app.network.errors import ConnectionDroppedError, TimedOutError, UnreadableAnswerError
from app.parts import ModelParts
from app.settings.arguments import settings_from_arguments
from app.translation import told_apart, tr


class UnknownGeometryError(PaddockError):
    """A model's header does not tell enough to say what it needs."""

    fault = Fault.FILE


def fit(parts: ModelParts, arguments: argparse.Namespace) -> None:
    """Judge the model, and print the verdict with its numbers."""
    n_ctx = settings_from_arguments(arguments, parts.settings.settings).load.context
    reference = reference_in(parts, arguments.model)
    if reference is None:
        _judge_file(parts, parts.models.find(arguments.model), n_ctx, as_json=arguments.json)
    else:
        _judge_remote(parts, reference, n_ctx, as_json=arguments.json)


def said_verdict(judged: Fit) -> str:
    """Say a verdict with its numbers in a sentence."""
    words = {
        Verdict.FITS: tr("It fits"),
        Verdict.TIGHT: tr("It is tight"),
        Verdict.WILL_NOT_FIT: tr("It will not fit"),
    }[judged.verdict]
    return tr(
        "{verdict}: it needs {need} with a context window of {n_ctx:,} tokens, and {free} are free.",
        verdict=words,
        need=readable_size(judged.need_bytes),
        n_ctx=judged.n_ctx,
        free=readable_size(judged.free_bytes),
    )


def look_before(parts: ModelParts, repository: Repository) -> HeaderLook | None:
    """Look into a repository's smallest model, which tells of all; None, with a sentence, where the hub has trouble.

    Raises what would keep the download from beginning too.
    """
    file = file_to_look_into(repository)
    if file is None:
        return None
    try:
        return look_into(parts.online.hub, repository, file)
    except (HubTroubleError, UnreadableAnswerError, ConnectionDroppedError, TimedOutError) as trouble:
        print_notice(tr("Whether it fits cannot be said before the download. {why}", why=told_apart(trouble)[0]))
        return None


def _judge_file(parts: ModelParts, model: InstalledModel, n_ctx: int, *, as_json: bool) -> None:
    path = model.present_path()
    header = read_header(path)
    geometry = geometry_of_header(header, model.size_bytes)
    if geometry is None:
        raise _unknown(model.name)
    _print(parts, geometry, judge(geometry, parts.machine.looked(), n_ctx), model, as_json=as_json)


def _judge_remote(parts: ModelParts, reference: RepositoryReference, n_ctx: int, *, as_json: bool) -> None:
    repository = read_repository(parts, reference)
    file = choose_file(repository, reference.file, None)
    geometry = look_into(parts.online.hub, repository, file).geometry
    if geometry is None:
        raise _unknown(file.name)
    _print(parts, geometry, judge(geometry, parts.machine.looked(), n_ctx), None, as_json=as_json)


def _print(parts: ModelParts, geometry: Geometry, judged: Fit, model: InstalledModel | None, *, as_json: bool) -> None:
    quantization = model.quantization if model and model.quantization else ""
    if parts.speeds.bandwidth_bytes_per_s is None:
        parts.speeds.measure_bandwidth()
    speed = parts.speeds.expected(geometry.active_weights_bytes, quantization, model.path if model else None)
    if as_json:
        print_json(_json(judged, speed))
        return
    print_line(said_verdict(judged))
    predicted = judged.predicted
    print_table(
        [
            [tr("weights"), readable_size(predicted.weights_bytes)],
            [tr("KV cache"), readable_size(predicted.kv_bytes)],
            [tr("computing"), readable_size(predicted.compute_bytes)],
            [tr("engine"), readable_size(predicted.overhead_bytes)],
            [tr("largest context"), tr("{count} tokens", count=f"{judged.max_context:,}")],
            [tr("expected speed"), "-" if speed is None else tr("{speed} tokens/s", speed=f"{speed:.1f}")],
        ]
    )


def _json(judged: Fit, speed: float | None) -> dict[str, Json]:
    return {
        "verdict": judged.verdict.value,
        "need_bytes": judged.need_bytes,
        "free_bytes": judged.free_bytes,
        "max_context": judged.max_context,
        "tokens_per_s": speed,
        "context": judged.n_ctx,
        "weights_bytes": judged.predicted.weights_bytes,
        "kv_bytes": judged.predicted.kv_bytes,
        "compute_bytes": judged.predicted.compute_bytes,
        "overhead_bytes": judged.predicted.overhead_bytes,
    }


def _unknown(name: str) -> UnknownGeometryError:
    return UnknownGeometryError(
        "The header of {name} does not say what it needs.", next_step="Load it: it says then if it fits.", name=name
    )
