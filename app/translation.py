"""Every string a user sees passes here."""

from __future__ import annotations

import gettext
from pathlib import Path

from app.errors import PaddockError

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def install_language(folder: Path, language: str) -> None:
    """Use the catalogue of `language` under `folder` from now on; English where there is none."""
    global _catalogue  # noqa: PLW0603 - the language is the one thing that belongs to the whole process
    _catalogue = gettext.translation("paddock", localedir=folder, languages=[language], fallback=True)


def tr(text: str, /, **values: object) -> str:
    """Give `text` in the user's language, its `{names}` filled from `values`."""
    translated = _catalogue.gettext(text)
    return translated.format(**values) if values else translated


def trn(singular: str, plural: str, count: int, /, **values: object) -> str:
    """Give the form that fits `count`; `{count}` may stand in the text."""
    return _catalogue.ngettext(singular, plural, count).format(count=count, **values)


def told(error: PaddockError) -> str:
    """Give an error as it is said: what happened, and what to do next."""
    return " ".join(part for part in told_apart(error) if part)


def told_apart(error: PaddockError) -> tuple[str, str]:
    """Give an error's sentence and its next step, which is "" where there is none."""
    return tr(error.message, **error.values), tr(error.next_step, **error.values) if error.next_step else ""
