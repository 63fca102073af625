"""The stages that choose a token, in llama.cpp's own order. A stage whose setting is neutral is left out.

Source of the order and of the arguments: `common/sampling.cpp`, `common_sampler_init`.
"""

from __future__ import annotations

import ctypes
import dataclasses
import math
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast

from app.engine.engine import GrammarError
from app.engine.llama.binding import api
from app.engine.llama.prompting.tokens import Vocabulary
from app.settings.logit_bias import TokenBias, parse_logit_bias
from app.settings.registry import SettingError
from app.settings.values import SamplingSettings

_LEAST_KEPT: Final = 1
_SEQUENCE_BREAKERS: Final = (b"\n", b":", b'"', b"*")
_MIROSTAT_M: Final = 100


class Surroundings(NamedTuple):
    """What the stages need to know of the model, and the seed."""

    vocabulary: Vocabulary
    n_ctx_train: int
    seed: int


def used_settings(settings: SamplingSettings) -> dict[str, float | int | str]:
    """Give every sampling setting that chooses tokens, by its name, without the seed.

    A stage that is left out is not there; but where the registry's default would bring it in, its neutral value is: so
    these and the defaults give the same chain.
    """
    values = dataclasses.asdict(settings)
    used = {name for stage in _stages_in_use(settings) for name in stage}
    return {name: value for name, value in values.items() if name in used and value not in (None, "")}


def bias_stage(settings: SamplingSettings, vocabulary: Vocabulary) -> api.llama_sampler_p | None:
    """Give the stage that adds the logit bias, and takes out what the model itself never says."""
    biases = [(token, bias) for token, bias in _resolved(settings, vocabulary).items()]
    biases += [(token, -math.inf) for token in _never_said(vocabulary)]
    if not biases:
        return None
    if len(biases) >= vocabulary.size:
        raise GrammarError("The logit bias leaves no token over.")
    array = (api.llama_logit_bias * len(biases))(*(api.llama_logit_bias(token, bias) for token, bias in biases))
    return api.llama_sampler_init_logit_bias(vocabulary.size, len(biases), array)


def stages(settings: SamplingSettings, surroundings: Surroundings) -> Iterator[api.llama_sampler_p | None]:
    """Give the stages after the bias; the last one chooses."""
    if settings.temperature > 0 and settings.mirostat:
        yield from _mirostat(settings, surroundings)
        return
    yield from _penalties(settings, surroundings)
    if settings.temperature <= 0:
        yield api.llama_sampler_init_greedy()
        return
    yield from _truncation(settings)
    if settings.xtc_probability > 0:
        yield api.llama_sampler_init_xtc(
            settings.xtc_probability, settings.xtc_threshold, _LEAST_KEPT, surroundings.seed
        )
    if settings.temperature_range > 0:
        yield api.llama_sampler_init_temp_ext(
            settings.temperature, settings.temperature_range, settings.temperature_exponent
        )
    else:
        yield api.llama_sampler_init_temp(settings.temperature)
    yield api.llama_sampler_init_dist(surroundings.seed)


def remembered_tokens(settings: SamplingSettings, n_ctx_train: int) -> int:
    """Give how many of the last tokens the penalties look at."""
    if settings.temperature > 0 and settings.mirostat:
        return 0
    penalties = settings.repeat_last_n if _penalises(settings) else 0
    return max(penalties, _dry_window(settings, n_ctx_train) if settings.dry_multiplier else 0)


def _mirostat(settings: SamplingSettings, surroundings: Surroundings) -> Iterator[api.llama_sampler_p | None]:
    """In place of all other stages."""
    tau, eta = settings.mirostat_tau, settings.mirostat_eta
    yield api.llama_sampler_init_temp(settings.temperature)
    if settings.mirostat == 1:
        size = surroundings.vocabulary.size
        yield api.llama_sampler_init_mirostat(size, surroundings.seed, tau, eta, _MIROSTAT_M)
    else:
        yield api.llama_sampler_init_mirostat_v2(surroundings.seed, tau, eta)


