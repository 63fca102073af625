"""The one error of this room."""

from __future__ import annotations

from app.errors import Fault, PaddockError


class ModelHeaderError(PaddockError):
    """A file is not a model that can be used, or its header is damaged."""

    fault = Fault.FILE
