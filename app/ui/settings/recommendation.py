"""What the model in use recommends, as the settings show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.settings.registry import Value
from app.translation import tr


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The values by key that the maker of `model` recommends."""

    model: str
    values: Mapping[str, Value]

    def hint(self, value: Value, *, is_used: bool) -> str:
        """Say it quietly: that `value` is used, or that it would be recommended."""
        if is_used:
            return tr("As {model} recommends.", model=self.model)
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        return tr("{model} recommends {value}.", model=self.model, value=shown)
