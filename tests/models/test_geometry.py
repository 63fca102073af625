"""What a header tells of a model's memory: layers, heads, windows, states, experts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import pytest
from gguf import GGMLQuantizationType as Kind

from app.gguf.model_header import ArraySummary, MetadataValue, ModelHeader, Tensor
from app.gguf.reading import read_header, read_remote_header
from app.models.catalogue import Catalogue, CatalogueModel
from app.models.geometry import Geometry, geometry_of_catalogue, geometry_of_file, geometry_of_header
from app.models.geometry_layers import Layer
from app.models.starter import find_starter
from app.paths import resources
from tests.empty_models import write_empty_model

MODELS: Final = Catalogue.load(resources()).models
MIXTURES: Final = tuple(model for model in MODELS if model.active_parameters is not None)
GIB: Final = 2**30
FEW: Final = 1000
LLAMA: Final[Mapping[str, MetadataValue]] = {
    "block_count": 4,
    "context_length": 8192,
    "embedding_length": 512,
    "feed_forward_length": 1536,
    "attention.head_count": 8,
    "attention.head_count_kv": 2,
    "vocab_size": 1000,
}


def header(architecture: str = "llama", tensors: tuple[Tensor, ...] = (), **values: MetadataValue) -> ModelHeader:
    """A header of so many layers; two underscores stand for a full stop, and None takes an entry away."""
    entries = {**LLAMA, **{name.replace("__", "."): value for name, value in values.items()}}
    said = {f"{architecture}.{name}": value for name, value in entries.items()}
    return ModelHeader(3, {"general.architecture": architecture, **said}, tensors)


def geometry(architecture: str = "llama", **values: MetadataValue) -> Geometry:
    """The geometry of such a header."""
    found = geometry_of_header(header(architecture, (), **values), GIB)
    assert found is not None
    return found


def test_heads_that_share_keys_keep_less() -> None:
    """Two of eight heads have keys and values of their own, 64 numbers wide each."""
    assert geometry().layers == (Layer(key_length=128, value_length=128),) * 4


def test_heads_may_be_wider_than_the_model_divided_by_them() -> None:
    """Gemma and Qwen3 say how wide a head is."""
    layers = geometry(attention__key_length=256, attention__value_length=128).layers
    assert layers[0] == Layer(key_length=512, value_length=256)


def test_without_a_word_of_shared_keys_every_head_has_its_own() -> None:
    """So did the first models."""
    said = {key: value for key, value in header().metadata.items() if not key.endswith("head_count_kv")}
    found = geometry_of_header(ModelHeader(3, said), GIB)
    assert found is not None
    assert found.layers[0].key_length == 512


@pytest.mark.parametrize(
    ("architecture", "windows"),
    [
        ("gemma3", (512, 512, 512, 512, 512, 0)),
        ("gpt-oss", (512, 0, 512, 0, 512, 0)),
        ("smallthinker", (0, 4096, 4096, 4096, 0, 4096)),
        ("llama4", (8192, 8192, 8192, 0, 8192, 8192)),
        ("phi3", (0,) * 6),
        ("llama", (0,) * 6),
        ("exaone4", (0,) * 6),
        ("lfm2", (512,) * 6),
    ],
)
def test_layers_that_see_only_a_window(architecture: str, windows: tuple[int, ...]) -> None:
    """Each architecture has its own pattern; one that is not known to have any sees everything: an upper bound."""
    layers = geometry(architecture, block_count=6, attention__sliding_window=512).layers
    assert tuple(layer.window for layer in layers) == windows


def test_the_header_may_say_which_layers_see_a_window() -> None:
    """Gemma 4 says it layer by layer, and its heads there are of another width."""
    layers = geometry(
        "gemma4",
        attention__sliding_window=1024,
        attention__sliding_window_pattern=(True, True, False, True),
        attention__key_length=512,
        attention__key_length_swa=256,
        attention__value_length_swa=256,
    ).layers
    assert tuple(layer.window for layer in layers) == (1024, 1024, 0, 1024)
    assert [layer.key_length for layer in layers] == [512, 512, 1024, 512]


def test_the_header_may_say_another_period() -> None:
    """A number in place of the usual one: each second layer sees everything."""
    layers = geometry("gemma3", attention__sliding_window=1024, attention__sliding_window_pattern=2).layers
    assert tuple(layer.window for layer in layers) == (1024, 0, 1024, 0)


def test_gemma2_has_windows_without_saying_so() -> None:
    """Its first files came before there was an entry for it."""
    assert [layer.window for layer in geometry("gemma2").layers] == [4096, 0, 4096, 0]


def test_layers_may_look_at_what_earlier_ones_keep() -> None:
    """Of four layers the last two keep nothing of their own."""
    layers = geometry("gemma4", attention__shared_kv_layers=2).layers
    assert [layer.key_length for layer in layers] == [128, 128, 0, 0]


def test_layers_that_only_guess_ahead_keep_nothing_and_are_not_read() -> None:
    """They are in the file and in memory, and no token needs them."""
    names = ("token_embd", "blk.0.ffn_up", "blk.1.ffn_up", "blk.2.ffn_up", "blk.3.nextn.eh_proj")
    tensors = tuple(Tensor(f"{name}.weight", (512, 100), 0, 0) for name in names)
    found = geometry_of_header(header("glm4moe", tensors, nextn_predict_layers=1), 5 * 204_800)
    assert found is not None
    assert [layer.key_length for layer in found.layers] == [128, 128, 128, 0]
    assert found.weights_bytes - found.active_weights_bytes == 204_800


def test_latent_attention_keeps_keys_only() -> None:
    """DeepSeek's values are made of what the keys are made of."""
    layers = geometry(
        "deepseek2",
        attention__head_count_kv=1,
        attention__key_length=576,
        attention__value_length=512,
        attention__key_length_mla=192,
        attention__value_length_mla=128,
    ).layers
    assert layers[0] == Layer(key_length=576, value_length=0)


