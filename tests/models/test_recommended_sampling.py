"""What a model's maker recommends."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from app.chat.model_choice import settings_for
from app.gguf.model_header import MetadataValue, ModelHeader
from app.models.installed import InstalledModel, Source, model_from_header
from app.models.model_entry import entry_from_model, model_from_entry
from app.models.model_files import ModelFile
from app.models.recommended_sampling import family_sampling, own_sampling
from app.models.starter import StarterModel, find_starter
from app.settings.file import SettingsFile
from app.settings.values import Settings, find_setting


def header(**said: MetadataValue) -> ModelHeader:
    """Make the header of a file that says these things of sampling."""
    return ModelHeader(3, MappingProxyType({f"general.sampling.{key}": value for key, value in said.items()}))


@pytest.mark.parametrize(
    ("names", "temperature"),
    [
        (["Meta Llama 3.1 8B Instruct"], 0.6),
        (["Llama-3.2-1B-Instruct-Q4_K_M"], 0.6),
        (["DeepSeek R1 Distill Llama 8B"], 0.6),
        (["DeepSeek_R1_Distill_Qwen_1.5B"], 0.6),
        (["Qwen2.5 7B Instruct"], 0.7),
        (["Qwen3 4B Instruct 2507"], 0.7),
        (["Qwen3 4B"], 0.6),
        (["model", "gemma-3-270m-it-Q8_0"], 1.0),
        (["Gpt Oss 20b"], 1.0),
        (["Starter model", "SmolLM2-135M-Instruct.Q4_1"], 0.2),
        (["Mistral Nemo Instruct 2407"], 0.3),
        (["Phi 4 Mini Reasoning"], 0.8),
        (["Phi 4"], None),
        (["My own model"], None),
    ],
)
def test_a_family_is_known_by_its_name(names: list[str], temperature: float | None) -> None:
    """However the words are joined, in the model's name or in its file's."""
    assert family_sampling(names).get("temperature") == temperature


def test_every_family_recommends_what_the_settings_take() -> None:
    """A typing error in the table would be a setting out of range."""
    for name in ("deepseek-r1", "qwq", "qwen3-coder", "qwen3-x-instruct", "qwen3", "qwen2.5", "gemma-3", "gpt-oss"):
        assert family_sampling([name])
    for name in (
        "llama-3",
        "smollm3",
        "smollm2",
        "mistral-nemo",
        "magistral",
        "mistral-small",
        "phi-4-reasoning",
        "lfm2",
    ):
        for key, value in family_sampling([name]).items():
            assert find_setting(f"sampling.{key}").check(value) == value


def test_a_file_recommends_by_its_own_keys_and_may_say_anything() -> None:
    """What is out of range, of the wrong kind, or no setting of ours is left out."""
    said = {"temp": 0.6000000238, "top_k": 20, "penalty_repeat": 1.05, "penalty_last_n": 32, "mirostat": 2}
    assert own_sampling(header(**said)) == {
        "temperature": 0.6, "top_k": 20, "repeat_penalty": 1.05, "repeat_last_n": 32, "mirostat": 2
    }  # fmt: skip
    wild = header(temp=float("nan"), top_k=-1, top_p="0.5", min_p=True, penalty_last_n=-1, sequence="k")
    assert own_sampling(wild) == {}


def test_a_file_counts_before_its_family_and_is_kept_in_the_list(tmp_path: Path) -> None:
    """Also after a restart, without reading the file again; an entry that somebody spoiled is not believed."""
    path = tmp_path / "smollm2.gguf"
    path.write_bytes(b"GGUF")
    model = model_from_header(header(temp=0.5), "1", "SmolLM2", path, Source.ADDED)
    assert model.recommended_sampling == {"temperature": 0.5, "top_p": 0.9}
    entry = entry_from_model(model, [ModelFile(path, 4)])
    again = model_from_entry(entry)
    assert again.recommended_sampling == model.recommended_sampling
    spoiled = model_from_entry({**entry, "sampling": {"temperature": 99, "top_k": "x", "seed": 3, "max_tokens": 1}})
    assert spoiled.own_sampling == {}


def test_what_the_user_has_set_counts_before_any_recommendation(tmp_path: Path) -> None:
    """Also when it is what the registry says anyway; resetting it lets the recommendation in again."""
    file = SettingsFile(tmp_path / "settings.json")
    starter = find_starter()
    assert starter is not None
    model = installed(starter)
    assert settings_for(model, file).sampling.temperature == 0.2
    assert settings_for(model, file).sampling.top_k == Settings().sampling.top_k
    file.change("sampling.temperature", 0.7)
    assert settings_for(model, file).sampling.temperature == 0.7
    assert settings_for(model, file).sampling.top_p == 0.9
    file.reset("sampling.temperature")
    assert settings_for(model, file).sampling.temperature == 0.2
    assert file.settings.sampling.temperature == 0.7


def installed(starter: StarterModel) -> InstalledModel:
    """The starter model as the library gives it."""
    return InstalledModel("starter", starter.name, starter.path, 0, "llama", "Q4_1", "Apache-2.0", Source.STARTER)
