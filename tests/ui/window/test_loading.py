"""What the window says of a model on its way into memory: whether it fits, what was made smaller, where it runs."""

from __future__ import annotations

from app.engine.engine import TightMemoryError
from app.engine.events import Concession
from app.ui.transcript.block_widgets.header import HeaderView
from tests.fakes import FakeEngine
from tests.ui.window.use import OpenWindow

SHORT = TightMemoryError(
    "{name} needs at least {need} of memory, and {free} can be used.",
    next_step="Choose a smaller model, or load it anyway.",
    name="Tiny",
    need="7.9 GB",
    free="6.9 GB",
)


def test_a_model_that_does_not_fit_can_be_loaded_anyway(start: OpenWindow, engine: FakeEngine) -> None:
    """The numbers are said before anything is tried; one button tries it all the same, once."""
    engine.will_fail_to_load(SHORT)
    with start(engine) as use:
        use.until(lambda: "7.9 GB" in use.notice() and "6.9 GB" in use.notice())
        assert not engine.loads[0].even_if_memory_is_short
        use.press("notice_action_button")
        use.until(lambda: engine.loaded is not None)
        assert engine.loads[1].even_if_memory_is_short
        use.until(lambda: not use.notice())
        use.send("Hello")
        use.until_answered("Hello", "Hello")
        assert len(engine.loads) == 2


def test_a_reply_whose_model_does_not_fit_offers_the_same(start: OpenWindow, engine: FakeEngine) -> None:
    """The card keeps the question, the button loads the model, and trying again answers."""
    with start(engine) as use:
        use.until(lambda: engine.loaded is not None)
        engine.will_die()
        use.send("First")
        use.until(lambda: use.find("engine_trouble_card").isVisible())
        engine.will_fail_to_load(SHORT)
        use.press("retry_button")
        use.press("notice_action_button")
        use.until(lambda: engine.loaded is not None)
        engine.will_stream("It fitted.")
        use.press("retry_button")
        use.until_answered("First", "It fitted.")


def test_what_was_made_smaller_is_said_once(start: OpenWindow) -> None:
    """Quietly, and it stays to be read where the model stands; the badge names what computes."""
    sentence = "The context window was made 4,096 tokens long."
    concession = Concession("The context window was made {n_ctx} tokens long.", {"n_ctx": "4,096"})
    engine = FakeEngine(device="CUDA 20/33", concessions=(concession,))
    with start(engine) as use:
        use.until(lambda: use.notice() == sentence)
        picker = use.find("model_picker")
        assert "CUDA 20/33" in picker.accessibleName()
        assert sentence in picker.toolTip()
        assert sentence in picker.accessibleDescription()
        use.window.notice.clear()
        engine.will_die()
        use.send("One")
        use.until(lambda: use.find("engine_trouble_card").isVisible())
        use.send("Two")
        use.until(lambda: use.shown()[-1] == "Hello")
        assert use.notice() == ""


def test_a_model_without_a_template_says_so(start: OpenWindow) -> None:
    """A base model goes on with a text; nobody should wonder why it talks to itself."""
    with start(FakeEngine(has_template=False)) as use:
        use.until(lambda: use.desktop.models.loading.model is not None)
        use.send("Hello")
        use.until_answered("Hello", "Hello")
        headers = use.window.findChildren(HeaderView)
        use.until(lambda: any("no chat template" in header.accessibleName() for header in headers))