def test_a_recurrent_model_keeps_a_state_and_no_tokens() -> None:
    """Mamba: what the convolution last saw, and its state."""
    mamba: Mapping[str, MetadataValue] = {"ssm__conv_kernel": 4, "ssm__inner_size": 1024, "ssm__state_size": 16}
    found = geometry("mamba", attention__head_count=0, attention__head_count_kv=0, **mamba)
    assert found.layers[0] == Layer(state_length=3 * 1024 + 16 * 1024)
    assert found.is_recurrent


@pytest.mark.parametrize(
    ("architecture", "values", "states"),
    [
        ("lfm2", {"attention__head_count_kv": (0, 2, 0, 2), "shortconv__l_cache": 3}, (1024, 0, 1024, 0)),
        ("qwen3next", {"ssm__conv_kernel": 4, "ssm__inner_size": 64, "ssm__state_size": 8}, (704, 704, 704, 0)),
        (
            "qwen3next",
            {"ssm__inner_size": 64, "ssm__state_size": 8, "attention__recurrent_layers": (False, True, False, True)},
            (0, 512, 0, 512),
        ),
        ("rwkv7", {"wkv__head_size": 64, "attention__head_count": 0, "attention__head_count_kv": 0}, (33_792,) * 4),
        (
            "kimi-linear",
            {"attention__head_count_kv": (0, 1, 0, 1), "kda__head_dim": 16, "ssm__conv_kernel": 4},
            (3200, 0, 3200, 0),
        ),
        (
            "nemotron_h",
            {
                "attention__head_count_kv": (0, 0, 2, 0),
                "feed_forward_length": (0, 1536, 0, 1536),
                "ssm__inner_size": 64,
                "ssm__state_size": 8,
            },
            (512, 0, 0, 0),
        ),
        ("minimax-01", {"full_attention_interval": 2}, (32_768, 0, 32_768, 0)),
    ],
)
def test_hybrids_keep_states_in_some_layers(
    architecture: str, values: dict[str, MetadataValue], states: tuple[int, ...]
) -> None:
    """Each family says it in its own way which layers attend and which are recurrent."""
    layers = geometry(architecture, **values).layers
    assert tuple(layer.state_length for layer in layers) == states
    assert not any(layer.key_length for layer in layers if layer.state_length)


def test_a_layer_may_attend_and_keep_a_state() -> None:
    """Falcon-H1 does both in every layer."""
    layers = geometry("falcon-h1", ssm__conv_kernel=1, ssm__inner_size=64, ssm__state_size=8).layers
    assert layers == (Layer(key_length=128, value_length=128, state_length=512),) * 4


def test_of_many_experts_those_in_use_are_read() -> None:
    """Two of eight: a quarter of the experts' weights, all of the others', no row of the embeddings but one."""
    tensors = (
        Tensor("token_embd.weight", (512, 1000), 0, 0),
        Tensor("output.weight", (512, 1000), 0, 0),
        Tensor("blk.0.attn_q.weight", (512, 512), 0, 0),
        Tensor("blk.0.ffn_up_exps.weight", (512, 64, 8), 0, 0),
    )
    found = geometry_of_header(
        header("qwen3moe", tensors, block_count=1, expert_count=8, expert_used_count=2), 6_193_152
    )
    assert found is not None
    assert found.weights_bytes == 4 * (512_000 + 512_000 + 262_144 + 262_144)
    assert found.active_weights_bytes == 4 * (512_000 + 262_144 + 65_536)
    assert found.experts_used == 2


def test_embeddings_that_are_the_output_too_are_read_for_every_token() -> None:
    """Where there is no output of its own; a graphics processor then holds them a second time."""
    tensors = (Tensor("token_embd.weight", (512, 1000), 0, 0), Tensor("blk.0.attn_q.weight", (512, 512), 0, 0))
    found = geometry_of_header(header(tensors=tensors, block_count=1), 3_096_576)
    assert found is not None
    assert found.active_weights_bytes == found.weights_bytes == 4 * (512_000 + 262_144)
    assert found.weights.output_copy_bytes == 4 * 512_000
    assert found.vocabulary_size == 1000


