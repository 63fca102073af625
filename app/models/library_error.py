"""The error of the library of models."""

from __future__ import annotations

from app.errors import Fault, PaddockError


class ModelLibraryError(PaddockError):
    """A model that was asked for is not in the library, or cannot be."""

    fault = Fault.USER
