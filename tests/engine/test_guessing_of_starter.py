"""The real starter model guesses ahead: with what its prompt says, and as the draft model of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.conversation import FinishReason
from app.engine.events import GenerationEvent, GenerationFinished, PieceGenerated
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.speed import guessing
from app.engine.llama.speed.guessing_gain import Bet
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.conftest import ignore
from tests.engine.stories import loaded_set, user

pytestmark = pytest.mark.model
GREEDY = SamplingSettings(temperature=0.0, repeat_penalty=1.0, max_tokens=32)


def everything(_times: object, chances: list[float], *_seconds: float) -> Bet:
    """Have four guesses evaluated, whatever it takes."""
    return Bet(min(4, len(chances)), 2.0 if chances else 1.0)


def test_it_is_its_own_draft_model(starter_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that it would write it guesses, but for ties; and a reply that is stopped among guesses goes on well."""
    monkeypatch.setattr(guessing, "best_bet", everything)
    engine = LlamaEngine(ignore)
    settings = LoadSettings(context=512, threads=1)
    described = engine.load(LoadRequest(starter_model, settings, draft=starter_model), ignore, Interruption())
    assert described.concessions == ()
    request = GenerationRequest(PromptRequest((user("Write a long story about a llama."),), "one"), GREEDY)
    interruption = Interruption()
    stopped: list[GenerationEvent] = []
    for event in engine.generate(request, interruption):
        stopped.append(event)
        if isinstance(event, PieceGenerated):
            interruption.request()
    assert isinstance(end := stopped[-1], GenerationFinished)
    assert end.reason is FinishReason.CANCELLED
    whole = [event for event in engine.generate(request, Interruption()) if isinstance(event, PieceGenerated)]
    assert sum(len(piece.tokens) for piece in whole) == GREEDY.max_tokens
    experience = loaded_set(engine).guessing.experience("one")
    assert experience.draft.seen > 20
    assert experience.draft.value > 0.75
    engine.close()
