"""Which sampling settings a model's maker recommends: what its file says, else what is known of its family."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.gguf.model_header import ModelHeader
from app.settings.registry import SettingError
from app.settings.values import find_setting

Sampling: TypeAlias = "Mapping[str, float | int]"
"""Names of sampling settings, and values that the registry takes."""

# Source: `src/llama-arch.cpp` of llama.cpp, `LLM_KV_GENERAL_SAMPLING_*`.
_KEYS: Final[Mapping[str, str]] = {
    "temp": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "xtc_probability": "xtc_probability",
    "xtc_threshold": "xtc_threshold",
    "penalty_last_n": "repeat_last_n",
    "penalty_repeat": "repeat_penalty",
    "mirostat": "mirostat",
    "mirostat_tau": "mirostat_tau",
    "mirostat_eta": "mirostat_eta",
}

_NOTHING: Final[Sampling] = {}
_DIGITS: Final = 4  # a file holds 0.6 in four bytes, which is 0.6000000238


@dataclass(frozen=True, slots=True)
class _Family:
    """What its maker publishes for the models whose name holds `pattern`."""

    pattern: str
    values: Sampling


# The first that fits counts. Families whose makers publish nothing (Gemma 2, Mistral 7B, Phi-3) are not here.
_FAMILIES: Final = (
    # Model card of DeepSeek-R1, "Usage Recommendations": temperature 0.5 to 0.7, 0.6 is recommended; top-p 0.95.
    _Family(r"deepseek-r1", {"temperature": 0.6, "top_p": 0.95}),
    # Model card of QwQ-32B, "Usage Guidelines".
    _Family(r"qwq", {"temperature": 0.6, "top_p": 0.95, "top_k": 40, "min_p": 0.0}),
    # Model card of Qwen3-Coder-30B-A3B-Instruct, "Best Practices".
    _Family(r"qwen3-coder", {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repeat_penalty": 1.05}),
    # Model card of Qwen3-4B-Instruct-2507, "Best Practices".
    _Family(r"qwen3-.*instruct", {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.0}),
    # Model card of Qwen3-4B, "Best Practices", for the thinking mode, which is its default.
    _Family(r"qwen3", {"temperature": 0.6, "top_p": 0.95, "top_k": 20, "min_p": 0.0}),
    # generation_config.json of Qwen2.5-7B-Instruct.
    _Family(r"qwen2\.5", {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repeat_penalty": 1.05}),
    # generation_config.json of gemma-3-4b-it and gemma-3n-E4B-it; min-p off as the Gemma team says.
    _Family(r"gemma-3", {"temperature": 1.0, "top_k": 64, "top_p": 0.95, "min_p": 0.0}),
    # README of openai/gpt-oss, "Recommended Sampling Parameters".
    _Family(r"gpt-oss", {"temperature": 1.0, "top_p": 1.0}),
    # generation_config.json of Llama-3.1-8B-Instruct, Llama-3.2-3B-Instruct and Llama-3.3-70B-Instruct.
    _Family(r"llama-3", {"temperature": 0.6, "top_p": 0.9}),
    # Model card of SmolLM3-3B, "Usage".
    _Family(r"smollm3", {"temperature": 0.6, "top_p": 0.95}),
    # Model card of SmolLM2-135M-Instruct, "How to use".
    _Family(r"smollm2", {"temperature": 0.2, "top_p": 0.9}),
    # Model card of Mistral-Nemo-Instruct-2407: "requires smaller temperatures. We recommend to use 0.3".
    _Family(r"mistral-nemo", {"temperature": 0.3}),
    # Model card of Magistral-Small-2506.
    _Family(r"magistral", {"temperature": 0.7, "top_p": 0.95}),
    # Model card of Mistral-Small-3.2-24B-Instruct-2506: "a relatively low temperature, such as 0.15".
    _Family(r"mistral-small", {"temperature": 0.15}),
    # Model card of Phi-4-reasoning, "Usage".
    _Family(r"phi-4-.*reasoning", {"temperature": 0.8, "top_k": 50, "top_p": 0.95}),
    # Model card of LFM2-1.2B, "Generation parameters".
    _Family(r"lfm2", {"temperature": 0.3, "min_p": 0.15, "repeat_penalty": 1.05}),
)


def own_sampling(header: ModelHeader) -> dict[str, float | int]:
    """Give what a model's file recommends itself; what the registry would not take is left out."""
    said = {name: header.metadata.get(f"general.sampling.{key}") for key, name in _KEYS.items()}
    return sound_sampling(said)


def family_sampling(names: Iterable[str]) -> Sampling:
    """Give what is known for the family that one of a model's `names` tells of; nothing for a family not known here."""
    told = " ".join(re.sub(r"[\s_]+", "-", name.casefold()) for name in names)
    return next((family.values for family in _FAMILIES if re.search(family.pattern, told)), _NOTHING)


def sound_sampling(said: Mapping[str, object]) -> dict[str, float | int]:
    """Give those of `said` that a file may recommend, in their range. It may say anything."""
    known = {name: said[name] for name in _KEYS.values() if name in said}
    return {name: value for name, each in known.items() if (value := _sound(name, each)) is not None}


def _sound(name: str, value: object) -> float | int | None:
    try:
        checked = find_setting(f"sampling.{name}").check(value)
    except SettingError:
        return None
    if isinstance(checked, float):
        return round(checked, _DIGITS)
    return checked if isinstance(checked, int) and not isinstance(checked, bool) else None
