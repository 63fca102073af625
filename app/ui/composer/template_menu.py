"""With which chat template a model is used, as a menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.translation import tr
from app.ui.composer.model_choice import ModelChoice
from app.ui.icons import Icons
from app.ui.menu import Menu, MenuEntry
from app.ui.short_name import short_name
from app.ui.theme import Theme

_LONGEST_NAME: Final = 28


def template_menu(
    model: ModelChoice, theme: Theme, icons: Icons, choose_file: Callable[[], None], use_own: Callable[[], None]
) -> Menu:
    """Offer a file's template and the model file's own; the one in use has the check mark, and says so."""
    chosen = model.template
    in_use = tr("in use")
    entries = (
        MenuEntry(
            "file-code" if chosen else "check", tr("Use the file's own template"), use_own, "" if chosen else in_use
        ),
        MenuEntry(
            "check" if chosen else "file-plus",
            tr("Use a template file…"),
            choose_file,
            short_name(chosen, _LONGEST_NAME),
        ),
    )
    name = tr("Chat template of {model}", model=model.name)
    menu = Menu(name, entries, theme, icons)
    own, from_file = menu.rows
    if chosen:
        from_file.setAccessibleDescription(f"{in_use}: {chosen}")
        menu.setFocusProxy(from_file)
    else:
        own.setAccessibleDescription(in_use)
    return menu
