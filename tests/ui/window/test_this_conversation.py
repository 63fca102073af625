"""What is set for one conversation only, in its popover."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from typing_extensions import override

from app.conversation import Conversation, ConversationOptions, UsedAdapter
from app.engine.engine import ModelFileError, ReportLoad
from app.engine.events import LoadedModel
from app.engine.interruption import Interruption
from app.engine.requests import Adapter, LoadRequest
from app.ui.scale_field import ScaleField
from app.ui.settings.choice_editor import ChoiceBox
from tests.fakes import FakeEngine, Pause
from tests.gguf_files import TinyAdapter, TinyModel
from tests.ui.window.use import OpenWindow, Use

STATE = "{conversation}.0123456789abcdef.state"


class PlainEngine(FakeEngine):
    """An engine that no adapter fits."""

    @override
    def load(self, request: LoadRequest, report: ReportLoad, interruption: Interruption) -> LoadedModel:
        if request.adapters:
            name = request.adapters[0].name
            raise ModelFileError("{name} does not fit this model.", next_step="Choose another.", name=name)
        return super().load(request, report, interruption)


class SlowPlainEngine(PlainEngine):
    """The same, and it takes its time to find out."""

    def __init__(self) -> None:
        super().__init__()
        self.finding_out = Pause()

    @override
    def load(self, request: LoadRequest, report: ReportLoad, interruption: Interruption) -> LoadedModel:
        if request.adapters:
            self.finding_out.wait(interruption)
        return super().load(request, report, interruption)


def open_popover(use: Use) -> None:
    """By its key."""
    use.press_key(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    use.until(use.find("this_conversation").isVisible)


def kept(use: Use) -> ConversationOptions:
    """What is on the disk."""
    return use.desktop.parts.store.conversation(opened(use).id).options


def opened(use: Use) -> Conversation:
    """The conversation that is shown."""
    conversation = use.desktop.conversations.conversation
    assert conversation is not None
    return conversation


def state_of(use: Use) -> Path:
    """A file such as the engine keeps for the conversation that is shown."""
    path = use.desktop.parts.paths.states / STATE.format(conversation=opened(use).id)
    path.touch()
    return path


def test_its_button_is_pressed_while_it_is_open(use: Use) -> None:
    """It is seen which button the popover belongs to."""
    button = use.window.findChild(QAbstractButton, "this_conversation_button")
    assert isinstance(button, QAbstractButton)
    use.press("this_conversation_button")
    use.until(use.find("this_conversation").isVisible)
    assert button.isDown()
    QTest.keyClick(use.find("this_conversation"), Qt.Key.Key_Escape)
    use.until(lambda: not button.isDown())


def test_private_takes_effect_at_once(use: Use) -> None:
    """What was kept is removed, nothing is kept any more, and the bar says so."""
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    state = state_of(use)
    open_popover(use)
    use.press("private_switch")
    use.until(lambda: kept(use).private and not state.exists())
    use.until(lambda: bool(use.engine.warmed) and use.engine.warmed[-1].private)
    assert use.window.top_bar.subtitle() == "Private"


def test_what_a_command_added_brings_no_older_options(use: Use) -> None:
    """The list was read before they were set, and comes in after that."""
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    use.until(lambda: use.desktop.conversations.open_conversation.is_settled)
    entry = replace(use.desktop.parts.store.conversation(opened(use).id), leaf_id=use.messages()[0].id)
    use.desktop.conversations.set_options(ConversationOptions(private=True))
    use.desktop.conversations.catch_up(entry)
    assert use.desktop.conversations.open_conversation.options.private


def test_a_new_conversation_is_private_from_its_first_word(use: Use) -> None:
    """It can be chosen before anything is sent."""
    open_popover(use)
    use.press("private_switch")
    use.press_key(Qt.Key.Key_Escape)
    use.desktop.this_conversation.open()
    use.send("Between us")
    use.until_answered("Between us", "Hello")
    assert kept(use).private
    assert use.engine.requests[-1].prompt.private
    use.desktop.conversations.open_new()
    assert not use.desktop.conversations.open_conversation.options.private


def test_the_bin_keeps_no_state(use: Use) -> None:
    """What the engine computed for a deleted conversation goes; its words can be brought back."""
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    state, place = state_of(use), opened(use).id
    use.window.sidebar.delete_requested.emit(place)
    use.until(lambda: not state.exists())
    assert [message.text for message in use.desktop.parts.store.branch(place)] == ["Hello", "Hello"]


def test_probabilities_are_asked_for_where_they_are_wanted(use: Use) -> None:
    """Of the next reply, and only in this conversation."""
    use.send("One")
    use.until_answered("One", "Hello")
    assert use.engine.requests[-1].alternatives == 0
    open_popover(use)
    use.press("keeps_choices_switch")
    use.press("summarises_switch")
    use.until(lambda: kept(use) == ConversationOptions(summarises=True, keeps_choices=True))
    use.desktop.this_conversation.open()
    use.send("Two")
    use.until_answered("One", "Hello", "Two", "Hello")
    assert use.engine.requests[-1].alternatives > 0


def test_adapters_are_loaded_with_the_model(use: Use, tmp_path: Path) -> None:
    """An added one is worn at full strength, weaker when that is wished, and not at all when it was removed."""
    use.send("One")
    use.until_answered("One", "Hello")
    path = TinyAdapter().write(tmp_path / "poet.gguf")
    use.desktop.this_conversation.add_adapter(path)
    use.until(lambda: kept(use).adapters == (UsedAdapter(str(path)),))
    use.until(lambda: use.find("this_conversation").isVisible())
    use.write("Two")
    use.until(lambda: use.engine.loads[-1].adapters == (Adapter(path),))
    scale = use.find("adapter_scale")
    assert isinstance(scale, ScaleField)
    assert scale.accessibleName() == "Strength of poet.gguf"
    scale.setText("0,6")
    QTest.keyClick(scale, Qt.Key.Key_Return)
    QTest.keyClick(scale, Qt.Key.Key_Down)
    use.until(lambda: kept(use).adapters == (UsedAdapter(str(path), 0.5),))
    scale.setText("much")
    QTest.keyClick(scale, Qt.Key.Key_Return)
    assert scale.text() == "0.5"
    use.press("remove_adapter_button")
    use.until(lambda: kept(use).adapters == ())
    use.until(lambda: use.find("this_conversation").isVisible())


def test_another_adapter_is_loaded_before_somebody_writes(use: Use, tmp_path: Path) -> None:
    """The model that is in memory puts it on, and takes it off again, as soon as it is calm."""
    use.until(lambda: use.desktop.models.loading.model is not None)
    path = TinyAdapter().write(tmp_path / "poet.gguf")
    use.desktop.this_conversation.add_adapter(path)
    use.until(lambda: use.engine.loads[-1].adapters == (Adapter(path),))
    use.until(lambda: "CPU" in use.window.composer.picker.accessibleName())
    use.press("remove_adapter_button")
    use.until(lambda: use.engine.loads[-1].adapters == ())
    use.until(lambda: "CPU" in use.window.composer.picker.accessibleName())


def test_what_is_no_adapter_is_said_when_it_is_added(use: Use, tmp_path: Path) -> None:
    """A model, a text, a file that is gone: each by its name, and nothing is worn."""
    model = TinyModel().write(tmp_path / "tiny.gguf")
    text = tmp_path / "notes.gguf"
    text.write_text("Not a model at all.\n" * 9)
    gone = tmp_path / "gone.gguf"
    for path, said in ((model, "tiny.gguf is not an adapter."), (text, "notes.gguf"), (gone, "gone.gguf")):
        use.desktop.this_conversation.add_adapter(path)
        use.until(lambda said=said: said in use.notice())
    assert use.desktop.conversations.open_conversation.options.adapters == ()


def test_an_adapter_that_cannot_be_loaded_is_said(start: OpenWindow, tmp_path: Path) -> None:
    """The card tells which, and without it the question is answered."""
    path = TinyAdapter().write(tmp_path / "poet.gguf")
    engine = PlainEngine()
    with start(engine) as use:
        use.send("One")
        use.until_answered("One", "Hello")
        use.desktop.this_conversation.add_adapter(path)
        use.until(lambda: kept(use).adapters == (UsedAdapter(str(path)),))
        use.send("Two")
        use.until(lambda: use.window.findChild(QWidget, "engine_trouble_card") is not None)
        card = use.find("engine_trouble_card")
        assert "poet.gguf does not fit this model. Choose another." in card.accessibleName()
        use.press("remove_adapter_button")
        use.until(lambda: kept(use).adapters == ())
        use.press_key(Qt.Key.Key_Escape)
        use.press("retry_button")
        use.until(lambda: use.shown()[-1] == "Hello" and engine.loads[-1].adapters == ())


def test_an_adapter_that_cannot_be_loaded_is_said_once(start: OpenWindow, tmp_path: Path) -> None:
    """By the card of the reply that waited for it, not by the notice too."""
    path = TinyAdapter().write(tmp_path / "poet.gguf")
    engine = SlowPlainEngine()
    with start(engine) as use:
        use.until(lambda: use.desktop.models.loading.model is not None)
        use.desktop.this_conversation.add_adapter(path)
        use.until(engine.finding_out.reached.is_set)
        use.send("One")
        engine.finding_out.go_on()
        use.until(lambda: use.window.findChild(QWidget, "engine_trouble_card") is not None)
        assert use.notice() == ""


def test_an_adapter_that_could_not_be_loaded_is_said_until_it_is_taken_off(start: OpenWindow, tmp_path: Path) -> None:
    """Nothing has to be loaded for that."""
    path = TinyAdapter().write(tmp_path / "poet.gguf")
    with start(PlainEngine()) as use:
        use.until(lambda: use.desktop.models.loading.model is not None)
        use.desktop.this_conversation.add_adapter(path)
        use.until(lambda: "poet.gguf does not fit this model." in use.notice())
        use.press("remove_adapter_button")
        assert use.notice() == ""


def test_reasoning_is_offered_where_the_model_can(start: OpenWindow) -> None:
    """The effort goes with the next prompt; a model that does not reason has no such row."""
    with start(FakeEngine(reasoning_efforts=("off", "low", "high"))) as use:
        use.until(lambda: use.desktop.models.loading.model is not None)
        open_popover(use)
        box = use.find("effort_choice")
        assert isinstance(box, ChoiceBox)
        assert [box.itemText(at) for at in range(box.count())] == ["As in the settings", "Off", "Low", "High"]
        box.setCurrentIndex(2)
        box.activated.emit(2)
        use.desktop.this_conversation.open()
        use.send("Think")
        use.until_answered("Think", "Hello")
        assert use.engine.requests[-1].prompt.reasoning.effort == "low"
        assert kept(use).effort == "low"


def test_the_popover_is_used_by_keyboard(use: Use) -> None:
    """Its key opens it on the first switch, Space turns that, Escape gives the keyboard back."""
    open_popover(use)
    switch = use.find("private_switch")
    use.until(switch.hasFocus)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert use.desktop.conversations.open_conversation.options.private
    QTest.keyClick(switch, Qt.Key.Key_Escape)
    use.until(use.find("prompt_editor").hasFocus)
