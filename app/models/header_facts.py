"""What is shown of a model file's header, in few words that can be kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from app.gguf.model_header import ModelHeader
from app.models.licence import stated_name
from app.models.parameters import shown_parameters

MODEL_KIND: Final = "model"
PROJECTOR_KIND: Final = "mmproj"
_PROJECTORS: Final = {"clip"}
"""Architectures of projectors made before files said of what kind they are."""


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What a header says. What it does not say is None.

    `kind` is `model`, or what else lies in a GGUF file: `adapter`, `mmproj`, `imatrix`. `can_talk` is whether it is a
    model that writes words: one that only embeds them has its place elsewhere, one that paints has no vocabulary.
    """

    kind: str = MODEL_KIND
    can_talk: bool = False
    name: str | None = None
    architecture: str | None = None
    parameters: str | None = None
    quantization: str | None = None
    context_length: int | None = None
    has_chat_template: bool | None = None
    licence: str | None = None


def facts_of(header: ModelHeader) -> HeaderFacts:
    """Give what is shown of `header`."""
    kind = PROJECTOR_KIND if header.architecture in _PROJECTORS else header.kind
    only_embeds = header.of_architecture("pooling_type") is not None
    return HeaderFacts(
        kind=kind,
        can_talk=kind == MODEL_KIND and not only_embeds and header.vocabulary_size is not None,
        name=header.name,
        architecture=header.architecture,
        parameters=header.size_label or _counted(header),
        quantization=header.quantization,
        context_length=header.context_length,
        has_chat_template=header.has_chat_template,
        licence=stated_name(header.licence, header.text("general.license.name")),
    )


def _counted(header: ModelHeader) -> str | None:
    """How many parameters its tensors hold, such as `1.2B`; None where the others are in further files."""
    count = sum(math.prod(tensor.dimensions) for tensor in header.tensors)
    if not count or (header.number("split.count") or 1) > 1:
        return None
    return shown_parameters(count)
