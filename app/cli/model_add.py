"""`models add`: a file where it lies, or a model of the hub."""

from __future__ import annotations

import argparse
from functools import cache, partial
from pathlib import Path

from app.cli.consent import Consent
from app.cli.model_download import NotDownloadedError, choose_file, download, read_repository
from app.cli.model_fit import look_before, said_verdict
from app.cli.model_json import model_json
from app.cli.model_reference import reference_in
from app.cli.printing import one_line, print_json, print_line, print_notice, readable_size
from app.models.fit import Fit, Verdict, recommended
from app.models.installed import InstalledModel
from app.models.offer import Offer
from app.models.order import here_already
from app.models.repository import Repository, RepositoryFile
from app.models.repository_fit import HeaderLook, fits_of
from app.models.repository_reference import RepositoryReference
from app.parts import ModelParts
from app.translation import tr


def add(parts: ModelParts, arguments: argparse.Namespace) -> None:
    """Take what was named into the list, and print it."""
    reference = reference_in(parts, arguments.source)
    if reference is None:
        model = parts.models.add(Path(arguments.source))
        sentence = tr("{name} can be used now. Its file stays where it is.", name=model.name)
    else:
        model, sentence = _add_from_hub(parts, reference, Consent(yes=arguments.yes))
    if arguments.json:
        print_json(model_json(model))
    else:
        print_line(one_line(sentence))


def _add_from_hub(parts: ModelParts, reference: RepositoryReference, consent: Consent) -> tuple[InstalledModel, str]:
    """Give the model, and what to say of it."""
    repository = read_repository(parts, reference)
    look = cache(partial(look_before, parts, repository))  # once, and only if it is wanted
    is_open = reference.file is None and len(repository.models) > 1
    best = recommended(_fits(parts, repository, look())) if is_open else None
    file = choose_file(repository, reference.file, best[0] if best else None)
    known = here_already(Offer(repository, file), parts.models)
    if known is not None:
        return known, tr("{name} is here already. Nothing was downloaded.", name=known.name)
    print_notice(tr("{name}, {size}.", name=file.name, size=readable_size(file.size_bytes)))
    if best is not None:
        print_notice(tr("It is recommended for this computer. {why}", why=best[1]))
    seen = look()
    _warn_of_memory(dict(_fits(parts, repository, seen)).get(file), file, consent)
    offer = Offer(repository, file, header_licence=seen.facts.licence if seen else None)
    model = download(parts, offer, consent)
    return model, tr("{name} is here and can be used now.", name=model.name)


def _fits(parts: ModelParts, repository: Repository, look: HeaderLook | None) -> tuple[tuple[RepositoryFile, Fit], ...]:
    return fits_of(repository, look, parts.machine.looked()) if look else ()


def _warn_of_memory(fit: Fit | None, file: RepositoryFile, consent: Consent) -> None:
    """Say whether `file` fits; one that does not is downloaded only where somebody wants it all the same."""
    if fit is None:
        return
    print_notice(said_verdict(fit))
    if fit.verdict is not Verdict.WILL_NOT_FIT:
        return
    if not consent.can_ask or not consent.agree(tr("It will not fit in memory. Download it all the same?")):
        raise NotDownloadedError(
            "{name} was not downloaded: it does not fit in this computer's memory.",
            next_step="Choose a smaller file; --yes downloads it all the same.",
            name=file.name,
        )