def test_another_quantization_of_the_same_model_is_larger_by_the_size_of_its_file() -> None:
    """One header of a repository tells of all its files."""
    tensors = (Tensor("token_embd.weight", (512, 1000), 0, 0), Tensor("blk.0.attn_q.weight", (512, 512), 0, 0))
    found = geometry_of_header(header(tensors=tensors, block_count=1), 2 * 3_096_576)
    assert found is not None
    assert found.weights_bytes == pytest.approx(2 * 3_096_576, rel=0.001)
    assert found.parameters == 512_000 + 262_144
    assert not found.weights.matrices


def test_of_a_model_in_parts_all_headers_count() -> None:
    """With the first alone, the weights are taken to be spread evenly."""
    first = header(tensors=(Tensor("token_embd.weight", (512, 1000), 0, 0),), block_count=1)
    first = ModelHeader(3, {**first.metadata, "split.tensors.count": 2}, first.tensors)
    second = ModelHeader(3, {}, (Tensor("blk.0.attn_q.weight", (512, 512), 0, 0),))
    whole = geometry_of_header(first, 3_096_576, [second])
    alone = geometry_of_header(first, 3_096_576)
    assert whole is not None
    assert alone is not None
    assert whole.weights.layers == (4 * 262_144,)
    assert whole.weights_bytes == alone.weights_bytes == 3_096_576
    assert alone.weights.layers != whole.weights.layers


@pytest.mark.parametrize("missing", ["block_count", "embedding_length"])
def test_a_header_that_does_not_tell_gives_none(missing: str) -> None:
    """So does one whose numbers make no sense."""
    said = {key: value for key, value in header().metadata.items() if not key.endswith(missing)}
    assert geometry_of_header(ModelHeader(3, said), GIB) is None
    assert geometry_of_header(header(block_count=2**31), GIB) is None
    assert geometry_of_header(header(embedding_length=-1), GIB) is None


def test_the_starter_model() -> None:
    """Its numbers are known, and its file is read whole."""
    starter = find_starter()
    assert starter is not None
    found = geometry_of_file(starter.path)
    assert found is not None
    assert found.parameters == 134_515_008
    assert found.layers == (Layer(key_length=192, value_length=192),) * 30
    assert (found.vocabulary_size, found.merges, found.n_ctx_train) == (49_152, 48_900, 8192)
    assert found.weights_bytes == found.active_weights_bytes == 96_576_768


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_catalogue_tells_the_same_as_the_header_would(model: CatalogueModel, tmp_path: Path) -> None:
    """A model of zeros in the catalogue's geometry: its layers are those, its parameters the stated ones."""
    found = geometry_of_catalogue(model, model.usual_file)
    few = msgspec.structs.replace(model.geometry, vocabulary_size=FEW)
    file = geometry_of_file(write_empty_model(tmp_path / "model.gguf", few, Kind.Q8_0))
    assert file is not None
    assert found.layers == file.layers
    assert found.n_ctx_train == file.n_ctx_train
    assert found.weights_bytes == model.usual_file.size_bytes
    assert 0 < found.active_weights_bytes <= found.weights_bytes
    embedding = model.geometry.embedding_length
    tied = file.parameters + (model.geometry.vocabulary_size - FEW) * embedding
    assert min(abs(model.parameters - tied - output * embedding) for output in (0, model.geometry.vocabulary_size)) <= (
        0.02 * model.parameters
    )


@pytest.mark.parametrize("model", MIXTURES, ids=lambda model: model.id)
def test_mixtures_of_the_catalogue_read_what_they_say(model: CatalogueModel) -> None:
    """About as many of the bytes as of the parameters."""
    found = geometry_of_catalogue(model, model.usual_file)
    assert model.active_parameters is not None
    said = model.active_parameters / model.parameters
    assert found.active_weights_bytes / found.weights_bytes == pytest.approx(said, abs=0.05)


def test_a_header_that_lies_elsewhere_tells_the_same(tmp_path: Path) -> None:
    """Only its beginning is fetched, range by range."""
    path = write_empty_model(tmp_path / "model.gguf", MODELS[0].geometry, Kind.Q8_0)
    size_bytes = path.stat().st_size
    fetched: list[int] = []

    def read(offset: int, count: int) -> bytes:
        fetched.append(count)
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(count)

    remote = read_remote_header(read, size_bytes, "model.gguf")
    assert geometry_of_header(remote, size_bytes) == geometry_of_header(read_header(path), size_bytes)
    assert sum(fetched) < size_bytes / 10


def test_long_arrays_of_which_only_the_length_is_kept_are_counted() -> None:
    """The rules of a vocabulary are hundreds of thousands."""
    said = {**header().metadata, "tokenizer.ggml.merges": ArraySummary(280_147)}
    found = geometry_of_header(ModelHeader(3, said), GIB)
    assert found is not None
    assert found.merges == 280_147