def _penalties(settings: SamplingSettings, surroundings: Surroundings) -> Iterator[api.llama_sampler_p | None]:
    if _penalises(settings):
        yield api.llama_sampler_init_penalties(
            surroundings.vocabulary.size,
            settings.repeat_last_n,
            settings.repeat_penalty,
            settings.frequency_penalty,
            settings.presence_penalty,
        )
    if settings.dry_multiplier > 0:
        breakers = (ctypes.c_char_p * len(_SEQUENCE_BREAKERS))(*_SEQUENCE_BREAKERS)
        yield _init_dry(
            surroundings.vocabulary.pointer,
            settings.dry_multiplier,
            settings.dry_base,
            settings.dry_allowed_length,
            _dry_window(settings, surroundings.n_ctx_train),
            breakers,
            len(breakers),
        )


def _truncation(settings: SamplingSettings) -> Iterator[api.llama_sampler_p | None]:
    if settings.top_n_sigma > 0:
        yield api.llama_sampler_init_top_n_sigma(settings.top_n_sigma)
    if settings.top_k:
        yield api.llama_sampler_init_top_k(settings.top_k)
    if settings.typical_p < 1:
        yield api.llama_sampler_init_typical(settings.typical_p, _LEAST_KEPT)
    if settings.top_p < 1:
        yield api.llama_sampler_init_top_p(settings.top_p, _LEAST_KEPT)
    if settings.min_p > 0:
        yield api.llama_sampler_init_min_p(settings.min_p, _LEAST_KEPT)


def _penalises(settings: SamplingSettings) -> bool:
    penalties = (settings.repeat_penalty - 1, settings.frequency_penalty, settings.presence_penalty)
    return bool(settings.repeat_last_n) and any(penalties)


def _dry_window(settings: SamplingSettings, n_ctx_train: int) -> int:
    return min(settings.dry_last_n or n_ctx_train, n_ctx_train)


def _resolved(settings: SamplingSettings, vocabulary: Vocabulary) -> dict[int, float]:
    """Give the biases by token id; the last word on a token counts."""
    try:
        entries = parse_logit_bias(settings.logit_bias)
    except SettingError as error:  # the registry has refused it already, wherever it came by
        raise GrammarError("The logit bias cannot be read.", next_step="Look at it in the settings.") from error
    return {_token_id(entry, vocabulary): entry.bias for entry in entries}


def _never_said(vocabulary: Vocabulary) -> list[int]:
    count: Any = ctypes.pointer(ctypes.c_int32(0))
    silent: Any = api.llama_vocab_get_suppress_tokens(vocabulary.pointer, count)
    return silent[: count.contents.value] if silent else []


def _token_id(entry: TokenBias, vocabulary: Vocabulary) -> int:
    if isinstance(entry.token, str):
        tokens = vocabulary.tokens(entry.token, add_special=False, parse_special=True)
        if len(tokens) == 1:
            return tokens[0]
        raise GrammarError(
            "The logit bias names “{text}”, which is {count} tokens for this model.",
            next_step="A bias is given to one token at a time.",
            text=entry.token[:40],
            count=len(tokens),
        )
    if entry.token < vocabulary.size:
        return entry.token
    raise GrammarError(
        "The logit bias names token {token}, and the model has {size} tokens.",
        next_step="Their numbers begin with 0.",
        token=entry.token,
        size=f"{vocabulary.size:,}",
    )


_init_dry: Any = cast("Any", api).llama_sampler_init_dry  # the binding does not say all of its types


def _stages_in_use(settings: SamplingSettings) -> Iterator[tuple[str, ...]]:
    yield ("max_tokens", "logit_bias", "temperature")
    if settings.temperature > 0 and settings.mirostat:
        yield ("mirostat", "mirostat_tau", "mirostat_eta")
        return
    if _penalises(settings):
        yield ("repeat_penalty", "repeat_last_n", "frequency_penalty", "presence_penalty")
    else:
        yield ("repeat_penalty",) if settings.repeat_last_n else ("repeat_last_n",)
    if settings.dry_multiplier > 0:
        yield ("dry_multiplier", "dry_base", "dry_allowed_length", "dry_last_n")
    if settings.temperature > 0:
        yield from _drawing_stages(settings)


def _drawing_stages(settings: SamplingSettings) -> Iterator[tuple[str, ...]]:
    yield ("top_k", "top_p", "min_p")
    if settings.top_n_sigma > 0:
        yield ("top_n_sigma",)
    if settings.typical_p < 1:
        yield ("typical_p",)
    if settings.xtc_probability > 0:
        yield ("xtc_probability", "xtc_threshold")
    if settings.temperature_range > 0:
        yield ("temperature_range", "temperature_exponent")
