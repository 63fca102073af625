"""What models are measured against: the memory that is free now, and how fast this machine reads it."""

from __future__ import annotations

from collections.abc import Callable

from app.engine.events import LoadedModel
from app.models.fit import Fit, Machine, judge
from app.models.geometry import Geometry
from app.models.speeds import Speeds
from app.workshop.machine_look import MachineLook


class Yardstick:
    """One look at the machine, until `look` takes another: all rows of a list are measured against the same memory."""

    def __init__(
        self, machine: MachineLook, speeds: Speeds, in_use_bytes: Callable[[], int], show: Callable[[Machine], None]
    ) -> None:
        """`in_use_bytes` is what the model that is loaded now would give back; `show` hears of each look."""
        self._machine = machine
        self._speeds = speeds
        self._in_use_bytes = in_use_bytes
        self._show = show
        self.look()

    def look(self) -> None:
        """Look at the memory, and at what is known of speeds, anew."""
        self._known = self._speeds.known()
        self._fits: dict[tuple[int, int], tuple[Geometry, Fit]] = {}
        self.machine = self._machine.machine(self._in_use_bytes())
        self._show(self.machine)

    def judge(self, geometry: Geometry, n_ctx: int = 0) -> Fit:
        """Say whether it fits with a context window of `n_ctx` tokens, 0 for the usual one."""
        asked = (id(geometry), n_ctx)  # it is not hashable; kept with its fit, no other one gets its id
        if asked not in self._fits:
            self._fits[asked] = geometry, judge(geometry, self.machine, n_ctx or None)
        return self._fits[asked][1]

    def speed(self, geometry: Geometry, quantization: str) -> float | None:
        """Give the tokens per second to expect; None where that is not known yet."""
        return self._known.expected(geometry.active_weights_bytes, quantization)


def given_back_bytes(loaded: LoadedModel | None) -> int:
    """Say what a model that is loaded would give back, as far as the engine told what it takes."""
    use = loaded.memory if loaded is not None else None
    return use.weights_bytes + use.kv_cache_bytes + use.compute_bytes if use is not None else 0
