"""The contract of an engine, fulfilled by llama.cpp in this very process. It starts no thread of its own."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from app.engine.engine import EngineError, ReportLoad
from app.engine.events import GenerationEvent, LoadedModel, PromptDescription, WarmingEvent
from app.engine.interruption import Interruption
from app.engine.llama.library import LibraryLog, Sink, start_library
from app.engine.llama.loading.loaded_set import LoadedSet, load_set
from app.engine.llama.memory.reading_ahead import Pace, read_ahead
from app.engine.llama.prompting.prompt_tokens import PromptInterruptedError
from app.engine.llama.reply.damaged_weights import refuse_damaged_weights
from app.engine.llama.reply.generation import ReplyGeneration
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest


class LlamaEngine:
    """One loaded model, run by llama.cpp. What it prints goes to `sink`, a line or a part of one at a time."""

    def __init__(self, sink: Sink) -> None:
        """Bring llama.cpp up; nothing is loaded yet."""
        self._log = LibraryLog(sink)
        start_library()
        self._request: LoadRequest | None = None
        self._set: LoadedSet | None = None
        self._pace = Pace()

    @property
    def loaded(self) -> LoadRequest | None:
        """What is in memory now."""
        return self._request

    @property
    def process_id(self) -> int | None:
        """None: it runs in this process."""
        return None

    def load(self, request: LoadRequest, report: ReportLoad, interruption: Interruption) -> LoadedModel:
        """See `Engine.load`."""
        self.unload()
        self._set = load_set(request, report, interruption, self._log)
        self._request = request
        self._pace = Pace()
        return self._set.described

    def generate(
        self, request: GenerationRequest, interruption: Interruption
    ) -> Generator[GenerationEvent, None, None]:
        """See `Engine.generate`."""
        loaded = self._ready()
        self._log.forget()
        yield from ReplyGeneration(loaded, request, interruption).events()

    def warm(self, request: PromptRequest, interruption: Interruption) -> Generator[WarmingEvent, None, None]:
        """See `Engine.warm`."""
        loaded = self._ready()
        loaded.abort.arm(Interruption())  # the last reply's may come late, and this reading ends between two slices
        try:
            with loaded.prompts.until(interruption):
                beginning = loaded.prompts.sure_beginning(request)
        except PromptInterruptedError:
            return
        tokens = beginning.tokens
        loaded.memory.switch_to(request, tokens, interruption)
        proof = partial(refuse_damaged_weights, loaded)
        yield from read_ahead(loaded.memory, tokens, beginning.boundaries, self._pace, proof, interruption)

    def describe_prompt(self, request: PromptRequest) -> PromptDescription:
        """See `Engine.describe_prompt`."""
        return self._ready().prompts.describe(request)

    def keep(self, conversation: str, interruption: Interruption) -> None:
        """See `Engine.keep`."""
        self._ready().memory.keep(conversation, interruption)

    def unload(self) -> None:
        """Give the model's memory back."""
        self._request = None
        loaded, self._set = self._set, None
        if loaded is not None:
            loaded.close()

    def close(self) -> None:
        """Give everything back."""
        self.unload()

    def _ready(self) -> LoadedSet:
        if self._set is None:
            raise EngineError("No model is loaded.")
        return self._set
