"""What a repository's page shows, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.model_manager.discover_shown import Badge, ShownModel


@dataclass(frozen=True, slots=True)
class RepositoryShown:
    """A repository without its files. `facts` are numbers on one line; `licence` says in a sentence what it allows.

    `page` is its address on the hub, to be opened in a browser; `gate` is "" where everybody gets its files, and
    `token_kept` says what would become of an access token here.
    """

    id: str
    name: str
    owner: str
    page: str
    badges: tuple[Badge, ...] = ()
    facts: str = ""
    licence: str = ""
    gate: str = ""
    token_kept: str = ""


@dataclass(frozen=True, slots=True)
class FilesShown:
    """The files, by quantization. `recommended` is the one to take, with a sentence why; None for none.

    `is_best` is whether that was judged to be the best here, and not only asked for. `note` says what the numbers are
    about, or why there are none. `contexts` are context windows to choose from, as numbers of tokens and labels, none
    where no header could be read; `projector` is a sentence that offers the file with which the model reads pictures,
    "" for none. `left_out` says what is not offered, and why.
    """

    files: tuple[ShownModel, ...] = ()
    recommended: ShownModel | None = None
    reason: str = ""
    is_best: bool = False
    note: str = ""
    contexts: tuple[tuple[int, str], ...] = ()
    n_ctx: int = 0
    projector: str = ""
    left_out: str = ""
