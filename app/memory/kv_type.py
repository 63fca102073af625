"""How exactly what was read is remembered, and what that takes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class KvType(StrEnum):
    """How exactly the KV cache remembers."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"

    @property
    def ggml_type(self) -> int:
        """Its number in ggml."""
        return _GGML_TYPES[self]

    def size_bytes(self, values: int) -> int:
        """How many bytes so many values take, which fill whole blocks."""
        block, size_bytes = _BLOCKS[self]
        return -(-values // block) * size_bytes


_GGML_TYPES: Final = {KvType.F16: 1, KvType.Q8_0: 8, KvType.Q4_0: 2}
_BLOCKS: Final = {KvType.F16: (1, 2), KvType.Q8_0: (32, 34), KvType.Q4_0: (32, 18)}
"""Values of a block, and its bytes: ggml/src/ggml-common.h of llama.cpp."""
