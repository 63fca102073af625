"""Writing and reading in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.conversation import FinishReason, MessageStatus
from app.engine.engine import EngineError
from app.ui.transcript.block_widgets.quiet import ActivityView
from tests.fakes import FakeEngine, Pause
from tests.ui.window.use import OpenWindow, Use


def test_the_first_question(use: Use) -> None:
    """One click on the question that stands ready, and the answer comes."""
    use.engine.will_stream("Letters, ", "lists.")
    use.press("question_button")
    use.until_answered("What can you help me with when I have no internet?", "Letters, lists.")
    assert use.window.top_bar.title.text().startswith("What can you help me with")


def test_shift_enter_breaks_the_line(use: Use) -> None:
    """Enter alone sends."""
    use.write("One")
    use.press_key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    use.send("two")
    use.until_answered("One\ntwo", "Hello")


def test_escape_stops_and_keeps_the_words(use: Use) -> None:
    """What was written stays, and can be continued where it ended."""
    pause = Pause()
    use.engine.will_stream("Once ", "upon ", pause, "a time")
    use.send("Tell me a story")
    use.until(lambda: use.shown()[-1:] == ["Once upon "])
    use.press_key(Qt.Key.Key_Escape)
    use.until_answered("Tell me a story", "Once upon ")
    use.until(lambda: use.messages()[-1].status is MessageStatus.CANCELLED)
    use.engine.will_stream("a time.")
    use.press("continue_button")
    use.until_answered("Tell me a story", "Once upon a time.")
    assert use.engine.requests[-1].continues_reply


def test_the_engine_dies_and_the_next_message_starts_another(use: Use) -> None:
    """The card says what happened, details are a click away, and the conversation goes on."""
    use.engine.will_die("Half a ")
    use.send("Write something")
    use.until(lambda: use.find("engine_trouble_card").isVisible())
    assert use.shown() == ["Write something", "Half a "]
    use.press("details_button")
    use.engine.will_stream("Here again.")
    loads = len(use.engine.loads)
    use.send("Are you there?")
    use.until_answered("Write something", "Half a ", "Are you there?", "Here again.")
    assert len(use.engine.loads) == loads + 1


def test_a_load_that_failed_is_not_tried_again_by_itself(start: OpenWindow, engine: FakeEngine) -> None:
    """It is said once; only the next message tries again."""
    engine.will_fail_to_load(EngineError("This model needs 7.9 GB and 6.9 GB are free."))
    with start(engine) as use:
        use.until(lambda: "7.9 GB" in use.notice())
        use.write("Hello")
        assert len(engine.loads) == 1
        use.press_key(Qt.Key.Key_Return)
        use.until_answered("Hello", "Hello")
        assert len(engine.loads) == 2


def test_a_reply_whose_model_does_not_load_can_be_tried_again(start: OpenWindow, engine: FakeEngine) -> None:
    """The question stays; the card offers to try again, and then there is an answer."""
    with start(engine) as use:
        use.until(lambda: len(engine.loads) == 1)
        engine.will_die()
        use.send("First")
        use.until(lambda: use.find("engine_trouble_card").isVisible())
        engine.will_fail_to_load(EngineError("The model file is damaged."))
        use.press("retry_button")
        use.until(lambda: len(engine.loads) == 2)
        use.until(lambda: use.messages()[-1].status is MessageStatus.ERROR)
        engine.will_stream("Now it works.")
        use.press("retry_button")
        use.until_answered("First", "Now it works.")


def test_closing_in_the_middle_keeps_the_words(start: OpenWindow) -> None:
    """The next start shows the same conversation, says that it was interrupted, and goes on with it."""
    first = FakeEngine()
    first.will_stream("Half ", Pause())
    with start(first) as use:
        use.send("Tell me more")
        use.until(lambda: use.shown()[-1:] == ["Half "])
    second = FakeEngine()
    with start(second) as use:
        use.until(lambda: use.shown() == ["Tell me more", "Half "])
        assert use.messages()[-1].status is MessageStatus.INTERRUPTED
        second.will_stream("and whole.")
        use.press("continue_button")
        use.until_answered("Tell me more", "Half and whole.")


def test_drafts_stay_with_their_conversations(start: OpenWindow) -> None:
    """What stands in the editor is there again, in each conversation and after a restart."""
    with start(FakeEngine()) as use:
        use.write("for nobody yet")
        use.desktop.conversations.open_new()
        use.window.composer.set_text("")
        use.send("Hello")
        use.until_answered("Hello", "Hello")
        use.write("half a thought")
        use.desktop.conversations.open_new()
        assert use.window.composer.text() == ""
        use.write("another")
    with start(FakeEngine()) as use:
        assert use.window.composer.text() == "another"
        entry = use.desktop.parts.store.conversations()[0]
        use.desktop.conversations.open(entry.id)
        assert use.window.composer.text() == "half a thought"


def test_a_reply_goes_on_in_a_conversation_that_is_not_in_view(use: Use) -> None:
    """One may read elsewhere meanwhile, and finds the words when one comes back."""
    pause = Pause()
    use.engine.will_stream("Begin", pause, "ning")
    use.send("Long work")
    use.until(lambda: use.shown()[-1:] == ["Begin"])
    working = use.desktop.conversations.conversation
    assert working is not None
    use.desktop.conversations.open_new()
    assert use.shown() == []
    assert not use.find("stop_button").isVisible()
    pause.go_on()
    use.until(lambda: use.desktop.parts.store.branch(working.id)[-1].status is MessageStatus.COMPLETE)
    use.desktop.conversations.open(working.id)
    use.until_answered("Long work", "Beginning")


def test_coming_back_to_a_reply_that_is_still_written(use: Use) -> None:
    """Its words so far are there, the rest arrives, and Stop is at hand."""
    first, second = Pause(), Pause()
    use.engine.will_stream("One ", first, "two ", second, "three")
    use.send("Count")
    use.until(lambda: use.shown()[-1:] == ["One "])
    counting = use.desktop.conversations.conversation
    assert counting is not None
    use.desktop.conversations.open_new()
    first.go_on()
    second.reached.wait(10)
    use.desktop.conversations.open(counting.id)
    use.until(lambda: use.shown() == ["Count", "One two "])
    assert use.find("stop_button").isVisible()
    second.go_on()
    use.until_answered("Count", "One two three")


def quiet_line(use: Use) -> str:
    """What the line under the reply says."""
    views = [view for view in use.window.findChildren(ActivityView) if view.isVisible()]
    return views[-1].accessibleName() if views else ""


def test_the_figures_of_a_reply_go_on_while_nobody_looks(use: Use) -> None:
    """Who comes back finds what was counted from its first word on."""
    first, second = Pause(), Pause()
    use.engine.will_stream("One ", "two ", first, "three ", second, "four")
    use.send("Count")
    use.until(lambda: "2 tokens" in quiet_line(use))
    counting = use.desktop.conversations.conversation
    assert counting is not None
    use.desktop.conversations.open_new()
    first.go_on()
    use.until(second.reached.is_set)
    use.desktop.conversations.open(counting.id)
    use.until(lambda: "Writing · 3 tokens" in quiet_line(use))
    second.go_on()
    use.until_answered("Count", "One two three four")


def test_a_message_that_waits_for_another_reply_says_so(use: Use) -> None:
    """It is seen for which; both are marked in the list until they are answered."""
    pause = Pause()
    use.engine.will_stream("Flour", pause, " and water")
    use.send("Bread")
    use.until(pause.reached.is_set)
    use.until(lambda: len(marked(use)) == 1)
    use.desktop.conversations.open_new()
    use.send("Lease")
    use.until(lambda: quiet_line(use) == "Waits until the reply in “Bread” is written")
    assert use.window.composer.gauge.words == ""
    assert marked(use) == ["Lease", "Bread"]
    pause.go_on()
    use.until_answered("Lease", "Hello")
    use.until(lambda: marked(use) == [])


def marked(use: Use) -> list[str]:
    """The conversations of which the list says that a reply is being written."""
    rows = use.window.sidebar.list.model()
    indices = [rows.index(row, 0) for row in range(rows.rowCount())]
    words, description = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleDescriptionRole
    return [index.data(words) for index in indices if index.data(description) == "A reply is being written"]


def test_enter_while_a_reply_comes_says_when_it_can_be_sent(use: Use) -> None:
    """The words are kept, and then they are sent."""
    pause = Pause()
    use.engine.will_stream("One", pause)
    use.send("Count")
    use.until(pause.reached.is_set)
    use.send("")
    assert use.notice() == ""
    use.send("And on")
    assert use.notice() == "This can be sent when the reply is finished, or stopped."
    assert use.window.composer.text() == "And on"
    pause.go_on()
    use.until_answered("Count", "One")
    use.send("")
    use.until_answered("Count", "One", "And on", "Hello")
    assert use.notice() == ""


def test_a_reply_at_its_limit_offers_to_go_on(use: Use) -> None:
    """A reply that was cut by the window's end or the token limit is complete, but not finished."""
    use.desktop.parts.settings.change("sampling.max_tokens", 2)
    use.engine.will_stream("As far ", "as ", reason=FinishReason.LENGTH)
    use.send("Write")
    use.until_answered("Write", "As far as ")
    use.engine.will_stream("it goes.")
    use.press("continue_button")
    use.until_answered("Write", "As far as it goes.")


@pytest.mark.parametrize("text", ["", "   ", "\t"])
def test_nothing_is_not_sent(use: Use, text: str) -> None:
    """An empty message is none."""
    use.write(text)
    use.press_key(Qt.Key.Key_Return)
    assert use.shown() == []
