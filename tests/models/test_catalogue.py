"""The models that were picked by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import gguf
import msgspec
import pytest

from app.models.catalogue import Catalogue, CatalogueGeometry, CatalogueModel, Certainty
from app.models.licence import LicenceBook, Standing
from app.paths import resources

CATALOGUE = Catalogue.load(resources())
BITS_A_WEIGHT = {"Q3_K_M": (3.6, 4.3), "Q3_K_L": (4.0, 4.7), "Q4_K_M": (4.6, 5.4), "Q6_K": (6.4, 6.8),
                 "Q8_0": (8.4, 8.7), "MXFP4": (4.2, 4.8)}  # fmt: skip
each_model = pytest.mark.parametrize("model", CATALOGUE.models, ids=lambda model: model.id)


def weights(geometry: CatalogueGeometry, *, vocabularies: int) -> int:
    """Count the weights of a model by its geometry; norms and biases are left out."""
    attention = geometry.embedding_length * geometry.key_length * 2 * (geometry.head_count + geometry.head_count_kv)
    expert = 3 * geometry.embedding_length * geometry.feed_forward_length
    router = geometry.embedding_length * (geometry.expert_count or 0)
    layer = attention + expert * (geometry.expert_count or 1) + router
    return geometry.block_count * layer + vocabularies * geometry.vocabulary_size * geometry.embedding_length


def test_there_is_a_model_for_every_laptop() -> None:
    """Ten to fifteen, from 0.3 to 70 billion parameters, the small ones first."""
    sizes = [model.parameters for model in CATALOGUE.models]
    assert 10 <= len(sizes) <= 15
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.5e9
    assert sizes[-1] > 70e9
    for name in ("id", "name", "repository", "purpose"):
        assert len({getattr(model, name) for model in CATALOGUE.models}) == len(sizes)


def test_some_read_pictures_some_reason_and_most_are_open_source() -> None:
    """The filters of the page have something to find."""
    book = LicenceBook(resources())
    open_source = [model for model in CATALOGUE.models if book.find(model.licence).open_source]
    assert len(open_source) > len(CATALOGUE.models) / 2
    assert any(model.reads_pictures for model in CATALOGUE.models)
    assert any(model.reasons for model in CATALOGUE.models)


@each_model
def test_the_licence_is_one_of_the_book(model: CatalogueModel) -> None:
    """A hand-picked model under a licence that we cannot explain would be no service."""
    licence = LicenceBook(resources()).find(model.licence)
    assert licence.id == model.licence
    assert licence.standing in {Standing.OPEN_SOURCE, Standing.FREE, Standing.RESTRICTED}


@each_model
def test_the_geometry_makes_the_parameters(model: CatalogueModel) -> None:
    """Two figures from two places agree: a wrong number of layers or heads would be far off."""
    tied, untied = (weights(model.geometry, vocabularies=count) / model.parameters for count in (1, 2))
    assert min(abs(1 - tied), abs(1 - untied)) < 0.002
    assert model.geometry.head_count % model.geometry.head_count_kv == 0
    assert model.active_parameters is None or model.active_parameters < model.parameters
    assert (model.active_parameters is None) == (model.geometry.expert_count is None)


@each_model
def test_the_architecture_is_one_that_llama_cpp_knows(model: CatalogueModel) -> None:
    """By the name that stands in the file's header."""
    assert model.geometry.architecture in gguf.MODEL_ARCH_NAMES.values()


@each_model
def test_the_sizes_are_those_of_such_quantizations(model: CatalogueModel) -> None:
    """A slipped digit would tell people that a model fits which does not."""
    for file in model.files:
        low, high = BITS_A_WEIGHT[file.quantization]
        assert low < file.size_bytes * 8 / model.parameters < high
        assert file.quantization.casefold() in file.name.casefold()
        assert not file.is_approximate or file.size_bytes == float(f"{file.size_bytes:.3g}")


@each_model
def test_a_model_says_in_plain_words_what_it_is_for(model: CatalogueModel) -> None:
    """And in which languages, by codes that the system can name."""
    assert 20 < len(model.purpose) < 100
    assert not re.search(r"[!{}]|\.$", model.purpose)
    assert len(set(model.languages)) == len(model.languages)
    assert all(re.fullmatch("[a-z]{2}", code) for code in model.languages)


@each_model
def test_only_some_layers_of_some_models_see_everything(model: CatalogueModel) -> None:
    """A window without a pattern would count the KV cache wrong."""
    geometry = model.geometry
    assert (geometry.sliding_window is None) == (geometry.full_attention_every == 1)
    assert 0 < geometry.full_attention_layers <= geometry.block_count


def test_gemma_keeps_all_tokens_in_five_of_its_layers() -> None:
    """34 layers, each sixth of which sees the whole context window."""
    gemma = CATALOGUE.find("GGML-org/gemma-3-4b-it-gguf")
    assert gemma is not None
    assert gemma.geometry.full_attention_layers == 5
    assert CATALOGUE.find("nobody/nothing") is None


def test_what_is_from_memory_stands_among_what_was_not_tried() -> None:
    """The catalogue says how sure it is, and the page of unverified things says how to make sure."""
    page = (resources().parent / "docs" / "UNVERIFIED.md").read_text()
    unsure = [
        model.repository
        for model in CATALOGUE.models
        if Certainty.MEMORY in {model.geometry_from, *(file.size_from for file in model.files)}
        or model.repository_from is not Certainty.PAGE
    ]
    assert unsure
    assert [repository for repository in unsure if f"`{repository}`" not in page] == []


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        (("repository",), "https://example.org/a/b"),
        (("repository",), "a/b/c"),
        (("parameters",), 0),
        (("languages",), []),
        (("files",), []),
        (("files", 0, "name"), "../../etc/passwd"),
        (("files", 0, "name"), "model.bin"),
        (("files", 0, "size_from"), "hearsay"),
        (("geometry", "block_count"), -1),
        (("geometry", "layers"), 3),
    ],
)
def test_a_slip_of_the_pen_is_noticed(tmp_path: Path, where: tuple[str | int, ...], wrong: object) -> None:
    """A catalogue that is wrong is a mistake of ours, found here and not by a user."""
    content: Any = json.loads((resources() / "catalogue.json").read_text())
    spoiled = content["models"][0]
    for step in where[:-1]:
        spoiled = spoiled[step]
    spoiled[where[-1]] = wrong
    (tmp_path / "catalogue.json").write_text(json.dumps(content))
    with pytest.raises(msgspec.ValidationError):
        Catalogue.load(tmp_path)
