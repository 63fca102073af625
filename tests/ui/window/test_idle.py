"""What the engine does while nobody waits for it, as the window has it done: read ahead, keep; and when not."""

from __future__ import annotations

from app.conversation import FinishReason
from app.hardware import Battery
from app.settings.values import Value
from app.ui.settings.setting_row import SettingRow
from tests.fakes import FakeEngine, Pause
from tests.ui.window.use import OpenWindow, Use

LOW = Battery(percent=12, is_discharging=True)


def drafts(engine: FakeEngine) -> list[str]:
    """The last messages of what was read ahead."""
    return [prompt.messages[-1].content for prompt in engine.warmed]


def until_loaded(use: Use) -> None:
    """Wait until the window knows that its model is there."""
    use.until(lambda: use.desktop.models.loading.model is not None)


def ask_in_a_new_one(use: Use, question: str) -> str:
    """Have a question answered in a new conversation, and give that one's id."""
    use.desktop.conversations.open_new()
    use.send(question)
    use.until_answered(question, "Hello")
    conversation = use.desktop.conversations.conversation
    assert conversation is not None
    return conversation.id


def change_setting(use: Use, key: str, value: Value) -> None:
    """Change a setting where the user does."""
    use.desktop.settings.open()
    (row,) = (row for row in use.window.findChildren(SettingRow) if row.setting.key == key)
    row.value_wished.emit(value)


def test_the_draft_is_read_while_it_is_typed(use: Use) -> None:
    """Sent is what was read: nothing of it has to be read then."""
    use.write("What does a llama eat")
    use.until(lambda: drafts(use.engine)[-1:] == ["What does a llama eat"])
    use.send("?")
    use.until_answered("What does a llama eat?", "Hello")
    assert use.engine.requests[-1].prompt.messages[-1].content == "What does a llama eat?"


def test_a_conversation_is_read_when_it_is_opened(start: OpenWindow) -> None:
    """After a restart too, as soon as its model is there, and without a word of a draft."""
    with start(FakeEngine()) as use:
        use.send("Hello")
        use.until_answered("Hello", "Hello")
    again = FakeEngine()
    with start(again) as use:
        use.until(lambda: bool(again.warmed))
        assert [message.content for message in again.warmed[0].messages] == ["Hello", "Hello"]
        conversation = use.desktop.conversations.conversation
        assert conversation is not None
        assert again.warmed[0].conversation == conversation.id


def test_typing_on_takes_the_place_of_what_is_read(use: Use) -> None:
    """A long reading gives way at once to what has been typed since."""
    until_loaded(use)
    slow = Pause()
    use.engine.will_pause_while_warming(slow)
    use.write("A long text")
    use.until(slow.reached.is_set)
    use.write(", and more")
    use.until(lambda: drafts(use.engine)[-1:] == ["A long text, and more"])


def test_what_was_counted_meanwhile_does_not_end_the_reading(use: Use) -> None:
    """Counting gives no time to reading, so reading goes on behind it."""
    until_loaded(use)
    slow = Pause()
    use.engine.will_pause_while_warming(slow)
    use.write("Some words")
    use.until(slow.reached.is_set)
    use.until(lambda: len(use.engine.warmed) > 1 and drafts(use.engine)[-1:] == ["Some words"])


def test_what_was_read_is_kept_when_it_is_calm(use: Use) -> None:
    """Some seconds after the last key, the conversation that was left before as well."""
    ids = [ask_in_a_new_one(use, question) for question in ("One", "Two")]
    use.until(lambda: set(ids) <= set(use.engine.kept))


def test_what_was_put_off_is_kept_when_it_is_calm_again(use: Use) -> None:
    """Keeping gives way to a key, and is not forgotten by that; what else was to be kept waits as well."""
    ids = [ask_in_a_new_one(use, question) for question in ("One", "Two")]
    use.desktop.conversations.open_new()
    slow = Pause()
    use.engine.will_pause_while_keeping(slow)
    use.until(slow.reached.is_set)
    use.write("And")
    use.until(lambda: drafts(use.engine)[-1:] == ["And"])
    assert use.engine.kept == []
    use.until(lambda: set(ids) <= set(use.engine.kept))


def test_what_goes_to_the_bin_is_not_kept_any_more(use: Use) -> None:
    """Not even what was being kept, and was to be kept again; nor what is answered on its way there."""
    first, second = (ask_in_a_new_one(use, question) for question in ("One", "Two"))
    slow, answering = Pause(), Pause()
    use.engine.will_pause_while_keeping(slow)
    use.until(slow.reached.is_set)
    use.window.sidebar.delete_requested.emit(second)
    use.until(lambda: use.desktop.conversations.conversation is None)
    use.engine.will_stream("Hel", answering, "lo")
    use.send("Three")
    use.until(answering.reached.is_set)
    third = use.desktop.conversations.conversation
    assert third is not None
    use.window.sidebar.delete_requested.emit(third.id)
    use.until(lambda: first in use.engine.kept)
    assert use.engine.kept == [first]


