"""The settings themselves: typed values with their defaults, made of sections."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Final

from app.settings.addresses import check_hub_address, check_proxy_address
from app.settings.logit_bias import check_logit_bias
from app.settings.registry import Group, Setting, SettingError, Value, declared, setting

_CHOICE_KV = (
    ("auto", "As large as fits"),
    ("f16", "16 bits"),
    ("q8_0", "8 bits: half the memory"),
    ("q4_0", "4 bits: a quarter, less exact"),
)
_CHOICE_EFFORT = (
    ("auto", "As the model does by itself"),
    ("off", "Off"),
    ("on", "On"),
    ("low", "Low"),
    ("medium", "Medium"),
    ("high", "High"),
)
_CHOICE_POLICY = (
    ("ask", "Ask before each new connection"),
    ("allow", "Connect when I ask for something"),
    ("offline", "Stay offline"),
)
_CHOICE_THEME = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


@dataclass(frozen=True, slots=True)
class AppearanceSettings:
    """How the window looks."""

    theme: str = setting(
        "system", Group.APPEARANCE, "Theme", "Light, dark, or as the system is.", choices=_CHOICE_THEME
    )
    zoom_percent: int = setting(
        100,
        Group.APPEARANCE,
        "Text size",
        "Size of the text in conversations.",
        minimum=70,
        maximum=200,
        step=10,
        unit="%",
    )


@dataclass(frozen=True, slots=True)
class WritingSettings:
    """How conversations are written."""

    system_prompt: str = setting(
        "", Group.WRITING, "System prompt", "What every new conversation tells the model before your first message."
    )


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How the next token is chosen. The daily ones come first; a neutral value leaves its stage out."""

    temperature: float = setting(
        0.7, Group.SAMPLING, "Temperature", "0 always takes the likeliest token; higher is more varied.",
        minimum=0.0, maximum=2.0, step=0.05,
    )  # fmt: skip
    top_k: int = setting(
        40, Group.SAMPLING, "Top-k", "Only this many of the likeliest tokens stay in the draw; 0 keeps all.",
        minimum=0, maximum=1000, step=1,
    )  # fmt: skip
    top_p: float = setting(
        0.95, Group.SAMPLING, "Top-p", "The likeliest tokens stay in the draw until they add up to this probability.",
        minimum=0.0, maximum=1.0, step=0.01,
    )  # fmt: skip
    min_p: float = setting(
        0.05, Group.SAMPLING, "Min-p", "Tokens less likely than this share of the likeliest one leave the draw.",
        minimum=0.0, maximum=1.0, step=0.01,
    )  # fmt: skip
    repeat_penalty: float = setting(
        1.1, Group.SAMPLING, "Repetition penalty", "Above 1 makes tokens that were just used less likely.",
        minimum=1.0, maximum=2.0, step=0.01,
    )  # fmt: skip
    repeat_last_n: int = setting(
        64, Group.SAMPLING, "Repetition window", "How many of the last tokens the repetition penalties look at.",
        minimum=0, maximum=4096, step=16, unit="tokens",
    )  # fmt: skip
    seed: int | None = setting(
        None, Group.SAMPLING, "Seed", "The same seed and settings give the same reply.",
        minimum=0, maximum=4294967294, step=1, none_label="A new one each time",
    )  # fmt: skip
    max_tokens: int | None = setting(
        None, Group.SAMPLING, "Longest reply", "A reply stops after this many tokens.",
        minimum=1, maximum=1_000_000, step=64, unit="tokens", none_label="Until the context window is full",
    )  # fmt: skip
    frequency_penalty: float = setting(
        0.0, Group.SAMPLING, "Frequency penalty", "Taken from a token's logit for each time it was used; 0 is off.",
        minimum=-2.0, maximum=2.0, step=0.05, is_rare=True,
    )  # fmt: skip
    presence_penalty: float = setting(
        0.0, Group.SAMPLING, "Presence penalty", "Taken from a token's logit when it was used at all; 0 is off.",
        minimum=-2.0, maximum=2.0, step=0.05, is_rare=True,
    )  # fmt: skip
    dry_multiplier: float = setting(
        0.0, Group.SAMPLING, "DRY strength", "Makes going on with a repeated passage less likely; 0 is off.",
        minimum=0.0, maximum=10.0, step=0.1, is_rare=True,
    )  # fmt: skip
    dry_base: float = setting(
        1.75, Group.SAMPLING, "DRY growth", "How fast that grows with the length of the repeated passage.",
        minimum=1.0, maximum=4.0, step=0.05, is_rare=True,
    )  # fmt: skip
    dry_allowed_length: int = setting(
        2, Group.SAMPLING, "DRY free length", "Passages up to this length may be repeated freely.",
        minimum=1, maximum=1000, step=1, unit="tokens", is_rare=True,
    )  # fmt: skip
    dry_last_n: int | None = setting(
        None, Group.SAMPLING, "DRY window", "How many of the last tokens are searched for repeated passages.",
        minimum=1, maximum=1_048_576, step=64, unit="tokens", none_label="As far as the model sees", is_rare=True,
    )  # fmt: skip
    top_n_sigma: float = setting(
        0.0, Group.SAMPLING, "Top-n-sigma",
        "Tokens further below the likeliest than this many standard deviations leave the draw; 0 keeps all.",
        minimum=0.0, maximum=10.0, step=0.1, is_rare=True,
    )  # fmt: skip
    typical_p: float = setting(
        1.0, Group.SAMPLING, "Typical-p",
        "The tokens that surprise as much as is typical stay until they add up to this probability; 1 keeps all.",
        minimum=0.0, maximum=1.0, step=0.01, is_rare=True,
    )  # fmt: skip
    xtc_probability: float = setting(
        0.0, Group.SAMPLING, "XTC probability", "How often the likeliest tokens are taken out of the draw; 0 is never.",
        minimum=0.0, maximum=1.0, step=0.05, is_rare=True,
    )  # fmt: skip
    xtc_threshold: float = setting(
        0.1, Group.SAMPLING, "XTC threshold", "Only tokens at least this probable are taken out; one of them stays.",
        minimum=0.0, maximum=0.5, step=0.01, is_rare=True,
    )  # fmt: skip
    temperature_range: float = setting(
        0.0, Group.SAMPLING, "Temperature range",
        "How far the temperature follows the model's certainty, up and down; 0 keeps it.",
        minimum=0.0, maximum=2.0, step=0.05, is_rare=True,
    )  # fmt: skip
    temperature_exponent: float = setting(
        1.0, Group.SAMPLING, "Temperature curve", "How steeply it follows.",
        minimum=0.1, maximum=5.0, step=0.1, is_rare=True,
    )  # fmt: skip
    mirostat: int = setting(
        0, Group.SAMPLING, "Mirostat",
        "1 or 2 keeps the text evenly surprising, in place of all other ways to narrow the draw; 0 is off.",
        minimum=0, maximum=2, step=1, is_rare=True,
    )  # fmt: skip
    mirostat_tau: float = setting(
        5.0, Group.SAMPLING, "Mirostat surprise", "How surprising the text is kept.",
        minimum=0.1, maximum=20.0, step=0.1, is_rare=True,
    )  # fmt: skip
    mirostat_eta: float = setting(
        0.1, Group.SAMPLING, "Mirostat speed", "How fast it is corrected.",
        minimum=0.001, maximum=1.0, step=0.01, is_rare=True,
    )  # fmt: skip
    logit_bias: str = setting(
        "", Group.SAMPLING, "Logit bias",
        'Tokens that come more or less often, such as: " the" = -5, 1234 = 2.5, so = never.',
        accepts=check_logit_bias, is_rare=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """How a model is loaded."""

    context: int = setting(
        4096, Group.ENGINE, "Context window", "How many tokens the model sees at once. More needs more memory.",
        minimum=256, maximum=1_048_576, step=256, unit="tokens",
    )  # fmt: skip
    threads: int | None = setting(
        None, Group.ENGINE, "Threads", "How many processor threads the engine uses.",
        minimum=1, maximum=512, step=1, none_label="One for each physical core",
    )  # fmt: skip
    gpu_layers: int | None = setting(
        None, Group.ENGINE, "GPU layers", "How many layers of the model run on the graphics processor.",
        minimum=0, maximum=1000, step=1, none_label="As many as fit",
    )  # fmt: skip
    kv_type: str = setting(
        "auto", Group.ENGINE, "Precision of the KV cache",
        "How exactly the engine keeps what the model has read. Fewer bits need less memory.", choices=_CHOICE_KV,
    )  # fmt: skip
    speculates: bool = setting(
        True, Group.ENGINE, "Guess ahead", "Guess several tokens at once where that is faster. The text stays the same."
    )
    engine_build: str = setting(
        "", Group.ENGINE, "Engine build", "The name of a build of llama.cpp beside the one that came with Paddock.",
        none_label="Paddock's own",
    )  # fmt: skip
    kept_memory_mib: int = setting(
        1024, Group.ENGINE, "Conversations kept ready",
        "Memory in which the other open conversations stay as they were read.",
        minimum=0, maximum=262_144, step=256, unit="MiB",
    )  # fmt: skip
    kept_disk_mib: int = setting(
        4096, Group.ENGINE, "Conversations kept on disk",
        "Disk space in which conversations stay as they were read, so that they go on at once tomorrow. 0 keeps none.",
        minimum=0, maximum=1_048_576, step=1024, unit="MiB",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReasoningSettings:
    """Whether and how long a model that can reason does so before it answers."""

    effort: str = setting(
        "auto", Group.SAMPLING, "Reasoning", "Whether a model that can think before it answers does so.",
        choices=_CHOICE_EFFORT,
    )  # fmt: skip
    budget: int | None = setting(
        None, Group.SAMPLING, "Longest reasoning", "After this many tokens of reasoning the model is made to answer.",
        minimum=16, maximum=1_000_000, step=256, unit="tokens", none_label="As long as it takes",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class IdleSettings:
    """What the engine does while nobody waits for it."""

    prepares: bool = setting(
        True, Group.ENGINE, "Read ahead",
        "Read the conversation and your draft while you type: the reply begins sooner. Never on a low battery.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What may leave the laptop, and how models are fetched."""

    policy: str = setting(
        "ask", Group.NETWORK, "Connections",
        "Paddock connects only to find and download models, when you ask for it.",
        choices=_CHOICE_POLICY,
    )  # fmt: skip
    files_at_a_time: int = setting(
        2, Group.NETWORK, "Files at a time", "How many files are downloaded at the same time; the others wait.",
        minimum=1, maximum=8, step=1,
    )  # fmt: skip
    connections_per_file: int = setting(
        4, Group.NETWORK, "Connections per file", "A file comes over so many connections, where its server allows it.",
        minimum=1, maximum=16, step=1,
    )  # fmt: skip
    speed_limit_mb_s: float = setting(
        0.0, Group.NETWORK, "Speed limit", "What all downloads together may take of the connection; 0 is no limit.",
        minimum=0.0, maximum=10_000.0, step=0.5, unit="MB/s",
    )  # fmt: skip
    hub: str = setting(
        "", Group.NETWORK, "Where models come from",
        "The address of a mirror of the hub, for example one inside your company.",
        accepts=check_hub_address, none_label="https://huggingface.co",
    )  # fmt: skip
    proxy: str = setting(
        "", Group.NETWORK, "Proxy",
        "The address of an HTTP proxy. Certificates are those that this system trusts.",
        accepts=check_proxy_address, none_label="As the system says",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. Frozen: a change makes a new one."""

    appearance: AppearanceSettings = field(default_factory=AppearanceSettings)
    writing: WritingSettings = field(default_factory=WritingSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    reasoning: ReasoningSettings = field(default_factory=ReasoningSettings)
    load: LoadSettings = field(default_factory=LoadSettings)
    idle: IdleSettings = field(default_factory=IdleSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)

    def value(self, key: str) -> Value:
        """Give the value of the setting `key`."""
        section, name = key.split(".")
        return getattr(getattr(self, section), name)

    def replaced(self, key: str, value: object) -> Settings:
        """Give settings in which `key` has `value`; `SettingError` if it cannot."""
        section, name = find_setting(key).key.split(".")
        checked = find_setting(key).check(value)
        return dataclasses.replace(self, **{section: dataclasses.replace(getattr(self, section), **{name: checked})})


_SECTIONS: Final[dict[str, type[Any]]] = {
    "appearance": AppearanceSettings,
    "writing": WritingSettings,
    "sampling": SamplingSettings,
    "reasoning": ReasoningSettings,
    "load": LoadSettings,
    "idle": IdleSettings,
    "network": NetworkSettings,
}

SETTINGS: Final[tuple[Setting, ...]] = tuple(
    declaration for section, values in _SECTIONS.items() for declaration in declared(section, values)
)


def find_setting(key: str) -> Setting:
    """Give the declaration of `key`; `SettingError` if there is none."""
    for declaration in SETTINGS:
        if declaration.key == key:
            return declaration
    raise SettingError("There is no setting named {key}.", key=key)
