"""What a load prepares so that its replies can be guessed ahead."""

from __future__ import annotations

from contextlib import ExitStack

from app.engine.engine import EngineError
from app.engine.events import Concession
from app.engine.interruption import Interruption
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.model import ContextPlan, MemoryKind
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.speed.draft_model import DraftModel, DraftOrder, load_draft
from app.engine.llama.speed.guessing import Guessing, GuessingLimits
from app.engine.requests import LoadRequest
from app.memory.slices import rows_for
from app.settings.values import LoadSettings


def logits_rows(kind: MemoryKind, vocabulary: Vocabulary, settings: LoadSettings) -> int:
    """How many rows of logits the context of a model needs: one, where nothing can be or shall be guessed."""
    can_guess = settings.speculates and kind is not MemoryKind.RECURRENT
    return rows_for(vocabulary.size) if can_guess else 1


class GuessingOpening:
    """Opens the draft model, if there is one; `resources` will free it."""

    def __init__(self, interruption: Interruption, log: LibraryLog, resources: ExitStack) -> None:
        """Load until `interruption` comes."""
        self._interruption = interruption
        self._log = log
        self._resources = resources
        self.concessions: tuple[Concession, ...] = ()
        """Why it is done without the draft model, if it is."""

    def guessing(self, plan: ContextPlan, vocabulary: Vocabulary, request: LoadRequest) -> Guessing:
        """Give what guesses in a context of `plan`. A draft model that cannot is no reason not to load."""
        limits = GuessingLimits(plan.outputs, plan.n_ctx)
        return Guessing(limits, vocabulary.ends_generation, self._draft(plan, vocabulary, request))

    def _draft(self, plan: ContextPlan, vocabulary: Vocabulary, request: LoadRequest) -> DraftModel | None:
        if request.draft is None or plan.outputs == 1:
            return None
        order = DraftOrder(request.draft, vocabulary, plan.n_ctx, request.settings)
        with ExitStack() as resources:
            try:
                draft = load_draft(order, plan.outputs - 1, self._interruption, self._log, resources)
            except EngineError as error:
                self.concessions = (Concession("It goes on without the draft model."), *_reasons(error))
                return None
            self._resources.push(resources.pop_all())
            return draft


def _reasons(error: EngineError) -> tuple[Concession, ...]:
    """Give what an error says, a sentence each."""
    values = {name: value if isinstance(value, int | float) else str(value) for name, value in error.values.items()}
    return tuple(Concession(said, values) for said in (error.message, error.next_step) if said)
