"""The model that a command takes when none was named: the one that wrote before."""

from __future__ import annotations

from collections.abc import Callable

from app.errors import Fault, PaddockError
from app.models.installed import InstalledModel
from app.models.library import ModelLibraryError


class ForgottenModelError(PaddockError):
    """The model that wrote before is not in the list."""

    fault = Fault.USER


def model_of_before(find: Callable[[], InstalledModel], name: str) -> InstalledModel:
    """Give what `find` finds. A model that was only ever named by its file is known by no other name.

    Raises `ForgottenModelError`.
    """
    try:
        return find()
    except ModelLibraryError as error:
        raise ForgottenModelError(
            "“{name}”, which wrote before, is not in the list of models.",
            next_step="Name its file: --model FILE. With “models add FILE” it is found the next time.",
            details=str(error),
            name=name,
        ) from error
