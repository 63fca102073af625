"""What the model does not see any more: the gauge, the line, the summary, and pins."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.conversation import ConversationOptions, Summary
from app.engine.engine import PromptTooLongError
from app.ui.transcript.block_widgets.summary import SummaryView
from tests.fakes import FakeEngine, Pause, Thought
from tests.ui.window.use import OpenWindow, Use

LONG = " ".join(["word"] * 30)


def description(use: Use) -> str:
    """What the gauge says to somebody who does not see it."""
    return use.find("context_gauge").accessibleDescription()


def summaries(use: Use) -> list[SummaryView]:
    """The summaries in sight."""
    return [card for card in use.window.transcript.findChildren(SummaryView) if card.isVisible()]


def test_the_gauge_moves_while_one_types(use: Use) -> None:
    """It is the real tokenizer that counts, and each part has its number."""
    assert not use.find("context_gauge").isVisible()
    use.write("one two three")
    use.until(lambda: "Your draft: 3." in description(use))
    use.write(" four")
    use.until(lambda: "4 of 4,096 tokens." in description(use) and "Your draft: 4." in description(use))
    use.send("")
    use.until_answered("one two three four", "Hello")
    use.until(lambda: "Conversation, 2 messages: 5." in description(use))
    assert "Kept free for the reply: 1,024." in description(use)
    assert "nothing left out." in description(use)


def test_a_draft_that_is_too_long_is_said_before_it_is_sent(start: OpenWindow) -> None:
    """With both numbers; and no longer when it is shorter."""
    with start(FakeEngine(n_ctx=20)) as use:
        use.window.composer.set_text(LONG)
        label = use.find("too_long_label")
        use.until(label.isVisible)
        assert "30 tokens" in use.window.composer.too_long_words
        assert "20" in use.window.composer.too_long_words
        assert not use.engine.requests
        use.window.composer.set_text("short")
        use.until(lambda: not label.isVisible() and use.find("context_gauge").isVisible())


def test_a_draft_that_is_too_long_is_neither_read_nor_sent(start: OpenWindow) -> None:
    """Enter keeps it and repeats the sentence, more words make it no shorter; when it is empty nothing is said."""
    with start(FakeEngine(n_ctx=20)) as use:
        use.window.composer.set_text(LONG)
        use.until(lambda: bool(use.window.composer.too_long_words))
        read = len(use.engine.warmed)
        use.send(" and")
        assert use.window.composer.text() == f"{LONG} and"
        assert use.shown() == []
        assert use.find("send_button").toolTip() == use.window.composer.too_long_words
        use.until(lambda: "31 tokens" in use.window.composer.too_long_words)
        assert len(use.engine.warmed) == read
        use.window.composer.clear()
        assert use.window.composer.too_long_words == ""
        use.send("short")
        use.until_answered("short", "Hello")


def test_the_settings_are_near_where_a_draft_is_too_long(start: OpenWindow) -> None:
    """A larger context window is chosen there."""
    with start(FakeEngine(n_ctx=20)) as use:
        use.window.composer.set_text(LONG)
        use.press("too_long_settings_button")
        use.until(lambda: use.find("settings_page").isVisible())


def test_words_that_turn_out_too_long_when_sent_are_given_back(use: Use) -> None:
    """Nobody had counted them; they can be shortened where they were written."""
    use.engine.will_fail(PromptTooLongError("Your message is too long."))
    use.send("Many words")
    use.until(lambda: use.find("engine_trouble_card").isVisible())
    assert use.window.composer.text() == "Many words"
    assert not use.find("retry_button").isVisible()


def test_the_gauge_moves_while_a_reply_comes(use: Use) -> None:
    """What was the draft is part of the conversation when it is sent, and so is what comes."""
    use.write("one two")
    use.until(lambda: "Your draft: 2." in description(use))
    pause = Pause()
    use.engine.will_stream("Three", "four", pause, "five")
    use.send("")
    use.until(lambda: "Conversation, 2 messages: 4." in description(use))
    assert "Kept free for the reply: 1,022." in description(use)
    assert "draft" not in description(use)
    pause.go_on()
    use.until_answered("one two", "Threefourfive")


def test_the_gauge_is_there_where_one_comes_back_to_a_reply(use: Use) -> None:
    """Also where one has looked at another conversation meanwhile, and nobody counts while a reply is written."""
    pause = Pause()
    use.engine.will_stream("Three", pause, "four")
    use.send("one two")
    use.until(lambda: use.shown()[-1:] == ["Three"])
    writing = use.desktop.conversations.conversation
    assert writing is not None
    use.desktop.conversations.open_new()
    use.until(lambda: not use.find("context_gauge").isVisible())
    use.desktop.conversations.open(writing.id)
    assert use.find("context_gauge").isVisible()
    assert "Conversation, 2 messages: 3." in description(use)
    pause.go_on()


def test_a_full_window_has_a_full_gauge(start: OpenWindow) -> None:
    """And the fence: a reply that was longer than the window now is leaves no room for what was said before."""
    with start(FakeEngine()) as use:
        use.send("Hello")
        use.until_answered("Hello", "Hello")
        use.engine.will_stream(LONG)
        use.send("More")
        use.until_answered("Hello", "Hello", "More", LONG)
    with start(FakeEngine(n_ctx=20)) as use:
        use.until(use.find("context_gauge").isVisible)
        assert "20 of 20 tokens." in description(use)
        assert "Conversation, 2 messages: 20. your next message will push out the oldest." in description(use)
        assert use.desktop.conversations.open_conversation.left_out == tuple(each.id for each in use.messages()[:2])


def test_escape_puts_the_gauge_s_explanation_away(use: Use) -> None:
    """Wherever the keyboard is, and before it stops anything; words that scroll do the same."""
    use.write("one")
    use.until(use.find("context_gauge").isVisible)
    gauge = use.window.composer.gauge
    gauge.setFocus(Qt.FocusReason.TabFocusReason)
    assert gauge.card.isVisible()
    QTest.keyClick(gauge, Qt.Key.Key_Escape)
    assert not gauge.card.isVisible()
    QTest.keyClick(gauge, Qt.Key.Key_Space)
    assert gauge.card.isVisible()
    use.press_key(Qt.Key.Key_Escape)
    use.until(lambda: not gauge.card.isVisible())
    QTest.keyClick(gauge, Qt.Key.Key_Space)
    assert gauge.card.isVisible()
    use.window.transcript.verticalScrollBar().valueChanged.emit(1)
    assert not gauge.card.isVisible()


def test_a_window_that_is_nearly_full_is_told(start: OpenWindow) -> None:
    """Before the next message is written, as it will push out the oldest turn."""
    with start(FakeEngine(n_ctx=40)) as use:
        use.send(LONG)
        use.until_answered(LONG, "Hello")
        use.until(lambda: "your next message will push out the oldest." in description(use))


def test_a_long_counting_is_told(use: Use) -> None:
    """The old numbers do not stay as if they were true; afterwards the new ones stand there."""
    use.write("one")
    use.until(lambda: "Your draft: 1." in description(use))
    slow = Pause()
    use.engine.will_pause_while_counting(slow)
    use.write(" two")
    use.until(lambda: use.window.composer.gauge.words == "counting…")
    slow.go_on()
    use.until(lambda: "Your draft: 2." in description(use))


def test_what_falls_out_is_marked_and_counted(start: OpenWindow) -> None:
    """After a reply, and again when the conversation is opened the next day."""
    with start(FakeEngine(n_ctx=40)) as use:
        use.send(LONG)
        use.until_answered(LONG, "Hello")
        use.send("And ten more words that take the rest of it")
        use.until(lambda: len(use.shown()) == 4 and use.shown()[-1] == "Hello")
        use.until(lambda: use.desktop.conversations.open_conversation.left_out == (use.messages()[0].id,))
        use.until(lambda: "1 message left out." in description(use))
    with start(FakeEngine(n_ctx=40)) as use:
        use.until(lambda: use.desktop.conversations.open_conversation.left_out == (use.messages()[0].id,))


def test_a_pin_stays_and_goes_to_the_engine(use: Use) -> None:
    """It is kept on the disk, and with the next prompt."""
    use.send("Remember 42")
    use.until_answered("Remember 42", "Hello")
    message_id = use.messages()[0].id
    use.window.transcript.pin_requested.emit(message_id, True)
    use.until(lambda: use.messages()[0].pinned)
    use.until(lambda: any(prompt.messages[0].pinned for prompt in use.engine.warmed))
    use.window.transcript.pin_requested.emit(message_id, False)
    use.until(lambda: not use.messages()[0].pinned)


def test_what_falls_out_is_summed_up_and_can_be_edited(start: OpenWindow) -> None:
    """The model writes the summary when it is calm; what the user makes of it is what the model reads."""
    with start(FakeEngine(n_ctx=40)) as use:
        use.desktop.conversations.set_options(ConversationOptions(summarises=True))
        use.send(LONG)
        use.until_answered(LONG, "Hello")
        use.engine.will_stream("Ten.")
        use.send("And ten more words that take the rest of it")
        use.until(lambda: use.shown()[-1:] == ["Ten."])
        use.engine.will_stream("Words were said.")
        store, conversation = use.desktop.parts.store, use.desktop.conversations.conversation
        assert conversation is not None
        use.until(lambda: store.summary(conversation.id) is not None)
        fallen = use.messages()[0].id
        assert store.summary(conversation.id) == Summary(fallen, "Words were said.")
        use.window.transcript.summary_edited.emit("The word is word.")
        use.until(lambda: store.summary(conversation.id) == Summary(fallen, "The word is word."))
        use.until(lambda: any(prompt.summary == "The word is word." for prompt in use.engine.warmed))


def test_words_about_the_first_messages_do_not_stand_for_later_ones(start: OpenWindow) -> None:
    """The model went on while somebody rewrote its summary: it does so again, from the new words."""
    with start(FakeEngine(n_ctx=40)) as use:
        use.desktop.conversations.set_options(ConversationOptions(summarises=True))
        use.send(LONG)
        use.until_answered(LONG, "Hello")
        use.engine.will_stream("Ten.")
        use.send("And ten more words that take the rest of it")
        use.until(lambda: use.shown()[-1:] == ["Ten."])
        use.engine.will_stream("Words were said.")
        store, opened = use.desktop.parts.store, use.desktop.conversations.open_conversation
        use.until(lambda: opened.summary is not None)
        assert opened.conversation is not None
        first, place = opened.summary, opened.conversation.id
        assert first is not None
        use.window.transcript.summary_edit_began.emit()
        second = Summary(opened.messages[2].id, "And more were said.")
        opened.summarised(second)
        store.set_summary(place, second).result()
        use.window.transcript.summary_edited.emit("The word is word.")
        mine = Summary(first.last_message_id, "The word is word.")
        assert opened.summary == mine
        use.until(lambda: store.summary(place) == mine)


def test_a_summary_is_not_shown_where_none_is_wanted(start: OpenWindow) -> None:
    """The model is not told it any more, so nothing says that it were; switched on it is there again."""
    with start(FakeEngine(n_ctx=40)) as use:
        use.desktop.conversations.set_options(ConversationOptions(summarises=True))
        use.send(LONG)
        use.until_answered(LONG, "Hello")
        use.send("And ten more words that take the rest of it")
        use.until(lambda: len(use.shown()) == 4 and use.shown()[-1] == "Hello")
        use.engine.will_stream("Words were said.")
        use.until(lambda: [card.text.toPlainText() for card in summaries(use)] == ["Words were said."])
        use.desktop.conversations.set_options(ConversationOptions())
        use.until(lambda: not summaries(use))
        use.desktop.conversations.set_options(ConversationOptions(summarises=True))
        use.until(lambda: [card.text.toPlainText() for card in summaries(use)] == ["Words were said."])


def test_what_the_model_thinks_is_no_part_of_its_answer(use: Use) -> None:
    """It is shown apart while it is written, and kept apart."""
    pause = Pause()
    use.engine.will_stream(Thought("Four legs, so "), Thought("a llama."), pause, "A llama.")
    use.send("What is it?")
    use.until(pause.reached.is_set)
    assert use.shown()[-1] == ""
    pause.go_on()
    use.until_answered("What is it?", "A llama.")
    use.until(lambda: use.messages()[-1].reasoning == "Four legs, so a llama.")
