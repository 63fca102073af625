"""What a repository's page says of a repository."""

from __future__ import annotations

from app.errors import PaddockError
from app.models.licence import LicenceBook, StatedLicence, stated_name
from app.models.repository import Repository
from app.translation import told, tr, trn
from app.ui.model_manager.discover_shown import Badge, Tone
from app.ui.model_manager.repository_page_shown import RepositoryShown
from app.ui.presenters.discover_words import language_name, licence_badge, on_one_line, seen, shown_day

_MOST_LANGUAGES = 4


def repository_shown(
    repository: Repository, book: LicenceBook, page: str, *, has_token: bool, no_keyring: PaddockError | None
) -> RepositoryShown:
    """Give what stands at the top. `has_token` is whether there is an access token to get gated files with.

    `no_keyring` is why none would be kept by the keyring.
    """
    owner, _, name = seen(repository.id).partition("/")
    stated = book.compare(
        stated_name(repository.licence.id, repository.licence.name),
        stated_name(repository.card_licence.id, repository.card_licence.name),
    )
    badges = [licence_badge(licence) for licence in stated.licences]
    if repository.is_gated:
        badges.append(Badge(tr("Gated"), Tone.HAY))
    if repository.projectors:
        badges.append(Badge(tr("Reads pictures"), Tone.ACCENT))
    return RepositoryShown(
        repository.id,
        name,
        owner,
        page,
        tuple(badges),
        _facts(repository),
        _licence(stated),
        gate_sentence(has_token=has_token) if repository.is_gated else "",
        tr("The keyring of your system keeps it.") if no_keyring is None else told(no_keyring),
    )


def gate_sentence(*, has_token: bool) -> str:
    """Say what it means that a repository is gated."""
    if has_token:
        return tr(
            "Only those who agreed to its owner's terms get these files. Your access token is sent along; "
            "if the download is refused, agree on its page first."
        )
    return tr("Only those who agreed to its owner's terms get these files.")


def _facts(repository: Repository) -> str:
    languages = [language_name(code) for code in repository.languages]
    shown = ", ".join(languages[:_MOST_LANGUAGES])
    more = len(languages) - _MOST_LANGUAGES
    updated = repository.updated_at
    return on_one_line(
        (
            trn("{count:,} download", "{count:,} downloads", repository.downloads),
            trn("{count:,} like", "{count:,} likes", repository.likes),
            tr("updated {day}", day=shown_day(updated)) if updated else "",
            tr("{languages} and {count} more", languages=shown, count=more) if more > 0 else shown,
        )
    )


def _licence(stated: StatedLicence) -> str:
    if stated.agree:
        return tr(stated.licences[0].summary)
    first, second = (licence.name for licence in stated.licences[:2])
    return tr(
        "The hub's list and the model card do not agree on the licence: {first}, {second}.", first=first, second=second
    )
