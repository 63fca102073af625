"""What the model picker shows: the models to choose from, and how the engine is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from PySide6.QtCore import QLocale

from app.translation import tr, trn

_GIGABYTE: Final = 1_000_000_000
_KILOBYTE: Final = 1_000


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model in the list. None is unknown; `is_added` models can be removed from the list again.

    `is_missing` tells that its file is not where it was, `is_changed` that it is another one or damaged; `template`
    names the file of the chat template that the user chose for it, "" where it is used with its own.
    """

    id: str
    name: str
    size_bytes: int | None = None
    quantization: str | None = None
    licence: str | None = None
    is_added: bool = False
    is_missing: bool = False
    is_changed: bool = False
    template: str = ""

    @property
    def details(self) -> str:
        """What is wrong, size, quantization, licence, chosen chat template on one line; what is unknown is left out."""
        if self.is_missing:
            return tr("The file is not where it was")
        size = None if self.size_bytes is None else show_size(self.size_bytes)
        wrong = tr("The file has changed") if self.is_changed else None
        return " · ".join(part for part in (wrong, size, self.quantization, self.licence, self.template) if part)


class EngineCondition(Enum):
    """Whether the chosen model could answer now."""

    NOT_LOADED = "not loaded"
    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EngineState:
    """How the engine is. `fraction` (0 to 1) belongs to loading, `device` (such as "CPU") to a loaded model.

    `notes` are sentences on what was made smaller so that it fits.
    """

    condition: EngineCondition
    fraction: float | None = None
    device: str = ""
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the badge of the picker says."""
        match self.condition:
            case EngineCondition.LOADED:
                return self.device or tr("loaded")
            case EngineCondition.LOADING if self.fraction is not None:
                return tr("loading {percent} %", percent=round(self.fraction * 100))
            case EngineCondition.LOADING:
                return tr("loading")
            case EngineCondition.NOT_LOADED:
                return tr("not loaded")
            case EngineCondition.FAILED:
                return tr("stopped")


def show_size(size_bytes: int) -> str:
    """Give a size in decimal units, as publishers of models do."""
    if size_bytes < _KILOBYTE:  # of which Qt says "1 bytes"
        return trn("{count} byte", "{count} bytes", size_bytes)
    decimals = 1 if size_bytes >= _GIGABYTE else 0
    return QLocale().formattedDataSize(size_bytes, decimals, QLocale.DataSizeFormat.DataSizeSIFormat)
