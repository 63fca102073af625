"""What can be wrong with a conversion, in plain words. In no case is anything left behind."""

from __future__ import annotations

from app.errors import Fault, PaddockError


class ConversionError(PaddockError):
    """A conversion was refused, or did not end well."""

    fault = Fault.USER


class NoRoomForCopyError(ConversionError):
    """The disk has no room for the copy."""

    fault = Fault.MACHINE


class UnwritableFolderError(ConversionError):
    """The operating system does not let us write there."""

    fault = Fault.MACHINE


class StoppedConversionError(ConversionError):
    """Somebody asked for its end. Not a trouble to show."""
