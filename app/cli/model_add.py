"""`models add`: a file where it lies, or a model of the hub."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.consent import Consent
from app.cli.model_download import NotDownloadedError, choose_file, download, read_repository
from app.cli.model_fit import fitting_files, said_verdict
from app.cli.model_json import model_json
from app.cli.model_reference import reference_in
from app.cli.printing import one_line, print_json, print_line, print_notice, readable_size
from app.models.fit import Fit, Verdict, recommended
from app.models.installed import InstalledModel
from app.models.offer import Offer
from app.models.order import here_already
from app.models.repository import RepositoryFile
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
    is_open = reference.file is None and len(repository.models) > 1
    best = recommended(fitting_files(parts, repository)) if is_open else None
    file = choose_file(repository, reference.file, best[0] if best else None)
    offer = Offer(repository, file)
    known = here_already(offer, parts.models)
    if known is not None:
        return known, tr("{name} is here already. Nothing was downloaded.", name=known.name)
    print_notice(tr("{name}, {size}.", name=file.name, size=readable_size(file.size_bytes)))
    if best is not None:
        print_notice(tr("It is recommended for this computer. {why}", why=best[1]))
    _warn_of_memory(dict(fitting_files(parts, repository)).get(file), file, consent)
    model = download(parts, offer, consent)
    return model, tr("{name} is here and can be used now.", name=model.name)


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
