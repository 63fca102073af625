"""The real starter model writes JSON that fits a schema, at temperature 1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from app.conversation import FinishReason
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.requests import GenerationRequest, Grammar, GrammarKind, PromptRequest
from app.settings.values import SamplingSettings
from tests.engine.conftest import ignore, load
from tests.engine.stories import Reply, user

pytestmark = pytest.mark.model
SCHEMA: Final[Any] = {
    "$defs": {"place": {"type": "object", "properties": {"town": {"enum": ["Ulm", "Bonn"]}}, "required": ["town"]}},
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 12},
        "colour": {"enum": ["braun", "weiß", 'half "and" half']},
        "age": {"type": "integer", "minimum": 1, "maximum": 30},
        "eats": {"type": "array", "items": {"type": "string", "maxLength": 8}, "minItems": 1, "maxItems": 3},
        "home": {"$ref": "#/$defs/place"},
        "weight": {"type": ["number", "null"]},
    },
    "required": ["name", "colour", "age", "eats", "home", "weight"],
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(starter_model: Path) -> Iterator[LlamaEngine]:
    """The starter model, loaded once."""
    engine = LlamaEngine(ignore)
    load(engine, starter_model)
    yield engine
    engine.close()


@pytest.mark.parametrize("seed", range(5))
def test_a_reply_fits_its_schema(engine: LlamaEngine, seed: int) -> None:
    """Choices, whole numbers, lists and objects in objects; the model ends the reply by itself."""
    request = GenerationRequest(
        PromptRequest((user("Describe a llama as JSON."),)),
        SamplingSettings(temperature=1.0, seed=seed, max_tokens=300),
        grammar=Grammar(GrammarKind.JSON_SCHEMA, json.dumps(SCHEMA)),
    )
    reply = Reply(tuple(engine.generate(request, Interruption())))
    assert reply.finished.reason is FinishReason.STOP
    written = json.loads(reply.text)
    assert list(written) == SCHEMA["required"]
    assert 1 <= len(written["name"]) <= 12
    assert written["colour"] in SCHEMA["properties"]["colour"]["enum"]
    assert written["age"] in range(1, 31)
    assert 1 <= len(written["eats"]) <= 3
    assert written["home"]["town"] in ("Ulm", "Bonn")
    assert written["weight"] is None or isinstance(written["weight"], int | float)
