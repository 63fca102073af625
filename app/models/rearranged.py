"""Which weights a processor lays out anew in memory, so that it reads several rows at once: they are there twice.

Source: `ggml_repack_get_optimal_repack_type` in `ggml/src/ggml-cpu/repack.cpp` of llama.cpp.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_BY_FEATURE: Final = {
    "avx2": frozenset({"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"}),
    "avx512f": frozenset({"Q2_K"}),
    "asimddp": frozenset({"Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "MXFP4", "Q8_0", "Q1_0"}),
}


def rearranged_types(features: Iterable[str]) -> frozenset[str]:
    """Give the tensor types that a processor with these features (of `app.hardware`) lays out anew."""
    return frozenset[str]().union(*(_BY_FEATURE.get(feature, frozenset[str]()) for feature in features))