def test_what_is_answered_behind_the_view_is_kept(use: Use) -> None:
    """Its end was not seen, but what was read for it is worth as much."""
    use.engine.will_stream("Hello", reason=FinishReason.LENGTH)
    left = ask_in_a_new_one(use, "One")
    use.until(lambda: use.engine.kept == [left])
    pause = Pause()
    use.engine.will_stream(pause, " again")
    use.window.transcript.continue_requested.emit(use.messages()[-1].id)
    use.until(pause.reached.is_set)
    use.desktop.conversations.open_new()
    pause.go_on()
    use.until(lambda: use.engine.kept == [left, left])


def test_nothing_is_read_on_a_low_battery(start: OpenWindow, engine: FakeEngine) -> None:
    """Counting goes on, as it costs next to nothing."""
    with start(engine, lambda: LOW) as use:
        use.write("What does a llama eat")
        use.until(use.find("context_gauge").isVisible)
        use.send("?")
        use.until_answered("What does a llama eat?", "Hello")
        use.until(lambda: "of" in use.find("context_gauge").accessibleDescription())
        assert engine.warmed == []
        assert engine.kept == []


def test_nothing_is_read_where_it_is_switched_off(use: Use) -> None:
    """The switch is felt with the next key."""
    use.desktop.parts.settings.change("idle.prepares", False)
    use.until(lambda: use.engine.loaded is not None)
    use.write("What does a llama eat")
    use.until(use.find("context_gauge").isVisible)
    assert use.engine.warmed == []


def test_the_switch_is_felt_at_once(use: Use) -> None:
    """Off, it ends what is being done; on again, that is done after all."""
    ask_in_a_new_one(use, "One")
    slow = Pause()
    use.engine.will_pause_while_keeping(slow)
    use.until(slow.reached.is_set)
    change_setting(use, "idle.prepares", value=False)
    use.until(lambda: slow.is_over)
    assert use.engine.kept == []
    warmed = len(use.engine.warmed)
    change_setting(use, "idle.prepares", value=True)
    use.until(lambda: len(use.engine.warmed) > warmed and len(use.engine.kept) == 1)


def test_another_setting_of_the_prompt_is_felt_at_once(use: Use) -> None:
    """What was read for the old one is of no use: it is read anew before the next key."""
    until_loaded(use)
    change_setting(use, "writing.system_prompt", "Be brief.")
    use.until(lambda: drafts(use.engine)[-1:] == ["Be brief."])
    change_setting(use, "reasoning.effort", "off")
    use.until(lambda: use.engine.warmed[-1].reasoning.effort == "off")
    change_setting(use, "sampling.max_tokens", 64)
    use.until(lambda: use.engine.warmed[-1].max_tokens == 64)


def test_work_at_idle_disturbs_nothing_that_is_seen(use: Use) -> None:
    """The picker says that the model is loaded, no line says that something is done, no card comes."""
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    pause = Pause()
    use.engine.will_pause_while_warming(pause)
    use.write("And")
    use.until(pause.reached.is_set)
    picker = use.window.composer.picker
    assert "CPU" in picker.accessibleName()
    assert not use.find("stop_button").isVisible()
    assert use.notice() == ""
    pause.go_on()


def test_an_engine_that_dies_of_reading_ahead_is_left_in_peace(use: Use) -> None:
    """It is gone, quietly; the next message starts another, and nothing is read ahead until that has answered."""
    until_loaded(use)
    use.engine.will_die_while_warming()
    use.write("Poison")
    use.until(lambda: bool(use.engine.warmed))
    use.until(lambda: "not loaded" in use.window.composer.picker.accessibleName())
    assert use.notice() == ""
    use.write(" and more")
    until_loaded(use)
    use.until(use.find("context_gauge").isVisible)
    assert drafts(use.engine) == ["Poison"]
    use.send("?")
    use.until_answered("Poison and more?", "Hello")
    use.write("On")
    use.until(lambda: drafts(use.engine)[-1:] == ["On"])


def test_an_engine_that_ends_while_nothing_is_done_is_said(use: Use) -> None:
    """Once and quietly, also when the last that it did was work at idle; typing loads the model again."""
    use.send("Hello")
    use.until_answered("Hello", "Hello")
    use.until(lambda: bool(use.engine.kept))
    use.engine.die()
    use.until(lambda: "not loaded" in use.window.composer.picker.accessibleName())
    assert "ended while it was idle" in use.notice()
    use.until(lambda: not use.find("context_gauge").isVisible())
    loads = len(use.engine.loads)
    use.write("And")
    use.until(lambda: len(use.engine.loads) == loads + 1)
    use.until(lambda: "CPU" in use.window.composer.picker.accessibleName())
    use.until(lambda: drafts(use.engine)[-1:] == ["And"])


def test_somebody_who_reads_has_the_model_loaded(start: OpenWindow, engine: FakeEngine) -> None:
    """A conversation that is open for a while is likely to go on, if no other model would have to leave for it."""
    with start(engine) as use:
        use.send("Hello")
        use.until_answered("Hello", "Hello")
        first = use.desktop.conversations.conversation
        assert first is not None
        use.desktop.conversations.open_new()
        engine.will_die()
        use.send("Die")
        use.until(lambda: use.find("engine_trouble_card").isVisible())
        loads = len(engine.loads)
        use.desktop.conversations.open(first.id)
        use.until(lambda: len(engine.loads) == loads + 1)
